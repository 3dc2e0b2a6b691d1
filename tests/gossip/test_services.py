"""The services: what they promise holds, what they do not promise shows, and nonsense is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from msgspec import Raw
from msgspec.structs import replace

from autograder.catalog import REPOSITORY
from autograder.checkers import CasRegister, Operation, check
from autograder.cluster import Cluster, rules
from autograder.cluster.client import Client
from autograder.gossip import services as module
from autograder.gossip.services import Services, existing
from autograder.gossip.stores import WINDOW, Act, LastWriteWins, Linearizable, Sequential, Store
from autograder.run import Test
from autograder.verdict import Verdict
from labs.node.errors import (
    CallTimeout,
    KeyDoesNotExist,
    MalformedRequest,
    NotSupported,
    PreconditionFailed,
    RPCError,
    Unavailable,
)
from tests.helpers import run_on, write_root

SOLUTIONS = REPOSITORY / "solutions"
STORES = ("lin-kv", "seq-kv", "lww-kv")


def passes(test: Test, seed: int = 1, root: Path = SOLUTIONS) -> None:
    """Run a test of a cluster, which must pass."""
    outcome = run_on(root, test, seed, host="inline")
    assert outcome.verdict is Verdict.PASS, outcome.seen


def talker(cluster: Cluster, name: str = "n1") -> Client:
    """Someone who talks to services."""
    made = Client(cluster, name)
    cluster.attach(name, made.receive)
    return made


async def ask(client: Client, service: str, kind: str, **fields: Any) -> dict[str, Any]:
    """Ask a service."""
    names = {name.rstrip("_"): value for name, value in fields.items()}
    return await client.call(service, {"type": kind, **names}, 1.0)


# ---- each operation, as the protocol has it ------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
def test_operations(store: str) -> None:
    """A value that one client writes it reads, compares and changes; the replies have no more fields."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        one = talker(cluster)
        with pytest.raises(KeyDoesNotExist):
            await ask(one, store, "read", key="x")
        with pytest.raises(KeyDoesNotExist):
            await ask(one, store, "cas", key="x", from_=1, to=2)
        made = await ask(one, store, "cas", key="x", from_=1, to=2, create_if_not_exists=True)
        assert made == {"type": "cas_ok", "in_reply_to": 3}
        await asyncio.sleep(5)
        assert await ask(one, store, "read", key="x") == {
            "type": "read_ok",
            "in_reply_to": 4,
            "value": 2,
        }
        with pytest.raises(PreconditionFailed, match="expected 1, but the value is 2"):
            await ask(one, store, "cas", key="x", from_=1, to=3)
        assert (await ask(one, store, "write", key="x", value=[5]))["type"] == "write_ok"
        await asyncio.sleep(5)
        assert (await ask(one, store, "cas", key="x", from_=[5], to=None))["type"] == "cas_ok"
        await asyncio.sleep(5)
        assert (await ask(one, store, "read", key="x"))["value"] is None

    passes(test)


def test_equal_is_equal_json() -> None:
    """Numbers, truth and texts differ from each other; the order of an object's fields says nothing."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        one = talker(cluster)
        for n, value in enumerate((1, 1.0, True, "1", [1], {"b": 1, "a": 2})):
            await ask(one, "lin-kv", "write", key=value, value=n)
        for n, key in enumerate((1, 1.0, True, "1", [1], {"a": 2, "b": 1})):
            assert (await ask(one, "lin-kv", "read", key=key))["value"] == n
        await ask(one, "lin-kv", "write", key="x", value=1)
        for other in (1.0, True, "1", [1]):
            with pytest.raises(PreconditionFailed):
                await ask(one, "lin-kv", "cas", key="x", from_=other, to=2)

    passes(test)


def test_timestamps_grow() -> None:
    """Each timestamp is greater than those that were given before it was asked for."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        clients = [talker(cluster, name) for name in ("n1", "n2", "n3")]
        given: list[int] = []
        for _ in range(20):
            many = await asyncio.gather(*(ask(client, "lin-tso", "ts") for client in clients))
            new = [reply["ts"] for reply in many]
            assert len({*given, *new}) == len(given) + 3
            assert min(new) > max(given, default=-1)
            given += new

    passes(test)


