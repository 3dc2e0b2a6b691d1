"""Looks around in a folder that was handed in: bounded, and never through a link."""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path

from autograder.report.text import line

DEPTH = 8  # folders inside each other
PER_FOLDER, IN_ALL = 2_000, 20_000  # entries that are looked at
SHOWN = 5  # names in one finding
SKIPPED = frozenset({"__pycache__", "__MACOSX", "node_modules"})
SUFFIXES = (".py", ".ipynb")

Parts = tuple[str, ...]  # a path inside the folder


class Unread(Exception):
    """A file that cannot be taken; the rest of a sentence that begins with its name says why."""


class Folder:
    """What lies in a folder: `files` are its `.py` files and notebooks, the outermost first.

    Of `wanted`, names of files and folders, none is missed, however many others lie around it.
    """

    def __init__(self, path: Path, wanted: Collection[str]) -> None:
        self.path = path
        self.files: list[Parts] = []
        self.findings: list[str] = []
        self._wanted = wanted
        self._links: list[Parts] = []
        self._strange: list[Parts] = []
        self._left = IN_ALL
        self._cut = False
        if path.is_symlink():
            self.findings.append("The hand-in is a link: hand in the folder itself.")
        else:
            self._look()
            self._report()

    def read(self, parts: Parts, limit: int) -> bytes:
        """A file's content; raises `Unread` if it is none, or longer than `limit` bytes."""
        try:
            descriptor = self._open(parts)
        except OSError as error:
            raise Unread(reason(error)) from None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Unread("is no regular file")
            if status.st_size > limit:
                raise Unread(f"has {status.st_size:,} bytes, more than the {limit:,} that are read")
            try:
                return file.read(status.st_size)
            except OSError as error:
                raise Unread(reason(error)) from None

    def _open(self, parts: Parts) -> int:
        """A descriptor of a file; no part of its path is a link, and a pipe keeps nobody waiting."""
        flags = os.O_RDONLY | os.O_CLOEXEC
        inside = os.open(self.path, flags | os.O_DIRECTORY)
        try:
            for name in parts[:-1]:
                outer = inside
                inside = os.open(name, flags | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=outer)
                os.close(outer)
            return os.open(parts[-1], flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
        finally:
            os.close(inside)

    def _look(self) -> None:
        waiting: deque[Parts] = deque([()])
        while waiting:
            folder = waiting.popleft()
            for name in self._names(folder):
                path = (*folder, name)
                if self._sort(path) and not is_skipped(name):
                    waiting.append(path)

    def _names(self, folder: Parts) -> Iterable[str]:
        """The names in a folder that are looked at, those that are wanted first."""
        place = self.path.joinpath(*folder)
        wanted = [name for name in self._wanted if os.path.lexists(place / name)]
        room = min(PER_FOLDER, self._left)
        try:
            with os.scandir(place) as entries:
                seen = sorted(entry.name for entry in islice(entries, room + 1))
        except OSError as error:
            self.findings.append(f"{shown(folder)} cannot be looked into: {reason(error)}.")
            return wanted
        self._cut |= len(seen) > room
        self._left -= min(len(seen), room)
        return dict.fromkeys([*wanted, *seen[:room]])

    def _sort(self, path: Parts) -> bool:
        """Keep a path for what it is; whether it is a folder to look into."""
        try:
            mode = os.lstat(self.path.joinpath(*path)).st_mode
        except OSError:
            mode = 0
        if stat.S_ISDIR(mode):
            self._cut |= len(path) > DEPTH
            return len(path) <= DEPTH
        if stat.S_ISLNK(mode):
            self._links.append(path)
        elif path[-1].lower().endswith(SUFFIXES) and not path[-1].startswith("."):
            (self.files if stat.S_ISREG(mode) else self._strange).append(path)
        return False

    def _report(self) -> None:
        if self._links:
            self.findings.append(f"Links are not followed: {names(self._links)}.")
        if self._strange:
            self.findings.append(f"Not regular files, and not read: {names(self._strange)}.")
        if self._cut:
            self.findings.append(
                f"The hand-in is too large to look at all of it: at most {PER_FOLDER:,} entries of a "
                f"folder, {IN_ALL:,} in all, {DEPTH} folders deep."
            )


def is_skipped(name: str) -> bool:
    """Whether a folder holds nothing that a student wrote, such as copies that an editor keeps."""
    return name.startswith(".") or name in SKIPPED


def reason(error: OSError) -> str:
    """What the operating system says, without the path."""
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return "is a link"
    return f"cannot be read ({os.strerror(error.errno or 0)})"


def shown(parts: Parts) -> str:
    """A path as a finding names it."""
    return line("/".join(parts) or "The hand-in", 120)


def names(paths: Collection[Parts]) -> str:
    """Some paths of many."""
    some = ", ".join(shown(path) for path in islice(paths, SHOWN))
    return some if len(paths) <= SHOWN else f"{some} and {len(paths) - SHOWN:,} more"
