"""A stress run while it goes on: a table that changes in a terminal, lines where nobody watches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from autograder.kv.stress.client import Tally, sum_of
from autograder.kv.stress.run import Watch

LINES = 10  # at most
COLUMNS = {
    "gets": "gets",
    "puts": "puts",
    "conflicts": "conflicts",
    "maybe": "Maybe",
    "recovered": "recovered",
    "not_done": "not done",
    "unclear": "unclear",
    "retries": "retries",
}


@contextmanager
def watching(console: Console, storage: str, seconds: float) -> Iterator[Watch]:
    """Show a run to whoever watches."""
    if not console.is_terminal:
        yield Lines(console, storage, seconds).show
        return
    with Live(console=console, transient=True) as live:
        yield lambda now, tallies: live.update(
            table(f"{storage}, {now:.1f} of {seconds:g} s", tallies)
        )


class Lines:
    """Some lines of progress."""

    def __init__(self, console: Console, storage: str, seconds: float) -> None:
        self._console = console
        self._storage = storage
        self._step = max(1.0, seconds / LINES)
        self._next = self._step

    def show(self, now: float, tallies: Mapping[str, Tally]) -> None:
        """Say how far the run is, if it is time for a line."""
        if now < self._next:
            return
        self._next += self._step
        total = sum_of(tallies)
        counts = f"{total.gets} gets, {total.puts} puts, {total.conflicts} conflicts"
        line = f"{self._storage}, {now:.1f} s: {counts}, {total.maybe} Maybe"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def table(title: str, tallies: Mapping[str, Tally]) -> Table:
    """What every client has done so far, and their sum."""
    made = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1))
    made.add_column("client", no_wrap=True, max_width=20)
    for heading in COLUMNS.values():
        made.add_column(heading, justify="right")
    for name, tally in [*tallies.items(), ("all", sum_of(tallies))]:
        made.add_row(Text(name), *(str(getattr(tally, field)) for field in COLUMNS))
    return made
