"""Turns what went wrong in a program into one sentence that names file and line, and a traceback."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from types import CodeType, FrameType

from labs.node.errors import Mistake

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Roots:
    """The folders whose files are the program's own; paths in sentences are relative to them."""

    def __init__(self, *folders: str) -> None:
        self._folders = [os.path.realpath(folder) + os.sep for folder in folders]

    def own(self, filename: str) -> bool:
        """Whether a file belongs to the program, and not to the library or to Python."""
        return filename.startswith(tuple(self._folders)) and not filename.startswith(HERE)

    def short(self, filename: str) -> str:
        """The path of a file as the student knows it."""
        for folder in self._folders:
            if filename.startswith(folder):
                return filename[len(folder) :]
        return filename

    def shorten(self, text: str) -> str:
        """`text` with the folders' paths left out."""
        for folder in self._folders:
            text = text.replace(folder, "")
        return text

    def caller(self) -> str | None:
        """The file and line of the program's own code that called into the library just now."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            code: CodeType = frame.f_code
            if self.own(code.co_filename):
                return f"{self.short(code.co_filename)}:{frame.f_lineno}"
            frame = frame.f_back
        return None


def sentence(problem: BaseException, roots: Roots) -> str:
    """What went wrong and where, in one line."""
    text = roots.shorten(" ".join(str(problem).split()))
    if isinstance(problem, SyntaxError):
        file = roots.short(problem.filename or "?")
        return f"{file}:{problem.lineno}: {type(problem).__name__}: {problem.msg}"
    place = last_place(problem, roots)
    if isinstance(problem, Mistake):
        return text if place is None or ".py:" in text else f"{place}: {text}"
    name = type(problem).__name__
    said = f"{name}: {text}" if text else name
    return f"{place}: {said}" if place else said


def last_place(problem: BaseException, roots: Roots) -> str | None:
    """The innermost line of the program's own code in the traceback of `problem`."""
    own = [f for f in traceback.extract_tb(problem.__traceback__) if roots.own(f.filename)]
    return f"{roots.short(own[-1].filename)}:{own[-1].lineno} in {own[-1].name}" if own else None


def own_traceback(problem: BaseException, roots: Roots) -> str:
    """The traceback from the program's first own line on; empty if it has none."""
    summary = traceback.TracebackException.from_exception(problem)
    frames = list(summary.stack)
    first = next((n for n, f in enumerate(frames) if roots.own(f.filename)), None)
    if first is None:
        return ""
    summary.stack = traceback.StackSummary.from_list(frames[first:])
    return roots.shorten("".join(summary.format()))


def unawaited(coroutine: object, roots: Roots) -> str:
    """The sentence for a coroutine that nobody awaited."""
    origin = getattr(coroutine, "cr_origin", None) or ()
    place = next((f"{roots.short(f)}:{line}: " for f, line, _ in origin if roots.own(f)), "")
    name = getattr(coroutine, "__qualname__", "a coroutine")
    return f"{place}{name}() was never awaited, so it never ran: write await in front, or self.spawn(...)"


def is_quiet(problem: BaseException) -> bool:
    """Whether an exception is the ordinary end of a task and no problem."""
    return isinstance(problem, asyncio.CancelledError)
