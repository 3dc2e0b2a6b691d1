"""Concurrent clients really interleave: a check and an act on two sides of an `await` are caught."""

from __future__ import annotations

from pathlib import Path

from autograder.cluster import Cluster
from autograder.verdict import Verdict
from tests.helpers import runner, write_root

COUNTER = """
import asyncio
from dataclasses import dataclass
from labs.node import Message, Node, Request, handler

@dataclass(frozen=True)
class Taken(Message):
    ticket: int

@dataclass(frozen=True)
class Take(Request[Taken]):
    pass

@dataclass(frozen=True)
class Now(Message):
    pass

@dataclass(frozen=True)
class Ping(Request[Now]):
    pass

class Clock(Node):
    @handler
    async def ping(self, request: Ping) -> Now:
        return Now()

class Tickets(Node):
    def __init__(self, clock: str) -> None:
        self._clock, self._next = clock, 1

    @handler
    async def take(self, request: Take) -> Taken:
        ticket = self._next
        await self.call(self._clock, Ping())
        self._next = ticket + 1
        return Taken(ticket)

class Buyer(Node):
    def __init__(self, office: str) -> None:
        self._office = office

    async def main(self) -> None:
        for _ in range(5):
            print((await self.call(self._office, Take())).ticket)
"""


async def tickets_differ(cluster: Cluster) -> None:
    clock = await cluster.start("tickets/node.py:Clock")
    office = await cluster.start("tickets/node.py:Tickets", clock=clock.id)
    buyers = [await cluster.start("tickets/node.py:Buyer", office=office.id) for _ in range(3)]
    for buyer in buyers:
        await cluster.ended(buyer, 60)
    sold = [int(ticket) for buyer in buyers for ticket in buyer.printed()]
    assert len(sold) == 15
    assert len(set(sold)) == len(sold), f"a ticket was sold twice: {sorted(sold)}"


def verdicts(folder: Path, text: str) -> list[Verdict]:
    root = write_root(folder, {"tickets/node.py": text})
    with runner(root) as made:
        return [made.run_once(tickets_differ, seed).verdict for seed in range(20)]


def test_check_and_act_around_an_await_is_caught_with_every_seed(tmp_path: Path) -> None:
    assert verdicts(tmp_path, COUNTER) == [Verdict.FAIL] * 20


def test_check_and_act_in_one_step_is_right_with_every_seed(tmp_path: Path) -> None:
    act = "        self._next = ticket + 1\n"
    wait = "        await self.call(self._clock, Ping())\n"
    assert verdicts(tmp_path, COUNTER.replace(wait + act, act + wait)) == [Verdict.PASS] * 20
