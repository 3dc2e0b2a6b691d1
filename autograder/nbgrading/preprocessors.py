"""What stands in for nbgrader's `Execute`, and what follows from it in the gradebook and in notebooks."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder.catalog import LABS, Lab
from autograder.course.one import Result, grade_files
from autograder.course.settings import CourseSettings, apply
from autograder.course.terms import Terms
from autograder.handin import HandIn
from autograder.nbgrading.feedback import account, cell_page, unknown_cell
from autograder.nbgrading.worth import checks, is_undecided, score, worths
from autograder.report.failure import drawings_in
from autograder.verdict import TestVerdict

JOB, UNDECIDED = "suite", "undecided"  # under resources["nbgrader"]
Resources = dict[str, Any]
Processed = tuple[NotebookNode, Resources]


@dataclass(frozen=True)
class Job:
    """One submission to grade."""

    lab: Lab
    hand_in: HandIn
    settings: CourseSettings
    terms: Terms


class Always(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """A preprocessor that no setting can switch off: an empty graded cell would get full marks."""

    enabled = Bool(True)


class RunSuite(Always):
    """Grades a submission by its lab's suite, and writes score, table and pictures into the cells.

    The notebook is the instructor's (`rebuild.py`), and which cell is worth what stands there alone. No
    kernel runs. A graded cell of code that no module of the suite stands for gets nothing, and is marked
    for grading by hand.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Processed:
        job: Job = resources["nbgrader"][JOB]
        with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
            result = grade_files(job.hand_in, job.lab, job.terms, Path(folder))
            drawings = drawings_in(Path(folder))
        if result.trouble:
            self.log.warning("%s: %s", resources["nbgrader"].get("student"), result.trouble)
        tests = checks(job.lab, apply(job.settings, result.grade))
        drawn = {test: svg for (lab, test), svg in drawings.items() if lab == job.lab.name}
        graded = [cell for cell in nb.cells if cell.cell_type == "code" and utils.is_grade(cell)]
        resources["nbgrader"][UNDECIDED] = [
            cell.metadata.nbgrader["grade_id"]
            for cell in graded
            if not utils.is_solution(cell) and not fill(cell, tests, drawn)
        ]
        nb.cells.insert(0, account_cell(result))
        return nb, resources


def fill(cell: NotebookNode, tests: dict[str, list[TestVerdict]], drawings: dict[str, str]) -> bool:
    """Put the score and what is said of it into a graded cell; whether it is decided."""
    about = cell.metadata.nbgrader
    found = tests.get(about["grade_id"])
    if found is None:
        put(cell, 0.0, unknown_cell(about["grade_id"]))
        return False
    name = about["grade_id"].removeprefix("check-test_").replace("_", " ")
    put(cell, score(found, about["points"]), cell_page(name, found, drawings))
    return not is_undecided(found)


def put(cell: NotebookNode, points: float, page: str) -> None:
    """The one output of a cell. nbgrader reads the score from the text of an `execute_result`."""
    data = {"text/plain": repr(points), "text/html": page}
    cell.outputs = [new_output("execute_result", data, execution_count=1)]
    cell.execution_count = 1


def account_cell(result: Result) -> NotebookNode:
    """A cell of its own, before all others, that says what was handed in."""
    locked = {"deletable": False, "editable": False}
    made: NotebookNode = new_markdown_cell(account(result), metadata=locked)
    return made


class FlagUndecided(Always):
    """Marks cells without a verdict as in need of an instructor, after their scores were saved."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Processed:
        place = resources["nbgrader"]
        with Gradebook(place["db_url"]) as gradebook:
            for cell in place.get(UNDECIDED, []):
                grade = gradebook.find_grade(
                    cell, place["notebook"], place["assignment"], place["student"]
                )
                grade.needs_manual_grade = True
            gradebook.db.commit()
        return nb, resources


class WeighCells(Always):
    """Gives the graded cells of a notebook that is handed out the points of the course's settings."""

    settings = CourseSettings()

    def preprocess(self, nb: NotebookNode, resources: Resources) -> Processed:
        lab = LABS.get(resources["nbgrader"]["assignment"])
        points = worths(lab, self.settings) if lab else {}
        for cell in nb.cells:
            if utils.is_grade(cell) and (id := cell.metadata.nbgrader["grade_id"]) in points:
                cell.metadata.nbgrader["points"] = points[id]
        return nb, resources