# ---- nonsense ------------------------------------------------------------------------------------

NONSENSE: tuple[tuple[str, dict[str, Any], type[RPCError]], ...] = (
    ("lin-kv", {"type": "read"}, MalformedRequest),
    ("lin-kv", {"type": "write", "key": "x"}, MalformedRequest),
    ("seq-kv", {"type": "cas", "key": "x", "from": 1}, MalformedRequest),
    (
        "lww-kv",
        {"type": "cas", "key": 1, "from": 1, "to": 2, "create_if_not_exists": 3},
        MalformedRequest,
    ),
    ("lin-kv", {"type": "write", "key": "x", "value": Raw(b"1e999999")}, MalformedRequest),
    ("seq-kv", {"type": "write", "key": "x", "value": "y" * (1 << 20)}, MalformedRequest),
    ("seq-kv", {"type": "write", "key": "y" * (1 << 20), "value": 1}, MalformedRequest),
    ("lin-kv", {"type": "ts"}, NotSupported),
    ("lin-tso", {"type": "read", "key": "x"}, NotSupported),
    ("lin-kv", {"type": "delete", "key": "x"}, NotSupported),
)


def test_nonsense() -> None:
    """What makes no sense gets a definite error, changes nothing, and the service goes on."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        one = talker(cluster)
        for service, body, error in NONSENSE:
            with pytest.raises(error):
                await one.call(service, body, 1.0)
        for store in STORES:
            with pytest.raises(KeyDoesNotExist):
                await ask(one, store, "read", key="x")

    passes(test)


def test_deaf_to_what_asks_nothing() -> None:
    """A service answers neither a reply nor a message without a number."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        for body in (b'{"type":"read_ok","msg_id":1,"in_reply_to":7}', b'{"type":"read","key":1}'):
            line = b'{"src":"n1","dest":"lin-kv","body":' + body + b"}"
            cluster.network.send(cluster.engine.now, "n1", Raw(line))
        await asyncio.sleep(1)
        assert not [e for e in cluster.trace.events if e.kind == "send" and e.node == "lin-kv"]

    passes(test)


def test_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is full refuses what would make it larger, and goes on with the rest."""
    monkeypatch.setattr(module, "ROOM", 1000)

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        one = talker(cluster)
        await ask(one, "lin-kv", "write", key="x", value="y" * 600)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await ask(one, "lin-kv", "write", key="z", value="y" * 600)
            await ask(one, "lin-kv", "write", key="x", value="z" * 600)
        await ask(one, "lin-kv", "write", key="z", value="y" * 100)

    passes(test)


# ---- messages that are cut or doubled ------------------------------------------------------------


def test_copies_are_one_request() -> None:
    """A request that the network delivers twice is done once, and answered by what it did."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        one = talker(cluster)
        cluster.network.rule(lambda message, random: (random.random(), random.random()))
        await ask(one, "lin-kv", "write", key="x", value=0)
        for n in range(20):
            await one.call("lin-kv", {"type": "cas", "key": "x", "from": n, "to": n + 1}, 5.0)

    passes(test)


def test_partitions_reach_services() -> None:
    """A service in another group than a node does not hear it; one in no group does."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        one, two = talker(cluster, "n1"), talker(cluster, "n2")
        with cluster.network.partition({"n1", "seq-kv"}, {"n2", "lin-kv"}):
            await ask(one, "seq-kv", "write", key="x", value=1)
            await ask(two, "lin-kv", "write", key="x", value=1)
            await ask(two, "lin-tso", "ts")
            for cut, service in ((one, "lin-kv"), (two, "seq-kv")):
                with pytest.raises(CallTimeout):
                    await ask(cut, service, "write", key="x", value=2)
        assert (await ask(one, "lin-kv", "read", key="x"))["value"] == 1

    passes(test)


# ---- through the client that nodes are given ------------------------------------------------------

TALKER = """
from gossip.services import KV, Tso
from labs.node import Node


