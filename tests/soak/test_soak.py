"""The soak itself: its exit code, and that nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from autograder.catalog import REPOSITORY

ENDED = 300.0  # seconds on the wall, also where the machine is busy


def soak(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A soak whose temporary files are in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.soak", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(folder)},
    )


def test_it_is_content_with_the_solutions(tmp_path: Path) -> None:
    process = soak(tmp_path, "test_word_count", "--seeds", "2", "--mutant-seeds", "1")
    output, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 0, output
    assert list(tmp_path.iterdir()) == []


def test_deciders_and_search_agree_in_it(tmp_path: Path) -> None:
    process = soak(tmp_path, "checkers", "--histories", "8000")
    output, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 0, output
    assert "histories, in thousands: 8 runs" in output


def test_it_says_so_when_time_does_not_suffice(tmp_path: Path) -> None:
    process = soak(tmp_path, "test_word_count", "--hours", "0")
    output, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 1, output


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing_behind(tmp_path: Path, sent: signal.Signals) -> None:
    process = soak(tmp_path, "test_word_count", "--mutant-seeds", "0")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("solutions: ")
    started = psutil.Process(process.pid).children(recursive=True)
    assert started
    process.send_signal(sent)
    output, _ = process.communicate(timeout=ENDED)
    assert process.returncode == 130, output
    assert psutil.wait_procs(started, timeout=ENDED)[1] == []
    assert list(tmp_path.iterdir()) == []
