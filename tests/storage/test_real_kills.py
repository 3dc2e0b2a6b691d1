"""Real kills of real processes: no given backend loses or tears a put, and one that does is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.catalog import REPOSITORY
from autograder.suites.storage.real_kills import Served, kill_again_and_again
from tests.helpers import write_root

SOLUTIONS = str(REPOSITORY / "solutions")
KILLS = 130


@pytest.mark.parametrize("storage", ["file.py:FileStorage", "database.py:DatabaseStorage"])
def test_no_kill_loses_or_tears_a_put(storage: str, tmp_path: Path) -> None:
    served = Served((SOLUTIONS,), f"storage/{storage}", tmp_path)
    history = kill_again_and_again(served, KILLS, seed=1)
    cut_short = sum(operation.returned is None for operation in history)
    puts = sum(operation.name == "put" and operation.error is None for operation in history)
    assert cut_short > KILLS / 2
    assert puts > KILLS


WRONG = {
    "wrong.py": '''
        import time
        from storage.file import FILE, FileStorage

        class Torn(FileStorage):
            """Takes its time to write the file where it is."""

            def _write_new(self, data):
                with self._disk.open(FILE, "wb") as file:
                    file.write(data[:50])
                    time.sleep(0.002)
                    file.write(data[50:])

            def _replace(self):
                pass

        class Late(FileStorage):
            """Writes a put when the next one comes."""

            last = None

            def _write_new(self, data):
                if self.last:
                    super()._write_new(self.last)
                    super()._replace()
                self.last = data

            def _replace(self):
                pass

        class Broken(FileStorage):
            """Cannot be made."""

            def __init__(self, disk):
                raise ValueError("no luck")

        class Buggy(FileStorage):
            """Cannot put."""

            def put(self, key, value, version):
                raise ValueError("no luck")
        '''
}
FINDINGS = {
    "Torn": r"in its life \d+, the server answers with error 13: .*store.json is no JSON",
    "Late": "versioned store|put",
    "Broken": r"in its life \d, the server answers with error 13: .*no luck",
    "Buggy": r"in its life \d, the server answers with error 13: ValueError",
}


@pytest.mark.parametrize("name", FINDINGS)
def test_a_backend_that_loses_or_tears_a_put_is_found(name: str, tmp_path: Path) -> None:
    root = write_root(tmp_path / "root", WRONG)
    served = Served((SOLUTIONS,), f"{root}/wrong.py:{name}", tmp_path / "disk")
    with pytest.raises(AssertionError, match=FINDINGS[name]):
        kill_again_and_again(served, 30, seed=1)
