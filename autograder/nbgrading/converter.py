"""nbgrader's `Autograde`, which is handed only what is safe, and by which no kernel is started."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from glob import glob
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import api, autogradeapp
from nbgrader.converters import Autograde, GenerateAssignment, NbGraderException
from traitlets.utils.importstring import import_item

from autograder.catalog import LABS, Lab
from autograder.commands.options import default_jobs
from autograder.course.handed_in import collect_with_others
from autograder.course.settings import CourseSettings
from autograder.course.terms import Refused, Terms
from autograder.nbgrading import listing
from autograder.nbgrading.preprocessors import JOB, Job
from autograder.nbgrading.stage import complete, prepare
from autograder.secret import NO_SECRET

STAGE = ".autograding-"  # in the course's folder, for as long as the command runs


class SuiteAutograde(Autograde):  # type: ignore[misc]  # nbgrader has no types
    """Grades submissions by the suite of their lab.

    Every folder of a submission is graded, whatever is in it. nbgrader reads a copy of it that `stage.py`
    makes: first the instructor's notebook alone, and the student's texts when its turn has come.
    """

    settings = CourseSettings()
    _stage = ""

    @property
    def _input_directory(self) -> str:
        step: str = self._stage if self._sanitizing else self.coursedir.autograded_directory
        return step

    def start(self) -> None:
        """Grade what `coursedir` names; raises `NbGraderException`, after all others were graded."""
        self.lab = self.chosen_lab()
        self.refuse_kernels()
        self.terms = self.settled_terms()
        self.make_known()
        with tempfile.TemporaryDirectory(prefix=STAGE, dir=self.coursedir.root) as folder:
            self._stage = Path(folder).name
            self.prepare_all()
            super().start()

    def settled_terms(self) -> Terms:
        """How all of them are graded."""
        try:
            terms = replace(self.settings.terms(self.lab).settled(), jobs=default_jobs())
        except Refused as refused:
            raise self.failure(str(refused)) from None
        if terms.fingerprint() == NO_SECRET:
            self.log.warning(
                "There is no secret, so that students can know the seeds of this grading"
            )
        return terms

    def chosen_lab(self) -> Lab:
        """The lab that the assignment is named after."""
        if self.coursedir.assignment_id not in LABS:
            raise self.failure(
                f"There is no lab {self.coursedir.assignment_id!r}: expected is one of {', '.join(LABS)}."
            )
        return LABS[self.coursedir.assignment_id]

    def refuse_kernels(self) -> None:
        """Raise if a setting brought a preprocessor back that executes notebooks."""
        for each in self.sanitize_preprocessors + self.autograde_preprocessors:
            kind = import_item(each) if isinstance(each, str) else each
            if isinstance(kind, type) and issubclass(kind, ExecutePreprocessor):
                raise self.failure(
                    f"{kind.__name__} would run students' code in a kernel: remove it."
                )

    def make_known(self) -> None:
        """Enter the assignment into a gradebook that does not know it, as in a clean clone."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                gradebook.find_assignment(self.lab.name)
            except MissingEntry:
                self.log.info("%s is new here: generating the assignment", self.lab.name)
            else:
                return
        GenerateAssignment(coursedir=self.coursedir, parent=self, force=True).start()

    def prepare_all(self) -> None:
        """Make the folders in which nbgrader looks for submissions."""
        pattern = self.path(self.coursedir.submitted_directory, self.coursedir.student_id)
        for folder in filter(Path.is_dir, map(Path, sorted(glob(pattern)))):
            if (student := self.student_of(folder)) is None:
                self.log.error("%r is no name for a student: not graded", str(folder))
            else:
                prepare(folder, Path(self.path(self._stage, student)), self.sources())

    def student_of(self, folder: Path) -> str | None:
        """Whose submission a folder is; None if nbgrader could not tell."""
        place = self.coursedir.format_path(
            self.coursedir.submitted_directory, "(?P<student>.*)", re.escape(self.lab.name), True
        )
        found = re.fullmatch(place, str(folder))
        return found and found["student"]

    def sources(self) -> dict[str, Path]:
        """The instructor's notebooks of the assignment, by name."""
        folder = Path(self.path(self.coursedir.source_directory, "."))
        return {path.name: path for path in sorted(folder.glob("*.ipynb"))}

    def path(self, step: str, student: str) -> str:
        """The folder of a submission at one step of nbgrader's."""
        found: str = self.coursedir.format_path(step, student, self.lab.name)
        return found

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Collect one submission, and let nbgrader begin with what was collected."""
        submitted = Path(self.path(self.coursedir.submitted_directory, student_id))
        staged = Path(self.path(self._stage, student_id))
        self.hand_in = collect_with_others(submitted, self.lab)
        complete(submitted, staged, self.sources(), self.lab, self.hand_in)
        super().init_assignment(assignment_id, student_id)

    def init_single_notebook_resources(self, notebook_filename: str) -> dict[str, Any]:
        """What preprocessors know of a notebook; `RunSuite` finds its job there."""
        resources: dict[str, Any] = super().init_single_notebook_resources(notebook_filename)
        resources["nbgrader"][JOB] = Job(self.lab, self.hand_in, self.settings, self.terms)
        return resources

    def failure(self, sentence: str) -> NbGraderException:
        """What ends the command, after a sentence in its log."""
        self.log.error(sentence)
        return NbGraderException(sentence)


def install(settings: CourseSettings) -> None:
    """Let the commands and the formgrader of this process use it; they name the class, not a setting."""
    SuiteAutograde.settings = settings
    for module in (autogradeapp, api):
        module.Autograde = SuiteAutograde
    listing.install()
