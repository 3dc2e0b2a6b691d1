"""Runs checks from a notebook, and shows them while they run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from autograder.catalog import LABS, Lab
from autograder.commands.options import default_jobs
from autograder.notebook.beside import differences
from autograder.notebook.board import Board, Failure
from autograder.notebook.child import Child, Lost
from autograder.notebook.events import Checks, Decided, Event, Planned, Refused
from autograder.notebook.screen import Screen, screen_here
from autograder.report.failure import figures_in
from autograder.report.terminal import grouped
from autograder.report.text import block

SHOWN = 2  # failures, of those that differ, that are shown whole
TOLD = 1_500  # characters of the first one in the error


class Brief:
    """An exception that a notebook shows as its sentence, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class ChecksFailed(Brief, Exception):
    """Not all checks passed."""


class CannotCheck(Brief, Exception):
    """There is nothing to run, or it did not run."""


class ChecksInterrupted(Brief, KeyboardInterrupt):
    """The checks were interrupted; nothing of them runs any more."""


def show_checks(name: str, part: str) -> None:
    """See `autograder.notebook.check`."""
    if name not in LABS:
        raise CannotCheck(f"there is no lab {name!r}: the labs are {', '.join(LABS)}.")
    lab, folder = LABS[name], Path.cwd()
    root = root_of(folder, lab)
    board = Board(name, list(differences(root / name, lab)))
    screen = screen_here(board)
    words: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="figures-") as figures:
        run(checks(root, lab, part, figures), board, screen, words)
        show_failures(board, screen, words, figures_in(Path(figures)))
    if failed := board.failed:
        first = f"{failed[0].name}\n{block(words[failed[0].name], TOLD)}"
        raise ChecksFailed(f"{board.summary()}.\n{first}")


def root_of(folder: Path, lab: Lab) -> Path:
    """The root whose files are checked: the one in whose lab folder, or in which, the notebook stands."""
    if folder.name == lab.name:
        return folder.parent
    if (folder / lab.name).is_dir():
        return folder
    raise CannotCheck(
        f"the notebook of {lab.name} belongs into a folder {lab.name}, and this one is {folder.name}."
    )


def checks(root: Path, lab: Lab, part: str, figures: str) -> Checks:
    """The order for the process that runs them."""
    return Checks(
        root=str(root),
        lab=lab.name,
        part=part,
        figures=figures,
        shown=os.path.relpath(root),
        jobs=1 if part else default_jobs(),
    )


def run(order: Checks, board: Board, screen: Screen, words: dict[str, str]) -> None:
    """Run checks, and keep the board and the words of failures up to date."""
    try:
        with Child(order) as child:
            for event in child.events():
                take(event, board, screen, words)
    except KeyboardInterrupt:
        board.state = "interrupted"
        screen.update(board)
        raise ChecksInterrupted("the checks were interrupted.") from None
    except Lost as lost:
        said = f"the checks ended too early. That is our fault, please report it.\n{lost}"
        raise CannotCheck(said) from None
    board.state = "done"
    screen.update(board)


def take(event: Event, board: Board, screen: Screen, words: dict[str, str]) -> None:
    """Show one event."""
    match event:
        case Refused(why):
            raise CannotCheck(why)
        case Planned(tests):
            board.tests, board.state = tests, "running"
            screen.update(board)
        case Decided(verdict, said):
            board.verdicts[verdict.name] = verdict
            words[verdict.name] = said
            screen.update(board, verdict)


def show_failures(
    board: Board, screen: Screen, words: Mapping[str, str], figures: Mapping[tuple[str, str], str]
) -> None:
    """Show the first failures; of those that look alike, one."""
    for alike in grouped(board.failed)[:SHOWN]:
        name = alike[0].name
        screen.show(Failure(name, words[name], figures.get((board.lab, name))))
