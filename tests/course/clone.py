"""A copy of the project in which an instructor grades the class of `class_of.py` with nbgrader."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.catalog import REPOSITORY
from tests.course.class_of import hand_in
from tests.helpers import write_root

LEFT_OUT, WEIGHED, WEIGHT = "test_waiting_costs_little", "test_pace", 12
SETTINGS = f"""
    seeds = 1
    [labs.lock]
    left_out = ["{LEFT_OUT}"]
    [labs.lock.weights]
    {WEIGHED} = {WEIGHT}
    """
WHY, OWN = 5, 3  # points of the cells that the instructor has added
LATE = "--LateSubmissionPlugin.penalty_method=zero"
COPIED = ("autograder", "labs", "nbgrader_config.py", "pyproject.toml")
INSTRUCTOR = Path(__file__).with_name("instructor.py")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


@dataclass
class Clone:
    """The folder in which an instructor works."""

    folder: Path

    def run(self, *arguments: str) -> None:
        """Run Python there for an instructor."""
        said = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=500,
        )
        assert said.returncode == 0, said.stdout[-4000:]

    def steps(self, *steps: list[str]) -> None:
        """Take steps of `instructor.py`."""
        self.run(str(INSTRUCTOR), json.dumps(steps))

    @contextmanager
    def server(self) -> Iterator[str]:
        """The address of a Jupyter server on the folder, with nbgrader's formgrader."""
        options = ["--allow-root", "--no-browser", "--ip=127.0.0.1", "--port=0"]
        options += ["--IdentityProvider.token=", "--ServerApp.password="]
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", *options],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        with process, process.stderr as said, ThreadPoolExecutor(1) as drain:
            try:
                address = next(filter(None, map(ADDRESS.search, said)))[0]
                drain.submit(said.read)  # a full pipe would stop the server
                yield address
            finally:
                process.kill()

    @property
    def environment(self) -> dict[str, str]:
        """What the instructor's processes see: nothing of this test, and no settings of its user."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "AUTOGRADER"))}
        places = {f"JUPYTER_{each}_DIR": str(self.home) for each in ("CONFIG", "RUNTIME", "DATA")}
        return {**kept, **places, "HOME": str(self.home), "PYTHONWARNINGS": "ignore"}

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def grades(self, name: str) -> dict[str, Any]:
        """What the step `grades` wrote into a file, by student."""
        found: dict[str, Any] = json.loads((self.folder / name).read_text(encoding="utf-8"))
        return found

    def feedback(self, student: str) -> str:
        return (self.folder / "feedback" / student / "lock" / "lock.html").read_text("utf-8")


def grade_class(folder: Path) -> None:
    """Copy the project, let the class hand in, and grade it: `once.json` is written last."""
    folder.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy2
        copy(REPOSITORY / name, folder / name)
    write_root(folder, {"course.toml": SETTINGS, "home/.keep": ""})
    add_cells(folder / "labs" / "lock" / "lock.ipynb")
    clone = Clone(folder)
    clone.steps(["generate_assignment", "lock"], ["due", "lock", "2030-01-01 00:00:00 UTC"])
    hand_in(folder / "submitted", folder / "release" / "lock" / "lock.ipynb")
    clone.steps(
        ["autograde", "lock", LATE],
        ["generate_feedback", "lock"],
        ["export"],
        ["grades", "once.json"],
    )


def add_cells(notebook: Path) -> None:
    """Add a question that a person grades, and a graded cell that no suite knows."""
    source = json.loads(notebook.read_text(encoding="utf-8"))
    source["cells"] += [added("why", "markdown", WHY, True), added("own", "code", OWN, False)]
    notebook.write_text(json.dumps(source), encoding="utf-8")


def added(id: str, cell_type: str, points: int, solution: bool) -> dict[str, Any]:
    """A graded cell of an instructor's."""
    about = {"schema_version": 3, "grade_id": id, "grade": True, "solution": solution}
    about |= {"points": points, "locked": not solution, "task": False}
    cell = {"cell_type": cell_type, "id": id, "metadata": {"nbgrader": about}, "source": "Why?"}
    return cell | ({"outputs": [], "execution_count": None} if cell_type == "code" else {})


def copy_for(clone: Clone, folder: Path, students: tuple[str, ...]) -> Clone:
    """A copy of a graded course to go on with, in which only some hand in again."""
    shutil.copytree(clone.folder, folder, ignore=shutil.ignore_patterns("submitted"))
    for student in students:
        shutil.copytree(clone.folder / "submitted" / student, folder / "submitted" / student)
    return Clone(folder)