class Talker:
    def __init__(self, node: Node, store: str) -> None:
        self.store = KV(node, store, timeout=0.5)
        self.oracle = Tso(node)

    async def read(self, key: str) -> int:
        return await self.store.read(key)

    async def write(self, key: str, value: int) -> None:
        await self.store.write(key, value)

    async def cas(self, key: str, old: int, new: int) -> None:
        await self.store.cas(key, old, new)

    async def ts(self) -> int:
        return await self.oracle.next()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a program that uses the services."""
    return write_root(tmp_path, {"gossip/talk.py": TALKER})


async def chat(cluster: Cluster, store: str, times: int) -> None:
    """Three clients write, read and compare one key, through links that lose some messages."""
    Services(cluster)
    cluster.network.rule(rules.unreliable())
    sessions = await cluster.clients(3, "gossip/talk.py:Talker", processes=3, store=store)

    async def talk(number: int) -> None:
        random = cluster.random
        for _ in range(times):
            requests = (
                ("read", "x"),
                ("write", "x", random.randrange(5)),
                ("cas", "x", *pair(random)),
            )
            with suppress(RPCError):
                await sessions[number].invoke(*random.choice(requests))

    await asyncio.gather(*map(talk, range(3)))


def pair(random: Random) -> tuple[int, int]:
    """Two small numbers."""
    return random.randrange(5), random.randrange(5)


def register(history: Iterable[Operation]) -> list[Operation]:
    """Operations on one key as those of a register: the read of a key that is missing gives None."""
    missing = KeyDoesNotExist.code
    return [
        replace(each, args=each.args[1:], error=None)
        if each.name == "read" and each.error == missing
        else replace(each, args=each.args[1:])
        for each in history
    ]


@pytest.mark.parametrize("seed", range(5))
def test_lin_kv_is_linearizable(root: Path, seed: int) -> None:
    """What clients of lin-kv see fits one order of their operations, in real time."""

    async def test(cluster: Cluster) -> None:
        await chat(cluster, "lin-kv", 30)
        assert check(register(cluster.history), CasRegister).verdict is Verdict.PASS

    passes(test, seed, root)


@pytest.mark.parametrize("store", ["seq-kv", "lww-kv"])
@pytest.mark.parametrize("seed", range(5))
def test_others_are_not(root: Path, store: str, seed: int) -> None:
    """The other stores show that they promise less: one writes, and others read what is old."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        one, *others = await cluster.clients(3, "gossip/talk.py:Talker", processes=3, store=store)
        for n in range(20):
            await one.invoke("write", "x", n)
            for other in others:
                with suppress(KeyDoesNotExist):
                    await other.invoke("read", "x")
        assert check(register(cluster.history), CasRegister).verdict is Verdict.FAIL

    passes(test, seed, root)


def test_timestamps_through_a_node(root: Path) -> None:
    """The client of lin-tso gives what the oracle gave."""

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        one, two = await cluster.clients(2, "gossip/talk.py:Talker", store="lin-kv")
        assert [await one.invoke("ts"), await two.invoke("ts"), await one.invoke("ts")] == [0, 1, 2]

    passes(test, root=root)


# ---- the stores by themselves --------------------------------------------------------------------


class Did(NamedTuple):
    """An operation on a store: what was asked, and the value that it left; -1 if it was refused."""

    key: str
    write: int | None
    result: int


def do(store: Store, client: str, key: str, write: int | None, now: float = 0.0) -> Did:
    """Read a key, or write it."""
    act: Act = (lambda found: b"%d" % write) if write is not None else existing
    try:
        return Did(key, write, int(store.run(client, key.encode(), act, now) or b"-1"))
    except KeyDoesNotExist:
        return Did(key, write, -1)


def sequential(clients: Sequence[Sequence[Did]]) -> bool:
    """Whether some order, in which each client's operations stay in order, explains all results."""

    @cache
    def possible(places: tuple[int, ...], state: frozenset[tuple[str, int]]) -> bool:
        if all(place == len(own) for place, own in zip(places, clients, strict=True)):
            return True
        values = dict(state)
        for number, own in enumerate(clients):
            if places[number] < len(own):
                did = own[places[number]]
                after = {**values} if did.write is None else {**values, did.key: did.write}
                moved = (*places[:number], places[number] + 1, *places[number + 1 :])
                if after.get(did.key, -1) == did.result and possible(
                    moved, frozenset(after.items())
                ):
                    return True
        return False

    return possible((0,) * len(clients), frozenset())


