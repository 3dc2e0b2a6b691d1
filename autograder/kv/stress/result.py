"""What a stress run found, ready for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from autograder.checkers import Operation
from autograder.kv.loss import Losses
from autograder.kv.stress.client import Tally
from autograder.verdict import Verdict


class Latency(msgspec.Struct):
    """Milliseconds from a clerk's question to its answer, with whatever it sent again."""

    p50: float
    p90: float
    p99: float
    max: float

    @staticmethod
    def of(operations: Iterable[Operation]) -> Latency:
        """Those of operations; zero if there are none."""
        took = sorted(
            (operation.returned - operation.invoked) / 1_000
            for operation in operations
            if operation.returned is not None
        )
        return Latency(*(nearest(took, percent) for percent in (50, 90, 99, 100)))


def nearest(values: Sequence[float], percent: int) -> float:
    """A percentile of sorted values, by nearest rank."""
    return values[max(0, -(-len(values) * percent // 100) - 1)] if values else 0.0


class Persistence(msgspec.Struct):
    """Acknowledged writes, and how many of them were lost when the server was killed.

    `promised` says whether the storage promises that none is. `problem` is why nothing could be read.
    """

    acknowledged: int
    lost: int
    promised: bool
    problem: str = ""

    @property
    def broken(self) -> bool:
        """Whether a promise was."""
        return self.promised and (self.lost > 0 or bool(self.problem))


class Concurrency(msgspec.Struct):
    """Puts a second without losses or pauses, by one client alone and by several at once."""

    alone: float
    together: float
    clients: int


class Result(msgspec.Struct):
    """One run on one storage."""

    storage: str
    seed: int
    seconds: float
    operations: int
    unanswered: int
    sent_again: int
    throughput: float  # answered operations a second
    get_ms: Latency
    put_ms: Latency
    clients: dict[str, Tally]
    lost_by_server: Losses
    lost_by_clients: Losses
    persistence: Persistence
    verdict: Verdict
    sentence: str
    evidence: list[str]
    concurrency: Concurrency | None = None

    @property
    def exit_code(self) -> int:
        """0 linearizable and nothing lost, 1 not, 3 undecided."""
        if self.verdict is Verdict.FAIL or self.persistence.broken:
            return 1
        return 3 if self.verdict is Verdict.UNKNOWN else 0
