"""What chapters show: runs of the real library, drawn, and figures that a reader can move.

A figure is HTML that needs neither a kernel nor a network. Whatever a chapter shows is made by a cell.
"""

from book.figures.bars import bars
from book.figures.clocks import clocks
from book.figures.curve import curve
from book.figures.guarantees import guarantees
from book.figures.linearize import linearize, op
from book.figures.live import play, progress
from book.figures.page import Figure
from book.figures.runs import Run, run
from book.figures.slider import slider
from book.figures.stack import stack
from book.figures.suites import suite_table

__all__ = [
    "Figure",
    "Run",
    "bars",
    "clocks",
    "curve",
    "guarantees",
    "linearize",
    "op",
    "play",
    "progress",
    "run",
    "slider",
    "stack",
    "suite_table",
]