def random_run(store: Store, random: Random, operations: int = 24) -> list[list[Did]]:
    """What three clients see of two keys."""
    clients: list[list[Did]] = [[], [], []]
    for _ in range(operations):
        number, key = random.randrange(3), random.choice("xy")
        write = random.randrange(3) if random.random() < 0.4 else None
        clients[number].append(do(store, f"n{number}", key, write))
    return clients


def test_the_check_of_sequences() -> None:
    """Reads may be old, and writes of others may be seen late, but never in two orders or backwards."""
    write = [Did("x", 1, 1), Did("x", 2, 2)]
    for good in (["-1", "1", "2"], ["1", "1"], ["2"], ["-1"]):
        assert sequential([write, [Did("x", None, int(value)) for value in good]])
    for bad in (["2", "1"], ["1", "-1"], ["3"]):
        assert not sequential([write, [Did("x", None, int(value)) for value in bad]])
    dekker = [[Did(a, 1, 1), Did(b, None, -1)] for a, b in ("xy", "yx")]
    assert not sequential(dekker)


def test_seq_kv_is_sequential() -> None:
    """Whatever is asked, one order explains what all clients see."""
    for seed in range(300):
        random = Random(seed)
        assert sequential(random_run(Sequential(random), random)), seed


def test_a_broken_sequence_is_seen() -> None:
    """The store whose writes are stamped by wrong clocks is not sequential, so the check can fail."""
    broken = 0
    for seed in range(50):
        random = Random(seed)
        broken += not sequential(random_run(LastWriteWins(random), random))
    assert broken > 25


def test_stale_reads_happen() -> None:
    """A third of the reads of another client at least are old, and a quarter is as old as can be."""
    random = Random(1)
    store = Sequential(random)
    old = oldest = 0
    for n in range(2000):
        do(store, "n1", "x", n)
        if n % 20 == 0 and n > WINDOW:
            seen = do(store, f"n{n}", "x", None).result
            old, oldest = old + (seen < n), oldest + (seen == n - WINDOW + 1)
    reads = len([n for n in range(2000) if n % 20 == 0 and n > WINDOW])
    assert old > reads / 3
    assert oldest > reads / 4


def test_window_and_memory() -> None:
    """No state older than 32 is seen, and no more values are kept than those states have."""
    store = Sequential(Random(2))
    for n in range(500):
        do(store, "n1", "x", n)
        assert n - WINDOW < do(store, "n2", "x", None).result <= n
    assert sum(map(len, store._versions.values())) <= WINDOW


def test_newest_after_a_change() -> None:
    """Who has just changed the store by a write sees all that was written before, at any key."""
    store = Sequential(Random(3))
    for n in range(200):
        do(store, "n1", "x", n)
        do(store, "n2", "mine", n)
        assert do(store, "n2", "x", None).result == n


def test_unchanging_writes_may_be_old() -> None:
    """A write of what is there already does not bring its client to the newest state."""
    stale = 0
    for seed in range(100):
        store = Sequential(Random(seed))
        do(store, "n2", "mine", 0)
        for n in range(10):
            do(store, "n1", "x", n)
        do(store, "n2", "mine", 0)
        stale += do(store, "n2", "x", None).result < 9
    assert stale > 20


def test_last_write_wins() -> None:
    """Acknowledged writes get lost by wrong clocks; when it was quiet, all replicas have one value."""
    lost = 0
    for seed in range(100):
        random = Random(seed)
        store = LastWriteWins(random)
        for n in range(10):
            do(store, "n1", "x", n, now=n / 10)
        finals = {do(store, "n1", "x", None, now=10 + n / 10).result for n in range(30)}
        assert len(finals) == 1, seed
        lost += finals != {9}
    assert lost > 20


def test_linearizable_store() -> None:
    """A read gives the last write."""
    store = Linearizable()
    assert [do(store, "n1", "x", None).result, do(store, "n1", "x", 3).result] == [-1, 3]
    assert do(store, "n2", "x", None).result == 3
