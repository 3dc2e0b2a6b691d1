"""What nbgrader's formgrader lists: assignments that are some, and times that cannot upset it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from autograder.nbgrading.stage import timestamp_of

all_folders = NbGraderAPI.get_source_assignments


def get_source_assignments(self: NbGraderAPI) -> set[str]:
    """The folders of the source that hold a notebook: `labs/node` is none of nbgrader's."""
    return {
        name
        for name in all_folders(self)
        if any(folder_of(self, "source", name, ".").glob("*.ipynb"))
    }


def get_submitted_timestamp(
    self: NbGraderAPI, assignment_id: str, student_id: str
) -> datetime | None:
    """When a submission was handed in; None for a file in which a student wrote something else."""
    return timestamp_of(folder_of(self, "submitted", assignment_id, student_id))


def folder_of(api: NbGraderAPI, step: str, assignment: str, student: str) -> Path:
    """A folder at one step of nbgrader's."""
    place = getattr(api.coursedir, f"{step}_directory")
    return Path(api.coursedir.format_path(place, student, assignment))


def install() -> None:
    """Let all parts of nbgrader in this process list like this."""
    NbGraderAPI.get_source_assignments = get_source_assignments
    NbGraderAPI.get_submitted_timestamp = get_submitted_timestamp
