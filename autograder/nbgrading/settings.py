"""nbgrader's settings for this course."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from traitlets.config import Config

from autograder.catalog import LABS
from autograder.course.settings import CourseSettings, read_settings
from autograder.nbgrading.converter import install
from autograder.nbgrading.preprocessors import WeighCells

HERE = "autograder.nbgrading.preprocessors"
NBGRADER = "nbgrader.preprocessors"
HAND_OUT = [  # all of nbgrader's but those that look for solutions, which are not in these notebooks
    f"{HERE}.WeighCells",
    f"{NBGRADER}.LockCells",
    f"{NBGRADER}.ClearOutput",
    f"{NBGRADER}.CheckCellMetadata",
    f"{NBGRADER}.ComputeChecksums",
    f"{NBGRADER}.SaveCells",
]
GRADE = [  # nbgrader's, with `RunSuite` in the place of `Execute`
    f"{HERE}.RunSuite",
    f"{NBGRADER}.IgnorePattern",
    f"{NBGRADER}.LimitOutput",
    f"{NBGRADER}.SaveAutoGrades",
    f"{HERE}.FlagUndecided",
    f"{NBGRADER}.AssignLatePenalties",
    f"{NBGRADER}.CheckCellMetadata",
]


def configure(config: Config, folder: Path) -> None:
    """Set nbgrader up for the course in `folder`; raises `SettingsError` for a wrong course.toml."""
    file = folder / "course.toml"
    settings = read_settings(file) if file.exists() else CourseSettings(folder=str(folder))
    WeighCells.settings = settings
    install(settings)
    find_alembic()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.course_id = "distributed-systems"
    config.CourseDirectory.source_directory = "labs"
    config.GenerateAssignment.preprocessors = HAND_OUT
    config.Autograde.autograde_preprocessors = GRADE
    config.Autograde.exclude_overwriting = {
        lab.name: [file.partition("/")[2] for file in lab.files] for lab in LABS.values()
    }


def find_alembic() -> None:
    """Let nbgrader find the command that makes a gradebook, also where its environment is not active."""
    beside, path = str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)
    if beside not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([beside, path])
