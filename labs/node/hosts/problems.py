"""Turns what went wrong in a program into one sentence that names file and line, and a traceback."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import traceback
from types import FrameType
from typing import Any

from labs.node.errors import Mistake

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
PYTHON = os.path.dirname(os.__file__) + os.sep
SENTENCE, TRACEBACK = 1_000, 20_000  # characters, at most


class Roots:
    """The folders whose files are the program's own; paths in sentences are relative to them."""

    def __init__(self, *folders: str) -> None:
        self._folders = [os.path.realpath(folder) + os.sep for folder in folders]

    def own(self, filename: str) -> bool:
        """Whether a file belongs to the program, and not to the library or to Python."""
        return filename.startswith(tuple(self._folders)) and not filename.startswith(HERE)

    def shorten(self, text: str) -> str:
        """`text` with the folders' paths left out."""
        for folder in self._folders:
            text = text.replace(folder, "")
        return text

    def place(self, filename: str, line: int | None) -> str:
        """File and line as the student knows them."""
        return f"{self.shorten(filename)}:{line}"

    def caller(self) -> str | None:
        """The line of the program's own code that called into the library just now."""
        return self.line_in(sys._getframe(1))

    def line_of(self, frame: FrameType) -> str | None:
        """The line that a frame is at, if that is the program's own."""
        file = frame.f_code.co_filename
        return self.place(file, frame.f_lineno) if self.own(file) else None

    def line_in(self, frame: FrameType | None, stop_at_library: bool = False) -> str | None:
        """The innermost line of the program's own code in a stack; None if it has none.

        Nor has it one for `stop_at_library`, if that code has called the library.
        """
        while frame is not None:
            if line := self.line_of(frame):
                return line
            if stop_at_library and frame.f_code.co_filename.startswith(HERE):
                return None
            frame = frame.f_back
        return None


def sentence(problem: BaseException, roots: Roots) -> str:
    """What went wrong and where, in one line."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    text = roots.shorten(say(problem, roots))
    place = None if isinstance(problem, Mistake) and problem.place else place_of(problem, roots)
    return (f"{place}: {text}" if place else text)[:SENTENCE]


def say(problem: BaseException, roots: Roots) -> str:
    """What went wrong, in words."""
    name, text = type(problem).__name__, text_of(problem)
    if isinstance(problem, Mistake):
        return text
    if isinstance(problem, SyntaxError):
        return f"{name}: {problem.msg}"
    if isinstance(problem, SystemExit):
        return f"sys.exit({problem.code!r}) ended this node"
    if isinstance(problem, ModuleNotFoundError) and problem.name:
        return f"{text}: {missing(problem, roots)}"
    return f"{name}: {text}" if text else name


def text_of(problem: BaseException) -> str:
    """The text of an exception, in one line."""
    try:
        return " ".join(str(problem).split())
    except Exception:
        return "its text cannot be shown"


def missing(problem: ModuleNotFoundError, roots: Roots) -> str:
    """What to do about a module that is not there."""
    for frame in own_frames(problem, roots)[-1:]:
        folder = os.path.dirname(frame.filename)
        if os.path.isfile(os.path.join(folder, f"{problem.name}.py")):
            return f"write from {os.path.basename(folder)} import {problem.name}"
    return "a node can import Python's own modules, labs.node, and the files of the labs"


def own_frames(problem: BaseException, roots: Roots) -> list[traceback.FrameSummary]:
    """The lines of the program's own code in the traceback of `problem`."""
    frames = traceback.extract_tb(problem.__traceback__)
    return [frame for frame in frames if roots.own(frame.filename)]


def place_of(problem: BaseException, roots: Roots) -> str | None:
    """The line of the program's own code where `problem` came up."""
    if isinstance(problem, SyntaxError) and roots.own(problem.filename or ""):
        return roots.place(str(problem.filename), problem.lineno)
    own = own_frames(problem, roots)
    return roots.place(own[-1].filename, own[-1].lineno) if own else None


def own_traceback(problem: BaseException, roots: Roots) -> str:
    """The traceback from the program's first own line on; empty if it has none."""
    summary = traceback.TracebackException.from_exception(problem)
    trim(summary, roots)
    if isinstance(problem, Mistake):  # whose sentence says it all
        lines = ["Traceback (most recent call last):\n", *summary.stack.format()]
    else:
        lines = list(summary.format())
    if not summary.stack and not isinstance(problem, SyntaxError | BaseExceptionGroup):
        return ""
    return roots.shorten("".join(lines)).replace(PYTHON, "")[-TRACEBACK:]


def trim(summary: traceback.TracebackException, roots: Roots) -> None:
    """Leave out what is before the program's first own line, and what is the library's."""
    frames = list(summary.stack)
    first = next((n for n, frame in enumerate(frames) if roots.own(frame.filename)), len(frames))
    kept = [frame for frame in frames[first:] if not frame.filename.startswith(HERE)]
    summary.stack = traceback.StackSummary.from_list(kept)
    for inner in (summary.__cause__, summary.__context__, *(summary.exceptions or ())):
        if inner is not None:
            trim(inner, roots)


def stuck(problem: str, dump: str, roots: Roots) -> tuple[str, str]:
    """The sentence and the traceback for a program found at `dump`, as `faulthandler` prints it."""
    frames = [
        f'  File "{roots.shorten(file)}", line {line}, in {name}'
        for file, line, name in re.findall(r'File "(.+)", line (\d+) in (.+)', dump)
        if roots.own(file)
    ]
    if not frames:
        return problem, ""
    place = re.sub(r'.*"(.+)", line (\d+).*', r"\1:\2", frames[0])
    return f"{place}: {problem}", "\n".join(["Traceback (most recent call last):", *frames[::-1]])


def unawaited(coroutine: Any, roots: Roots) -> str:
    """The sentence for a coroutine that nobody awaited."""
    made = next(((f, n) for f, n, _ in coroutine.cr_origin or () if roots.own(f)), None)
    place = f"{roots.place(*made)}: " if made else ""
    name = coroutine.__qualname__.replace("Node.", "self.").rpartition(".<locals>.")[2]
    return f"{place}{name}() was never awaited, so it never ran: write await in front of it"


def dropped(coroutine: Any, roots: Roots) -> str:
    """The sentence for the coroutine of a task that was lost while it waited."""
    code = coroutine.cr_code
    place = roots.place(code.co_filename, code.co_firstlineno)
    name = coroutine.__qualname__.rpartition(".")[2]
    return f"{place}: the task {name}() vanished while it waited: start it with self.spawn"


def is_quiet(problem: BaseException) -> bool:
    """Whether an exception is the ordinary end of a task and no problem."""
    return isinstance(problem, asyncio.CancelledError)
