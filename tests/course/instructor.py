"""What an instructor does with nbgrader, in one process, since each of its commands takes long to start.

    python instructor.py '[["generate_assignment", "lock"], ["autograde", "lock"], ["grades", "FILE"]]'

Steps are nbgrader's commands, or functions of this module that use its gradebook.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from nbgrader import apps
from nbgrader.api import Gradebook

COMMANDS = {
    "generate_assignment": apps.GenerateAssignmentApp,
    "autograde": apps.AutogradeApp,
    "generate_feedback": apps.GenerateFeedbackApp,
    "export": apps.ExportApp,
}
DATABASE = f"sqlite:///{Path.cwd() / 'gradebook.db'}"
COURSE = "distributed-systems"


def command(name: str, *arguments: str) -> None:
    """Run one of nbgrader's commands."""
    app = COMMANDS[name]()
    app.initialize(list(arguments))
    app.start()


def due(lab: str, moment: str) -> None:
    """Set when a lab is due."""
    with Gradebook(DATABASE, COURSE) as gradebook:
        gradebook.update_or_create_assignment(lab, duedate=moment)


def by_hand(lab: str, student: str, cell: str, points: str, comment: str) -> None:
    """Grade a cell by hand, and comment on it, as the formgrader does."""
    with Gradebook(DATABASE, COURSE) as gradebook:
        grade = gradebook.find_grade(cell, lab, lab, student)
        grade.manual_score, grade.needs_manual_grade = float(points), False
        gradebook.find_comment(cell, lab, lab, student).manual_comment = comment
        gradebook.db.commit()


def grades(file: str) -> None:
    """Write down all that the gradebook holds."""
    with Gradebook(DATABASE, COURSE) as gradebook:
        found = {
            each.student.id: submission(each) for each in gradebook.assignment_submissions("lock")
        }
    Path(file).write_text(json.dumps(found), encoding="utf-8")


def submission(found: Any) -> dict[str, Any]:
    """What the gradebook holds of one submission."""
    (notebook,) = found.notebooks
    return {
        "id": notebook.id,
        "score": found.score,
        "most": found.max_score,
        "penalty": notebook.late_submission_penalty,
        "cells": {
            each.cell.name: [each.score, each.max_score, each.needs_manual_grade]
            for each in notebook.grades
        },
        "comments": {each.cell.name: each.comment for each in notebook.comments},
    }


def main() -> None:
    """Take one step after the other."""
    for name, *arguments in json.loads(sys.argv[1]):
        if name in COMMANDS:
            command(name, *arguments)
        else:
            globals()[name](*arguments)


if __name__ == "__main__":
    main()
