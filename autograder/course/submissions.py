"""The hand-ins of a class: a folder for each student, whatever it is called."""

from __future__ import annotations

import hashlib
import os
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from autograder.course.terms import Refused

PLAIN = frozenset(f"{string.ascii_letters}{string.digits}@+._-".encode())
LONGEST = 120  # characters of a file's name, without its ending


class Student(NamedTuple):
    """A student, as the folder of the hand-ins is called, and that folder."""

    name: str
    folder: Path

    @property
    def shown(self) -> str:
        """The name as text: bytes that are none are written out."""
        return os.fsencode(self.name).decode("utf-8", "backslashreplace")

    @property
    def file_name(self) -> str:
        """A name for files about this student, and about no other."""
        return file_name(os.fsencode(self.name))


def file_name(name: bytes) -> str:
    """Letters, digits and a few marks as they are, all else as `%XX`; a long name is cut and hashed."""
    quoted = "".join(
        chr(byte) if byte in PLAIN and (at or byte not in b".-") else f"%{byte:02X}"
        for at, byte in enumerate(name)
    )
    if len(quoted) <= LONGEST:
        return quoted
    return f"{quoted[:80]}~{hashlib.sha256(name).hexdigest()[:32]}"


def students_in(submitted: Path) -> tuple[list[Student], list[str]]:
    """The students of a folder in the order of their names, and what else lies there.

    Raises `Refused` if there is nobody. Links are followed nowhere: they are no hand-ins.
    """
    try:
        names = sorted(name for name in os.listdir(submitted) if not name.startswith("."))
    except OSError as error:
        raise Refused(f"{submitted} cannot be read: {error.strerror}.") from None
    found = [Student(name, submitted / name) for name in names]
    students = [student for student in found if is_folder(student.folder)]
    if not students:
        raise Refused(f"{submitted} holds no folder: expected is one for each student.")
    return students, list(passed_over(found))


def passed_over(found: list[Student]) -> Iterator[str]:
    """A sentence for everything that is no student's folder."""
    for other in found:
        if not is_folder(other.folder):
            what = "a link" if other.folder.is_symlink() else "no folder"
            yield f"{other.shown} was passed over: it is {what}."


def is_folder(path: Path) -> bool:
    """Whether a path is a folder itself, not a link to one."""
    return path.is_dir() and not path.is_symlink()
