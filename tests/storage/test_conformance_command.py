"""`autograder kv conformance`, on the backends that are given and on wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.commands.conformance import conformance
from tests.helpers import write_root

WRONG = '''
from labs.node import Disk
from storage.file import FILE, FileStorage
from storage.memory import MemoryStorage


class InPlace(FileStorage):
    """Writes the file where it is."""

    def _write_new(self, data: bytes) -> None:
        with self._disk.open(FILE, "wb") as file:
            half = len(data) // 2
            file.write(data[:half])
            file.write(data[half:])
            file.fsync()

    def _replace(self) -> None:
        self._disk.sync()


class Slip(MemoryStorage):
    """Has a bug."""

    def get(self, key):
        return self._entries[key]


class Half:
    """Lacks methods."""

    def __init__(self, disk: Disk) -> None: ...

    def get(self, key): ...
'''


def run(*arguments: str) -> Result:
    return CliRunner().invoke(conformance, arguments)


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    return str(write_root(tmp_path, {"wrong.py": WRONG}) / "wrong.py")


def test_a_backend_that_keeps_its_promises() -> None:
    result = run("file", "--kills", "5")
    assert result.exit_code == 0
    assert "file keeps 16 of 16 promises." in result.output
    assert "FAIL" not in result.output


def test_crashes_are_played_only_on_what_is_on_the_disk() -> None:
    result = run("lmdb", "--kills", "0")
    assert result.exit_code == 0
    assert "It keeps nothing on the disk of its node" in result.output
    assert "lmdb keeps 11 of 11 promises." in result.output


def test_a_backend_that_keeps_nothing() -> None:
    result = run("memory", "--kills", "3")
    assert result.exit_code == 1
    assert "items() lacks 'key 0'" in result.output
    assert "memory keeps 7 of 12 promises." in result.output


def test_a_file_that_is_written_in_place(wrong: str) -> None:
    result = run(f"{wrong}:InPlace", "--kills", "0")
    assert result.exit_code == 1
    assert (
        "of store.json of put 1, the storage does not open: store.json is no JSON" in result.output
    )
    assert "InPlace keeps 11 of 15 promises." in " ".join(result.output.split())


def test_a_bug_is_told_with_its_line(wrong: str) -> None:
    result = run(f"{wrong}:Slip", "--kills", "0")
    assert result.exit_code == 1
    assert "KeyError: 'none'" in result.output
    assert "wrong.py:" in result.output


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Half", "it has no method put, items, close"),
        ("Nobody", "there is no Nobody in this file"),
    ],
)
def test_what_is_no_backend_is_refused(wrong: str, name: str, sentence: str) -> None:
    result = run(f"{wrong}:{name}")
    assert result.exit_code == 2
    assert sentence in result.output
