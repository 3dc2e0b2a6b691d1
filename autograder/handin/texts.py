"""Texts as they are handed in, made plain, and the stubs that they began as."""

from __future__ import annotations

import re

from autograder.catalog import GIVEN

CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=]")


def normalised(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A text with LF at the end of each line, the last one too, and no byte order mark; what was odd."""
    notes = []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
        notes.append("was UTF-16, and was made UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        data = data.removeprefix(b"\xef\xbb\xbf")
        notes.append("had a byte order mark, which was removed")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        notes.append("had Windows line ends, which were made Unix ones")
    if not is_utf8(data) and not any(map(CODING.match, data.split(b"\n", 2)[:2])):
        notes.append("is not UTF-8, so that Python cannot read it")
    return data if data.endswith(b"\n") or not data else data + b"\n", tuple(notes)


def is_utf8(data: bytes) -> bool:
    """Whether Python reads this without being told an encoding."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def released(file: str) -> bytes:
    """What every student has of a lab's file; nothing if it is none of the lab's."""
    path = GIVEN / file
    return normalised(path.read_bytes())[0] if path.is_file() else b""
