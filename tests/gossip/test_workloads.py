"""Workloads without a challenge: sets, registers and locks, on right nodes and on wrong ones."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autograder.checkers import check
from autograder.checkers.history import History
from autograder.checkers.models.cas_store import CasStore
from autograder.cluster import Cluster
from autograder.gossip.drive import drive
from autograder.gossip.faults import FAULTS, Fault
from autograder.gossip.load import Load
from autograder.gossip.workload import Workload
from autograder.gossip.workloads.counters import GCounter
from autograder.gossip.workloads.g_set import GSet
from autograder.gossip.workloads.lin_kv import LinKV
from autograder.gossip.workloads.lock import Lock
from autograder.gossip.workloads.unique_ids import UniqueIds
from autograder.run import Outcome
from autograder.verdict import Verdict
from tests.helpers import run_on, write_root

G_SET = """
import asyncio
from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class AddOk(Message):
    pass


@dataclass(frozen=True)
class Add(Request[AddOk]):
    element: int


@dataclass(frozen=True)
class ReadOk(Message):
    value: list[int]


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    pass


@dataclass(frozen=True)
class Merge(Message):
    value: list[int]


class GSet(Node):
    def __init__(self, gossips: bool = True) -> None:
        self.elements: set[int] = set()
        self.gossips = gossips

    @handler
    async def add(self, request: Add) -> AddOk:
        self.elements.add(request.element)
        return AddOk()

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(sorted(self.elements))

    @handler
    async def merge(self, message: Merge) -> None:
        self.elements |= set(message.value)

    async def main(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            for peer in self.peers if self.gossips else ():
                self.send(peer, Merge(sorted(self.elements)))
"""

LIN_KV = """
from gossip.services import KV, Cas, CasOk, Read, ReadOk, Write, WriteOk
from labs.node import Node, handler


class Proxy(Node):
    def __init__(self, store: str) -> None:
        self.store = KV(self, store, timeout=0.3)

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(await self.store.read(request.key))

    @handler
    async def write(self, request: Write) -> WriteOk:
        await self.store.write(request.key, request.value)
        return WriteOk()

    @handler
    async def cas(self, request: Cas) -> CasOk:
        await self.store.cas(request.key, request.from_, request.to)
        return CasOk()
"""

LOCKS = """
import asyncio
from dataclasses import dataclass

from gossip.services import KV
from labs.node import KeyDoesNotExist, Message, Node, PreconditionFailed, Request, handler


@dataclass(frozen=True)
class AcquireOk(Message):
    pass


@dataclass(frozen=True)
class Acquire(Request[AcquireOk]):
    name: str
    owner: str


@dataclass(frozen=True)
class ReleaseOk(Message):
    pass


@dataclass(frozen=True)
class Release(Request[ReleaseOk]):
    name: str
    owner: str


class Locks(Node):
    def __init__(self, store: str = "lin-kv") -> None:
        self.store = KV(self, store, timeout=0.3)

    @handler
    async def acquire(self, request: Acquire) -> AcquireOk:
        await self.store.cas(request.name, "", request.owner, create=True)
        return AcquireOk()

    @handler
    async def release(self, request: Release) -> ReleaseOk:
        await self.store.cas(request.name, request.owner, "")
        return ReleaseOk()


class Impatient(Locks):
    def __init__(self) -> None:
        super().__init__()
        self.turns: dict[str, int] = {}

    @handler
    async def acquire(self, request: Acquire) -> AcquireOk:
        reply = await super().acquire(request)
        turn = self.turns[request.name] = self.turns.get(request.name, 0) + 1
        self.spawn(self.take_back(request, turn))
        return reply

    async def take_back(self, request: Acquire, turn: int) -> None:
        await asyncio.sleep(0.7)
        if turn != self.turns[request.name]:
            return
        try:
            await self.store.cas(request.name, request.owner, "")
        except PreconditionFailed:
            pass  # it was given back


class Careless(Locks):
    @handler
    async def acquire(self, request: Acquire) -> AcquireOk:
        try:
            if await self.store.read(request.name):
                raise PreconditionFailed("another has it")
        except KeyDoesNotExist:
            pass
        await self.store.write(request.name, request.owner)
        return AcquireOk()


class Forgetful(Node):
    def __init__(self) -> None:
        self.owners: dict[str, str] = {}

    @handler
    async def acquire(self, request: Acquire) -> AcquireOk:
        if self.owners.setdefault(request.name, request.owner) != request.owner:
            raise PreconditionFailed("another has it")
        return AcquireOk()

    @handler
    async def release(self, request: Release) -> ReleaseOk:
        if self.owners.pop(request.name, "") != request.owner:
            raise PreconditionFailed("you do not have it")
        return ReleaseOk()
"""

ODD = """
from dataclasses import dataclass
from typing import Any

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class ReadOk(Message):
    value: Any


@dataclass(frozen=True)
class Read(Request[ReadOk]):
    key: Any = None


@dataclass(frozen=True)
class GenerateOk(Message):
    pass


@dataclass(frozen=True)
class Generate(Request[GenerateOk]):
    pass


class Odd(Node):
    def __init__(self, value: Any) -> None:
        self.value = value

    @handler
    async def read(self, request: Read) -> ReadOk:
        return ReadOk(self.value)

    @handler
    async def generate(self, request: Generate) -> GenerateOk:
        return GenerateOk()
"""

LOAD = Load(
    nodes=3, concurrency=9, rate=60, time_limit=5, latency=0.02, interval=0.5, timeout=1.0, calm=2.0
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with nodes, right and wrong."""
    names = {"g_set": G_SET, "lin": LIN_KV, "locks": LOCKS, "odd": ODD}
    return write_root(tmp_path, {f"gossip/{name}.py": text for name, text in names.items()})


def outcome(
    root: Path,
    workload: type[Workload],
    program: str,
    faults: Sequence[Fault] = (),
    seed: int = 1,
    **options: Any,
) -> Outcome:
    """What a run of a workload came to."""

    async def test(cluster: Cluster) -> None:
        run = await drive(cluster, workload(), program, LOAD, faults, **options)
        run.must_hold()

    return run_on(root, test, seed, host="inline")


def test_g_set(root: Path) -> None:
    """Elements reach all nodes; without gossip the lack is told."""
    faults = [FAULTS["partition"], FAULTS["loss"], FAULTS["duplicate"]]
    right = outcome(root, GSet, "gossip/g_set.py:GSet", faults)
    assert right.verdict is Verdict.PASS, right.seen
    wrong = outcome(root, GSet, "gossip/g_set.py:GSet", gossips=False)
    assert wrong.verdict is Verdict.FAIL
    assert "lacks element" in wrong.seen


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lin_kv(root: Path, seed: int) -> None:
    """Nodes that pass everything to lin-kv are linearizable under all faults; with seq-kv they are not."""
    faults = [FAULTS[name] for name in ("services", "kill", "pause", "loss", "duplicate", "slow")]
    right = outcome(root, LinKV, "gossip/lin.py:Proxy", faults, seed, store="lin-kv")
    assert right.verdict is Verdict.PASS, right.seen
    wrong = outcome(root, LinKV, "gossip/lin.py:Proxy", (), seed, store="seq-kv")
    assert wrong.verdict is Verdict.FAIL
    assert "at key" in wrong.seen
    assert wrong.evidence


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lock(root: Path, seed: int) -> None:
    """Locks on lin-kv exclude each other under all faults; wrong ones do not, and it is told who had it."""
    faults = [FAULTS[name] for name in ("services", "kill", "pause", "loss", "duplicate", "slow")]
    right = outcome(root, Lock, "gossip/locks.py:Locks", faults, seed)
    assert right.verdict is Verdict.PASS, right.seen
    wrong = outcome(root, Lock, "gossip/locks.py:Careless", (), seed)
    assert wrong.verdict is Verdict.FAIL
    assert "at the same time" in wrong.seen or "refused its release" in wrong.seen
    apart = outcome(root, Lock, "gossip/locks.py:Forgetful", (), seed)
    assert "at the same time" in apart.seen
    lent = outcome(root, Lock, "gossip/locks.py:Impatient", (), seed)
    assert "at the same time" in lent.seen  # of an owner who is gone


def test_refused_release(root: Path) -> None:
    """A lock that its node has forgotten was not kept for its owner."""
    seen = [
        outcome(root, Lock, "gossip/locks.py:Forgetful", [FAULTS["kill"]], seed).verdict
        for seed in range(3)
    ]
    assert set(seen) == {Verdict.FAIL}
    workload, history = Lock(), History()
    for name, at, error in (("acquire", 0, None), ("release", 20, 22)):
        number = history.begin("c1", name, ("lock 0",), at, "n1")
        history.end(number, at + 10, error=error)
    finding = workload.judge(history, 0).finding
    assert finding.verdict is Verdict.FAIL
    assert "n1 refused its release with error 22" in finding.sentence
    assert len(finding.evidence) == 2


@pytest.mark.parametrize(
    ("workload", "value", "complaint"),
    [
        (GCounter, "3", "Expected `int`, got `str`"),
        (GCounter, None, "Expected `int`, got `null`"),
        (GSet, 3, "Expected `array`, got `int`"),
        (GSet, [1, "2"], "Expected `int`, got `str`"),
        (LinKV, "3", "Expected `int`, got `str`"),
        (UniqueIds, 0, "missing required field `id`"),
    ],
)
def test_malformed_replies(
    root: Path, workload: type[Workload], value: object, complaint: str
) -> None:
    """A reply that does not fit is the node's fault, with what was expected."""
    found = outcome(root, workload, "gossip/odd.py:Odd", value=value)
    assert found.verdict is Verdict.FAIL
    assert complaint in found.seen
    assert "expected was" in found.seen


# ---- the model of many registers -----------------------------------------------------------------


def lin(text: str) -> Verdict:
    """The verdict on operations `client name args result begin end`; a result `E20` is an error."""
    history = History()
    for line in text.strip().splitlines():
        client, name, args, result, begin, end = line.split()
        number = history.begin(client, name, ast.literal_eval(args), int(begin), "n1")
        if result != "?":
            error = int(result[1:]) if result.startswith("E") else None
            value = None if error else ast.literal_eval(result)
            history.end(number, int(end), value, error)
    return check(history, CasStore).verdict


@pytest.mark.parametrize(
    ("right", "text"),
    [
        (True, "c1 write (1,3) None 0 10\nc2 read (1,) 3 20 30\nc2 read (2,) E20 40 50"),
        (False, "c1 write (1,3) None 0 10\nc2 read (1,) E20 20 30"),
        (True, "c1 write (1,3) None 0 25\nc2 read (1,) E20 20 30"),
        (False, "c1 write (1,3) None 0 10\nc2 read (2,) 3 20 30"),
        (True, "c1 cas (1,3,4) E20 0 10\nc2 cas (1,3,4) E20 20 30"),
        (False, "c1 write (1,3) None 0 10\nc1 cas (1,3,4) E22 20 30"),
        (True, "c1 write (1,3) None 0 10\nc1 cas (1,2,4) E22 20 30"),
        (False, "c1 write (1,3) None 0 10\nc1 cas (1,3,4) E20 20 30"),
        (True, "c1 write (1,3) None 0 10\nc1 cas (1,3,4) None 20 30\nc2 read (1,) 4 40 50"),
        (True, "c1 write (1,3) ? 0 0\nc2 read (1,) E20 40 50\nc2 read (1,) 3 60 70"),
        (False, "c1 write (1,3) ? 0 0\nc2 read (1,) 3 40 50\nc2 read (1,) E20 60 70"),
    ],
)
def test_model_of_registers(right: bool, text: str) -> None:
    """Reads of a key that is missing are answers, and keys are independent."""
    assert lin(text) is (Verdict.PASS if right else Verdict.FAIL)
