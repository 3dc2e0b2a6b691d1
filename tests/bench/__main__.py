"""`python -m tests.bench [NAME]... [--quick]`: what is measured, the aim, and whether it is met.

Most numbers are ratios of measurements taken in turn within one run, since machines are busy. The exit
code is 1 only if a measurement itself failed.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

import click
from rich.console import Console

from tests.bench import (
    broadcast,
    checkers,
    classes,
    crowd,
    grading,
    kv,
    memory,
    messages,
    sandbox,
    side_by_side,
    starts,
    steps,
    transactions,
    word_count,
)
from tests.bench.rows import Row, table

MEASUREMENTS: dict[str, Callable[[bool], list[Row]]] = {
    "steps": steps.measure,
    "side-by-side": side_by_side.measure,
    "starts": starts.measure,
    "sandbox": sandbox.measure,
    "memory": memory.measure,
    "messages": messages.measure,
    "crowd": crowd.measure,
    "grading": grading.measure,
    "checkers": checkers.measure,
    "transactions": transactions.measure,
    "classes": classes.measure,
    "broadcast": broadcast.measure,
    "kv": kv.measure,
    "word-count": word_count.measure,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(MEASUREMENTS)), metavar="[NAME]...")
@click.option("--quick", is_flag=True, help="Fewer rounds and less input; the numbers are rougher.")
def main(names: tuple[str, ...], quick: bool) -> None:
    """Measure speed and memory, all or those named, and show them beside their aims."""
    console = Console()
    rows: list[Row] = []
    failed = False
    for name in names or MEASUREMENTS:
        with console.status(f"measuring {name}"):
            try:
                rows += MEASUREMENTS[name](quick)
            except Exception:
                failed = True
                console.print(
                    f"{name} could not be measured:\n{traceback.format_exc()}", markup=False
                )
    console.print(table(rows))
    sys.exit(failed)


if __name__ == "__main__":
    main()
