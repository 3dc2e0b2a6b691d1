"""A class is graded by `nbgrader` alone, from a copy of the project: every point is the expected one."""

from __future__ import annotations

import csv
import fcntl
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.catalog import LABS
from autograder.grading.tests import list_tests
from tests.course.class_of import CLASS, LOCK, MARKER, Student
from tests.course.clone import (
    LATE,
    LEFT_OUT,
    OWN,
    WEIGHED,
    WEIGHT,
    WHY,
    Clone,
    copy_for,
    grade_class,
)
from tests.helpers import write_root
from tests.report.conftest import Reader, browser, reader

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

__all__ = ["browser", "reader"]  # fixtures


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A course whose class was graded once: by one process, where several run tests side by side."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / "graded-class"
    with (shared / "graded-class.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "once.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            grade_class(folder)
    return Clone(folder)


def worth() -> Mapping[str, int]:
    """What the tests are worth in this course."""
    said = {test.name: test.points for test in list_tests(LOCK)} | {WEIGHED: WEIGHT}
    return {name: points for name, points in said.items() if name != LEFT_OUT}


def points(student: Student) -> int:
    """What a student's files earn."""
    return sum(points for name, points in worth().items() if name not in student.fails)


# --- grading once ---------------------------------------------------------------------------------


@pytest.mark.parametrize("student", CLASS, ids=lambda student: student.name)
def test_everyone_has_the_expected_points(course: Clone, student: Student) -> None:
    found = course.grades("once.json")[student.name]
    assert found["most"] == sum(worth().values()) + WHY + OWN
    assert found["score"] == points(student)


def test_a_cell_is_worth_what_its_tests_are(course: Clone) -> None:
    cells = course.grades("once.json")["hal"]["cells"]
    assert cells["check-test_locks"] == [21, 25, False]
    assert cells["check-test_pace"] == [WEIGHT, WEIGHT, False]
    assert cells["check-test_own_store"] == [7, 7, False]


def test_what_only_people_can_grade_waits_for_them(course: Clone) -> None:
    found = course.grades("once.json")
    waiting = {name for name, each in found.items() if each["cells"]["why"] == [0, WHY, True]}
    assert waiting == {"alice", "eve"}  # the others left the cell as it was
    assert all(each["cells"]["own"] == [0, OWN, True] for each in found.values())


def test_who_is_late_pays_for_it(course: Clone) -> None:
    found = course.grades("once.json")
    assert {name for name, each in found.items() if each["penalty"]} == {"hal"}
    assert found["hal"]["penalty"] == found["hal"]["score"] > 0


def test_the_table_has_all_of_them(course: Clone) -> None:
    with (course.folder / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {name: float(row["raw_score"]) for name, row in rows.items()} == {
        student.name: points(student) for student in CLASS
    }
    assert float(rows["hal"]["score"]) == 0


def test_no_kernel_ran(course: Clone) -> None:
    assert not (course.home / MARKER).exists()


def test_nothing_is_left_of_the_copies(course: Clone) -> None:
    assert list(course.folder.glob(".autograding-*")) == []


# --- what students are told -----------------------------------------------------------------------


@pytest.mark.parametrize("student", CLASS, ids=lambda student: student.name)
def test_the_feedback_opens_and_says_what_was_found(
    course: Clone, student: Student, reader: Reader
) -> None:
    with reader.opens(without_network(course.feedback(student.name))) as watched:
        page = watched.page
        said = page.inner_text("body")
        assert [sentence for sentence in student.told if sentence not in said] == []
        assert page.evaluate("window.ran") == []
        page.evaluate("for (const each of document.images) if (!each.naturalWidth) throw each.alt")
        repeated = page.locator("dt", has_text="repeat").count()
        assert bool(repeated) == bool(student.fails)
        nothing_ran = any(said.startswith("Nothing was handed in") for said in student.told)
        assert bool(page.locator("img").count()) == (bool(repeated) and not nothing_ran)


def without_network(html: str) -> str:
    """A page of nbgrader's without the one script that it loads, which draws formulas."""
    before, script, after = html.partition(
        '<script src="https://cdnjs.cloudflare.com/ajax/libs/mathjax'
    )
    assert script
    assert "<script src" not in before + after
    return before + after.partition("</script>")[2].partition("</script>")[2]


def test_a_failure_can_be_repeated(course: Clone) -> None:
    assert "pytest labs/lock::test_names_are_independent --seed " in course.feedback("hal")


def test_answers_and_evidence_are_shown_as_they_were_written(course: Clone, reader: Reader) -> None:
    with reader.opens(without_network(course.feedback("eve"))) as watched:
        said = watched.page.inner_text("body")
        assert "<img src=x onerror=hacked(1)>" in said
        assert "<script>hacked('evidence')</script>" in said
        assert watched.page.locator("a[href^='javascript']").count() == 0


def test_feedback_holds_nothing_that_was_not_written_by_us(course: Clone) -> None:
    given = {path.name for path in (course.folder / "labs" / "lock").iterdir()}
    for step in ("autograded", "feedback"):
        kept = {path.name for path in (course.folder / step / "eve" / "lock").iterdir()}
        assert kept - given <= {"lock.html"}
        assert "lock.py" in kept


def test_what_a_student_wrote_is_still_there(course: Clone) -> None:
    kept = (course.folder / "autograded" / "hal" / "lock" / "lock.py").read_text("utf-8")
    assert kept == (course.folder / "submitted/hal/lock/lock/lock.py").read_text("utf-8")


# --- grading again --------------------------------------------------------------------------------


def test_grading_again_keeps_what_people_decided(course: Clone, tmp_path: Path) -> None:
    clone = copy_for(course, tmp_path / "clone", ("alice", "hal"))
    clone.steps(["by_hand", "lock", "alice", "why", "4", "Well seen."])
    clone.run("-m", "nbgrader", "autograde", "lock", "--force", LATE)
    clone.steps(["grades", "again.json"])
    once, again = clone.grades("once.json"), clone.grades("again.json")
    assert again["alice"]["score"] == once["alice"]["score"] + 4
    assert again["alice"]["comments"]["why"] == "Well seen."
    assert again == {**once, "alice": again["alice"]}


def test_the_formgrader_grades_by_hand_and_again(
    course: Clone, tmp_path: Path, browser: Browser
) -> None:
    clone = copy_for(course, tmp_path / "clone", ("alice",))
    write_root(clone.folder, {"submitted/mallory/lock/timestamp.txt": "whenever it suits me"})
    alice = clone.grades("once.json")["alice"]
    context = browser.new_context()
    context.set_default_timeout(120_000)
    with clone.server() as address, context:
        page = context.new_page()
        page.route("**/*", lambda route: answer(route, address))
        page.goto(f"{address}formgrader/submissions/{alice['id']}/")
        for field, ready, text in (
            ("#why", "#why_extra_credit", "3"),
            ("#file-lock-comment", "#file-lock-comment", "Seen."),
        ):
            page.locator(f"{ready}[placeholder]").wait_for()  # nbgrader's script has taken over
            page.fill(field, text)
            with page.expect_response(lambda said: said.request.method == "PUT"):
                page.locator(field).blur()
        page.goto(f"{address}formgrader/manage_assignments")
        page.locator("td.name a").first.wait_for()
        assert set(page.locator("td.name").all_inner_texts()) == set(LABS)
        page.goto(f"{address}formgrader/manage_submissions/lock")
        page.locator("tr", has_text="mallory").wait_for()
        with page.expect_response("**/autograde") as response:
            page.locator("tr", has_text="alice").locator(".autograde a").click()
        assert response.value.json()["success"]
    clone.steps(["grades", "again.json"])
    again = clone.grades("again.json")["alice"]
    assert again["cells"] == {**alice["cells"], "why": [3, WHY, True]}
    assert again["comments"] == {**alice["comments"], "file-lock": "Seen."}


def answer(route: Route, address: str) -> None:
    """Keep a page from the network: nbgrader's load a script for formulas."""
    if route.request.url.startswith(address):
        route.continue_()
    else:
        route.abort()
