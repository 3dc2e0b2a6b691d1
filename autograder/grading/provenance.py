"""What a grade rests on, so that the same can be graded again: the suite, the files, the sandbox."""

from __future__ import annotations

import functools
import hashlib
import platform
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.catalog import GIVEN, REPOSITORY, Lab
from autograder.sandbox import RUNGS
from autograder.secret import course_secret, fingerprint
from autograder.submission import problem_of
from autograder.verdict import Provenance


def provenance(root: Path, labs: Sequence[Lab], rungs: Iterable[str]) -> Provenance:
    """What a grade of these labs of a root rests on; `rungs` are those of its tests."""
    files = [file for lab in labs for file in lab.files if problem_of(root, file) is None]
    return Provenance(
        suite=suite_version(),
        python=platform.python_version(),
        sandbox=weakest(rungs),
        files={file: digest([root / file]) for file in files},
        secret=fingerprint(course_secret()),
    )


def weakest(rungs: Iterable[str]) -> str:
    """The last in the order of rungs; no test had nodes if it is empty."""
    return max(rungs, key=list(RUNGS).index, default="")


@functools.cache
def suite_version() -> str:
    """The project's version, and the first digits of the hash of what judges and of what is given."""
    sources = [
        path for folder in (REPOSITORY / "autograder", GIVEN) for path in folder.rglob("*.py")
    ]
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['version']}+{digest(sorted(sources))[:12]}"


def digest(paths: Iterable[Path]) -> str:
    """The SHA-256 of the contents of files, one after the other."""
    sha = hashlib.sha256()
    for path in paths:
        sha.update(path.read_bytes())
    return sha.hexdigest()
