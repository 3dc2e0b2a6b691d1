"""Histories, runs and pages for the tests of figures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from autograder.checkers import (
    CasRegister,
    KeyValue,
    Lock,
    Model,
    Operation,
    Register,
    VersionedStore,
)
from autograder.checkers.deciders.versions import MAYBE
from autograder.cluster import rules
from autograder.cluster.cluster import Cluster
from book.figures import Figure, Run, op, run
from labs.node.errors import KeyDoesNotExist, PreconditionFailed
from tests.report.conftest import Reader, Watched

THEMES, WIDTHS = ("light", "dark"), (1200, 390)

# Histories by name, with their models, and whether any order explains them.
HISTORIES: dict[str, tuple[list[Operation], Model, bool]] = {
    "a value that is gone again": (
        [
            op("A", "write", 1, at=(0, 4)),
            op("B", "read", at=(1, 3), gives=1),
            op("C", "read", at=(5, 6), gives=None),
        ],
        Register,
        False,
    ),
    "two writes and a read": (
        [
            op("A", "write", 1, at=(0, 6)),
            op("B", "write", 2, at=(1, 7)),
            op("C", "read", at=(2, 8), gives=1),
        ],
        Register,
        True,
    ),
    "a race of changes": (
        [
            op("A", "write", 1, at=(0, 2)),
            op("B", "cas", 1, 2, at=(1, 8)),
            op("C", "cas", 1, 3, at=(3, 9), error=PreconditionFailed),
            op("D", "read", at=(4, 9), gives=2),
        ],
        CasRegister,
        True,
    ),
    "appends": (
        [
            op("A", "append", "x", "a", at=(0, 5), gives=""),
            op("B", "append", "x", "b", at=(1, 6), gives=""),
            op("C", "get", "x", at=(2, 8), gives="ab"),
        ],
        KeyValue,
        False,
    ),
    "two keys": (
        [
            op("A", "put", "x", "1", at=(0, 5)),
            op("B", "put", "y", "2", at=(1, 6)),
            op("C", "get", "y", at=(2, 7), gives="2"),
            op("A", "get", "x", at=(6, 9), gives="1"),
        ],
        KeyValue,
        True,
    ),
    "an answer that never came": (
        [
            op("A", "put", "x", "1", 0, at=(0, 3)),
            op("B", "put", "x", "2", 1, at=(2, None)),
            op("C", "get", "x", at=(4, 8), gives=("1", 1)),
            op("A", "get", "x", at=(5, 9), gives=("2", 2)),
        ],
        VersionedStore,
        True,
    ),
    "a Maybe": (
        [
            op("A", "put", "x", "1", 0, at=(0, 3)),
            op("B", "get", "x", at=(2, 5), gives=("1", 1)),
            op("C", "put", "x", "2", 1, at=(4, 7), error=MAYBE),
            op("B", "get", "x", at=(8, 9), gives=("2", 2)),
        ],
        VersionedStore,
        True,
    ),
    "a key that is missing": (
        [
            op("A", "put", "x", "1", 0, at=(0, 3)),
            op("B", "get", "x", at=(4, 5), error=KeyDoesNotExist),
        ],
        VersionedStore,
        False,
    ),
    "two holders": (
        [
            op("A", "acquire", "l", at=(0, 2)),
            op("B", "acquire", "l", at=(1, 5)),
            op("A", "release", "l", at=(3, 6)),
        ],
        Lock,
        True,
    ),
}


async def two_clients(cluster: Cluster) -> None:
    """Two clients add at the same time."""
    server = await cluster.start("counter/counter.py:Counter")
    clients = await cluster.clients(2, "counter/counter.py:Again", server=server.id)
    with cluster.network.rule(rules.lose(0.2)):
        await asyncio.gather(*(client.invoke("add", 1) for client in clients))
        await clients[0].invoke("add", 2)


def busy_run(seed: int = 4) -> Run:
    """A run with two clients, a server and a lost message."""
    return run(two_clients, seed)


def page(*figures: Figure, theme: str = "light") -> str:
    """A page as a theme makes it, with figures that each bring their assets."""
    inside = "".join(figure._repr_html_() for figure in figures)
    ground = {"light": "#fff", "dark": "#121212"}[theme]
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>figures</title></head>'
        f'<body style="background: {ground}"><main>{inside}</main></body></html>'
    )


@contextmanager
def opened(
    reader: Reader, *shown: Figure, width: int = 1200, theme: str = "light", **options: Any
) -> Iterator[Watched]:
    """A page with these figures, in a browser."""
    with reader.opens(page(*shown, theme=theme), width, **options) as watched:
        yield watched


def violations(page: Any) -> list[str]:
    """What is wrong with a page for those who do not see it, or see it badly."""
    found = Axe().run(page, context={"include": [".book-figure"]}).response["violations"]
    return [
        f"{one['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:300]}"
        for one in found
        for node in one["nodes"]
    ]
