"""A submission full of files that would run in the grader, graded by the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from autograder.catalog import REPOSITORY
from autograder.verdict import Grade, Verdict
from tests.helpers import write_root

LOCK = """
class Lock:
    def __init__(self, clerk, name): ...
    async def acquire(self): ...
    async def release(self): ...
"""
PASS_ALL = """
import pytest
open({mark!r}, "w").close()

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    return True
"""
PLANTED = (
    *("conftest.py", "lock/conftest.py", "lock/__init__.py", "kv/__init__.py", "sitecustomize.py"),
    *("usercustomize.py", "msgspec.py", "pytest.py", "asyncio.py", "autograder/__init__.py"),
    *("labs/__init__.py", "labs/node/__init__.py", "lock/test_all.py", "tests/conftest.py"),
)
SETTINGS = {
    "pytest.ini": "[pytest]\naddopts = --collect-only\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p conftest"\n',
    "setup.cfg": "[tool:pytest]\naddopts = -p conftest\n",
    "tox.ini": "[pytest]\naddopts = -p conftest\n",
    "evil.pth": "import conftest\n",
    "lock/results.json": '{"score": 100}',
}


def test_nothing_of_a_submission_runs_in_the_grader(tmp_path: Path) -> None:
    root = tmp_path / "submission"
    marks = {name: str(tmp_path / f"ran-{n}") for n, name in enumerate(PLANTED)}
    write_root(root, {name: PASS_ALL.format(mark=mark) for name, mark in marks.items()})
    write_root(root, {**SETTINGS, "lock/lock.py": LOCK})
    (root / "lock" / "messages.py").symlink_to("/etc/passwd")
    verdict = tmp_path / "verdict.json"
    command = [sys.executable, "-m", "autograder", "grade", str(root), "--lab", "lock"]
    done = subprocess.run(
        [*command, "--seeds", "1", "--jobs", "1", "--json", str(verdict)],
        cwd=REPOSITORY,
        env={**os.environ, "AUTOGRADER_SECRET": "known to the grader alone"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    [lab] = msgspec.json.decode(verdict.read_bytes(), type=Grade).labs
    verdicts = {test.name: test.verdict for test in lab.tests}
    assert verdicts["test_many_clients"] is Verdict.FAIL
    assert lab.points == sum(test.points for test in lab.tests) < lab.max_points
    assert not list(tmp_path.glob("ran-*"))
    assert "known to the grader" not in verdict.read_text() + done.stdout + done.stderr
