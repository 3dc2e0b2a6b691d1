"""As a student: a notebook in JupyterLab, a file written in its cell, and the checks run on it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.catalog import GIVEN, REPOSITORY
from tests.course.lab import PATIENCE, jupyter_lab, opened
from tests.mutants.mutants import apply, mutants_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SOLUTIONS = REPOSITORY / "solutions"


def test_a_student_fills_a_stub_runs_its_check_and_sees_table_and_picture(
    browser: Browser, tmp_path: Path
) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    expect.set_options(timeout=PATIENCE)
    labs = tmp_path / "labs"
    shutil.copytree(GIVEN, labs)
    right = (SOLUTIONS / "lock/lock.py").read_text(encoding="utf-8")
    (mutant,) = [
        each for each in mutants_of("lock") if str(each) == "lock/maybe_taken_for_acquired"
    ]
    wrong = (apply(mutant, SOLUTIONS, tmp_path / "wrong") / "lock/lock.py").read_text("utf-8")
    with (
        jupyter_lab(labs, tmp_path) as port,
        opened(browser, port, "lock/lock.ipynb") as notebook,
    ):
        notebook.run("from autograder.notebook import check")
        notebook.fill("%%writefile lock.py", f"%%writefile lock.py\n{wrong}")
        found = notebook.run('check("lock", "maybe")')
        expect(found).to_contain_text("FAIL")
        expect(found).to_contain_text("ChecksFailed")
        frame = found.locator("iframe").first
        frame.scroll_into_view_if_needed()
        expect(frame.content_frame.locator(".run-live > svg .evidence").first).to_be_visible()
        expect(found).to_contain_text("although")
        notebook.fill("%%writefile lock.py", f"%%writefile lock.py\n{right}")
        found = notebook.run('check("lock", "maybe")')
        expect(found).to_contain_text("40 of 40 points")
        assert (labs / "lock/lock.py").read_text(encoding="utf-8") == right
