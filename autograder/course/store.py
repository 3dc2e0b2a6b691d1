"""The results of a class on disk: a file for each student, whole or not there."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from autograder.catalog import Lab
from autograder.course.one import Result, bounded, digest
from autograder.course.submissions import Student
from autograder.course.terms import Refused, Terms
from autograder.grading.provenance import suite_version
from autograder.handin import HandIn
from autograder.report.text import SENTENCE, line

UNFINISHED = ".new-"  # how the name of a file begins that is not whole yet


class Record(msgspec.Struct, frozen=True):
    """What is kept of a student: the result, and the key of all that it rests on."""

    student: str
    key: str
    sandbox: str
    result: Result


class Store:
    """The folder of one lab's results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._students = folder / "students"
        self._students.mkdir(parents=True, exist_ok=True)

    def file(self, student: Student) -> Path:
        """Where a student's record is."""
        return self._students / f"{student.file_name}.json"

    def page(self, student: Student) -> Path:
        """Where the report for a student is."""
        return self._students / f"{student.file_name}.html"

    def pictures(self, student: Student) -> Path:
        """Where the pictures of a student's failures are."""
        return self._students / f"{student.file_name}.pictures"

    @contextmanager
    def drawing(self, student: Student) -> Iterator[Path]:
        """A new folder, which replaces the student's pictures when it is left, unless it is empty."""
        drawn = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self._students))
        try:
            yield drawn
            shutil.rmtree(self.pictures(student), ignore_errors=True)
            drawn.rename(self.pictures(student)) if any(drawn.iterdir()) else drawn.rmdir()
        except BaseException:
            shutil.rmtree(drawn)
            raise

    def read(self, student: Student) -> Record | None:
        """A student's record; None if there is none, or none that can be read."""
        try:
            return msgspec.json.decode(bounded(self.file(student)), type=Record)
        except (OSError, ValueError):
            return None

    def write(self, student: Student, record: Record) -> None:
        """Keep a record; a kill at any moment leaves this one or the one before."""
        with writing(self.file(student)) as file:
            file.write(msgspec.json.encode(record).decode())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from grading into this folder; raises `Refused` if one does already."""
        import fcntl  # which Windows has not, where nothing is graded

        with (self.folder / ".lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Refused(f"Another grade-class is at work in {self.folder}.") from None
            for left in list(self.folder.rglob(f"{UNFINISHED}*")):  # by one that was killed
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield


@contextmanager
def writing(file: Path) -> Iterator[IO[str]]:
    """A file to write, which takes its name in one step when it is whole; no crash divides that."""
    descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=file.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def key_of(hand_in: HandIn, lab: Lab, terms: Terms) -> str:
    """The hash of all that decides a result: under the same key nothing is graded twice."""
    rests_on = [
        lab.name,
        digest(hand_in.files),
        [line(finding, SENTENCE) for finding in hand_in.findings],
        suite_version(),
        platform.python_version(),
        terms.sandbox,
        terms.seeds,
        terms.fingerprint(),
    ]
    return hashlib.sha256(msgspec.json.encode(rests_on)).hexdigest()
