"""What the outputs of a job say, and whether that is right."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

PLAIN = {r"\\": "\\", r"\t": "\t", r"\n": "\n", r"\r": "\r"}
LARGEST = 1 << 26  # bytes of one output
SHOWN = 60  # characters of a key or value in a sentence


class Line(NamedTuple):
    """One line of an output, with its place in words."""

    place: str
    key: str
    value: str


class WrongOutput(AssertionError):
    """What is wrong with the output of a job, in one sentence."""


def check_output(folder: Path, n_map: int, n_reduce: int, expected: Mapping[str, str]) -> None:
    """Raise `WrongOutput` unless the files `mr-*` are those of a job, and say what they must."""
    check_names(folder, n_map, n_reduce)
    found: dict[str, Line] = {}
    for y in range(n_reduce):
        for line in read_output(folder / f"mr-out-{y}"):
            if line.key in found:
                other = found[line.key].place.partition(",")[0]
                where = f"{other} and {line.place.partition(',')[0]}"
                raise WrongOutput(f"the key {show(line.key)} stands in {where}: it belongs in one")
            found[line.key] = line
    check_values({key: line.value for key, line in found.items()}, expected)


def check_names(folder: Path, n_map: int, n_reduce: int) -> None:
    """Raise `WrongOutput` if an output is missing, or a file has a name that it must not have."""
    if missing := missing_outputs(folder, n_reduce):
        raise WrongOutput(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    for path in sorted(folder.glob("mr-*")):
        if not is_name(path.name, n_map, n_reduce):
            raise WrongOutput(
                f"there is a file {show(path.name)}, but with {n_map} inputs and {n_reduce} reduce tasks "
                "no file may be called so"
            )


def missing_outputs(folder: Path, n_reduce: int) -> list[str]:
    """The outputs that are not there."""
    names = (f"mr-out-{y}" for y in range(n_reduce))
    return [name for name in names if not (folder / name).exists()]


def is_name(name: str, n_map: int, n_reduce: int) -> bool:
    """Whether a job may have a file of this name that begins with `mr-`."""
    parts = re.fullmatch(r"mr-(out|0|[1-9][0-9]*)-(0|[1-9][0-9]*)", name)
    if parts is None:
        return False
    return (parts[1] == "out" or int(parts[1]) < n_map) and int(parts[2]) < n_reduce


def read_output(path: Path) -> Iterable[Line]:
    """The lines of an output; raises `WrongOutput` for one that is none, or that is out of order."""
    try:
        text = read_file(path).decode()
    except UnicodeDecodeError as error:
        raise WrongOutput(f"{path.name} is not UTF-8: {error.reason}") from None
    *complete, rest = text.split("\n")
    if rest:
        raise WrongOutput(f"{path.name} ends in the middle of a line: {show(rest)}")
    lines = [parse(f"{path.name}, line {n}", line) for n, line in enumerate(complete, start=1)]
    for line, following in pairwise(lines):
        if following.key < line.key:
            raise WrongOutput(
                f"{following.place}: the key {show(following.key)} stands after {show(line.key)}, "
                "and an output is sorted by key"
            )
        if following.key == line.key:
            raise WrongOutput(f"{following.place}: the key {show(line.key)} stands there twice")
    return lines


def read_file(path: Path) -> bytes:
    """A file that students' code made, and so one to be careful with; raises `WrongOutput`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or path.resolve().parent != path.parent.resolve():
            raise WrongOutput(f"{path.name} is no regular file of the shared folder")
        if status.st_size > LARGEST:
            raise WrongOutput(
                f"{path.name} has {status.st_size:,} bytes, far more than it can need"
            )
        return path.read_bytes()
    except OSError as error:
        raise WrongOutput(f"{path.name} cannot be read: {error.strerror}") from None


def parse(place: str, line: str) -> Line:
    """One line of output: a key, a tab and a value, as `format_line` makes it."""
    fields = re.fullmatch(r"([^\t\r]*)\t([^\t\r]*)", line)
    if fields is None:
        raise WrongOutput(f"{place}: {show(line)} is not a key, a tab and a value")
    return Line(place, unescape(fields[1]), unescape(fields[2]))


def unescape(text: str) -> str:
    """Undo the escapes of `format_line`."""
    return re.sub(r"\\[\\tnr]", lambda escape: PLAIN[escape[0]], text)


def check_values(found: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Raise `WrongOutput` for keys that are missing, that must not be there, or have a wrong value."""
    wrong = [key for key in expected if key in found and found[key] != expected[key]]
    missing = [key for key in expected if key not in found]
    extra = [key for key in found if key not in expected]
    if missing:
        raise WrongOutput(f"no output has the key {show(missing[0])}{more(missing)}")
    if extra:
        raise WrongOutput(f"no input has the key {show(extra[0])}{more(extra)} of the output")
    if wrong:
        key = wrong[0]
        is_value, must_be = difference(found[key], expected[key])
        raise WrongOutput(
            f"the value of the key {show(key)} is {is_value} and must be {must_be}"
            f"{more(wrong, 'wrong')}"
        )


def difference(one: str, other: str) -> tuple[str, str]:
    """Two texts, from a little before the place where they begin to differ if that is far in."""
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    if place < SHOWN - 20:
        return show(one), show(other)
    return f"...{show(one[place - 20 :])}", f"...{show(other[place - 20 :])}"


def more(keys: list[str], what: str = "like it") -> str:
    """How many there are beside the first."""
    return f" ({len(keys) - 1} more are {what})" if len(keys) > 1 else ""


def show(text: str) -> str:
    """A key or a value, short enough for a sentence."""
    return ascii(text if len(text) <= SHOWN else text[:SHOWN] + "...")
