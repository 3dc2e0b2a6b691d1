"""Additions at certain nodes, that may reach nobody, and the end of a run that a test puts together."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from autograder.gossip.cuts import apart, between, cut
from autograder.gossip.drive import Run, client, put_through
from autograder.gossip.workload import Request

CALM = 10.0  # seconds, as in Maelstrom
MUCH = 1_000  # more than all that was not answered: none of that can stand in for it


async def add_at(run: Run, number: int, times: int) -> None:
    """Add 1 at one node so many times."""
    one = client(run, number)
    for _ in range(times):
        await one.do(run.workload, Request("add", (1,)))


async def add_alone(run: Run, crash: bool = False) -> None:
    """Add much at each node in turn, while it reaches neither the others nor a service.

    With `crash`, kill it as soon as it has answered, or has not in time, and start it again.
    """
    for number, node in enumerate(run.nodes):
        others = {*run.load.node_names, *run.services.names} - {node.id}
        alone = cut(apart([node.id], others))
        with run.cluster.network.rule(alone, what=f"{node.id} reaches nobody"):
            await client(run, number).do(run.workload, Request("add", (MUCH,)))
            if crash:
                await run.cluster.crash(node)
        if crash:
            await run.cluster.restart(node)


async def add_unheard(run: Run, seconds: float = 1.0) -> None:
    """Add much at each node in turn while services do not hear it, and again while it hears none."""
    for number, node in enumerate(run.nodes):
        for links in (
            between([node.id], run.services.names),
            between(run.services.names, [node.id]),
        ):
            with run.cluster.network.rule(cut(links), what=f"cut between {node.id} and services"):
                one = client(run, number)
                adding = asyncio.create_task(one.do(run.workload, Request("add", (MUCH,))))
                await asyncio.sleep(seconds)
            await adding


async def end(run: Run) -> None:
    """Let it be quiet, and ask every client's last questions."""
    run.load = replace(run.load, time_limit=0.0, calm=CALM)
    await put_through(run)
