"""The file of a `FileStorage`: what it must hold, and what no `FileStorage` has written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from autograder.cluster.disk import SimulatedDisk
from autograder.suites.storage.conformance import Entry, difference_of, short
from labs.node import Disk

FILE = "store.json"


def text_of(entries: Mapping[str, Entry]) -> str:
    """The text of the file that holds these entries."""
    plain = {key: entry._asdict() for key, entry in entries.items()}
    return json.dumps(plain, indent=2, ensure_ascii=False, sort_keys=True)


def content_of(disk: SimulatedDisk) -> bytes:
    """The bytes of the file; empty if there is none."""
    files = Disk(disk.perform)
    return files.open(FILE).read() if files.exists(FILE) else b""


def disk_with(content: bytes) -> SimulatedDisk:
    """A disk with such a file, durable."""
    disk = SimulatedDisk()
    files = Disk(disk.perform)
    with files.open(FILE, "wb") as file:
        file.write(content)
        file.fsync()
    files.sync()
    return disk


def problem_with(content: bytes, entries: Mapping[str, Entry]) -> str:
    """Why a file is not the one that holds these entries, in a sentence; empty if it is."""
    if not content:
        return "is not there, or empty" if entries else ""
    try:
        text = content.decode()
        found = json.loads(text)
    except ValueError as error:
        return f"is no JSON in UTF-8 ({error}): {short(content)}"
    if not isinstance(found, dict):
        return f"holds no JSON object: {short(content)}"
    plain = {key: entry._asdict() for key, entry in entries.items()}
    if found != plain:
        return difference_of(found, plain)
    return first_difference(text.rstrip("\n").split("\n"), text_of(entries).split("\n"))


def first_difference(found: list[str], wanted: list[str]) -> str:
    """The first line that is not as it should be."""
    for n, line in enumerate(wanted):
        there = found[n] if n < len(found) else "not there"
        if there != line:
            return (
                f"has other lines than it should: line {n + 1} is {short(there)}, not {short(line)}"
            )
    return "" if len(found) == len(wanted) else f"goes on after line {len(wanted)}"


def damaged(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Files that no `FileStorage` has written, made from one that it has, and what happened to each."""
    size = len(content.rstrip())
    for length in sorted({0, 1, size // 3, size // 2, size - 2, size - 1}):
        yield f"its last {len(content) - length} bytes are gone", content[:length]
    yield "its second half is null bytes", content[: size // 2].ljust(size, b"\0")
    yield "a byte in it is no UTF-8", content.replace(b"one", b"o\xffe")
    yield "it stands there twice", content + content
    for n, text in enumerate(WRONG):
        yield f"it is wrong in another way ({n + 1}: {short(text)})", text.encode()


GOOD = '{"value": "x", "version": 1}'
WRONG = (
    *("null", "[]", "17", '"text"', "[" * 100_000, "no JSON"),
    *('{"a": null}', '{"a": []}', '{"a": "x"}', '{"a": ["x", 1]}', '{"a": {}}'),
    *('{"a": {"value": "x"}}', '{"a": {"version": 1}}'),
    *('{"a": {"value": "x", "version": "1"}}', '{"a": {"value": "x", "version": 0}}'),
    *('{"a": {"value": "x", "version": -1}}', '{"a": {"value": "x", "version": 1.5}}'),
    *('{"a": {"value": "x", "version": true}}', '{"a": {"value": "x", "version": null}}'),
    *('{"a": {"value": 1, "version": 1}}', '{"a": {"value": null, "version": 1}}'),
    *(f'{{"a": {GOOD}, "b": null}}', f'{{"a": {GOOD}, "a": {GOOD}}}'),
    f'{{"a": {GOOD}, "b": {GOOD}, "a": {{"value": "y", "version": 2}}}}',
)
