"""What a user reads of stress runs that are over: each by itself, and side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.kv.stress.client import sum_of
from autograder.kv.stress.live import table
from autograder.kv.stress.result import Latency, Result
from autograder.kv.stress.run import MOST
from autograder.verdict import Verdict

SOUND = (
    "A client whose put at version v ended in Maybe reads the key. If it finds its own value at version "
    "v + 1, the failed write had succeeded (recovered), since no other write has that value. If it finds "
    "another value there, its write was not done and never will be, since that version is taken. If it "
    "finds a later version, nothing can be said (unclear)."
)


def say(console: Console, lines: Iterable[str]) -> None:
    """Print lines as they are."""
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


# ---- one run -------------------------------------------------------------------------------------


def show(console: Console, result: Result) -> None:
    """Everything about one run."""
    console.print(table(f"{result.storage}, seed {result.seed}", result.clients))
    say(console, [*counts(result), *ending(result), *verdict(result)])


def counts(result: Result) -> Iterator[str]:
    """How much was done, how fast, and what was lost on the way."""
    answered = f"{result.throughput:.0f} answered a second"
    yield f"{result.operations} operations in {result.seconds:.1f} s, {answered}"
    if result.operations >= MOST:
        yield f"ended early: a run has at most {MOST:,} operations"
    yield f"get: {latency(result.get_ms)}"
    yield f"put: {latency(result.put_ms)}"
    for side, lost in (("server", result.lost_by_server), ("clients", result.lost_by_clients)):
        yield f"lost by the {side}: {lost.requests} requests, {lost.replies} replies"
    yield f"requests that clerks sent again: {result.sent_again}"
    total = sum_of(result.clients)
    yield f"the failed write had succeeded: {total.recovered} of {total.maybe} that ended in Maybe"
    if total.failed_gets:
        yield f"gets that ended in an error: {total.failed_gets}"


def latency(of: Latency) -> str:
    """Percentiles in a line."""
    return f"p50 {of.p50:.1f}, p90 {of.p90:.1f}, p99 {of.p99:.1f}, max {of.max:.1f} ms"


def ending(result: Result) -> Iterator[str]:
    """What the kill at the end cut short, and what it left."""
    yield f"killed by SIGKILL with {result.unanswered} operations under way"
    yield f"after a restart: {persistence(result)}"


def persistence(result: Result) -> str:
    """What was left of the acknowledged writes."""
    kept = result.persistence
    if kept.problem:
        return kept.problem
    if kept.lost == 0:
        return f"all {kept.acknowledged} acknowledged writes are there"
    lost = f"{kept.lost} of {kept.acknowledged} acknowledged writes are lost"
    return lost if kept.promised else f"{lost}: this storage is in memory"


def verdict(result: Result) -> Iterator[str]:
    """The verdict and its evidence."""
    if result.verdict is Verdict.PASS:
        yield "verdict: linearizable"
        return
    said = "not linearizable" if result.verdict is Verdict.FAIL else "undecided"
    yield f"verdict: {said}: {result.sentence}"
    yield from (f"  {operation}" for operation in result.evidence)


# ---- side by side --------------------------------------------------------------------------------


def compare(console: Console, results: Sequence[Result]) -> None:
    """Several storages, by what was measured of each."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    made.add_column("measured")
    for result in results:
        made.add_column(Text(result.storage), justify="right")
    for name, values in zip(MEASURED, zip(*map(cells, results), strict=True), strict=True):
        made.add_row(name, *values)
    console.print(made)


MEASURED = (
    "answered a second",
    "get, p50 and p99 in ms",
    "put, p50 and p99 in ms",
    "acknowledged writes kept after SIGKILL",
    "puts a second without losses, one client",
    "the same, several clients at once",
)


def cells(result: Result) -> tuple[str, ...]:
    """The column of one storage, in the order of `MEASURED`."""
    kept, found = result.persistence, result.concurrency
    assert found is not None
    times = f"{found.together / found.alone:.1f} times " if found.alone else ""
    return (
        f"{result.throughput:.0f}",
        f"{result.get_ms.p50:.1f}, {result.get_ms.p99:.1f}",
        f"{result.put_ms.p50:.1f}, {result.put_ms.p99:.1f}",
        "unreadable" if kept.problem else f"{kept.acknowledged - kept.lost} of {kept.acknowledged}",
        f"{found.alone:.0f}",
        f"{found.together:.0f} ({times}with {found.clients})",
    )
