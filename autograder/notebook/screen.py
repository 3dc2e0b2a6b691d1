"""Where checks are shown: in a notebook's cell, whose table grows, or as lines of text."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Protocol

from autograder.notebook.board import Board, Failure, row
from autograder.verdict import TestVerdict


class Screen(Protocol):
    """What shows a run of checks."""

    def update(self, board: Board, verdict: TestVerdict | None = None) -> None:
        """The board has changed: by this verdict, if there is one."""

    def show(self, failure: Failure) -> None:
        """Show a failure below the board."""


class CellScreen:
    """The output of a notebook's cell."""

    def __init__(self, board: Board) -> None:
        self._display: Any = importlib.import_module("IPython.display").display
        self._handle = self._display(board, display_id=True)

    def update(self, board: Board, verdict: TestVerdict | None = None) -> None:
        self._handle.update(board)

    def show(self, failure: Failure) -> None:
        self._display(failure)


class TextScreen:
    """Standard output."""

    def __init__(self, board: Board) -> None:
        for warning in board.warnings:
            print(warning, flush=True)

    def update(self, board: Board, verdict: TestVerdict | None = None) -> None:
        if verdict is not None:
            print(row(verdict), flush=True)
        elif board.state != "running":
            print(board.summary(), flush=True)

    def show(self, failure: Failure) -> None:
        print(f"\n{failure!r}", flush=True)


def screen_here(board: Board) -> Screen:
    """A cell's output where this runs in a notebook's kernel, and lines of text anywhere else."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return CellScreen(board) if hasattr(shell, "kernel") else TextScreen(board)
