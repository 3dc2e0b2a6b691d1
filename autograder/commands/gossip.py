"""`autograder gossip`: Maelstrom's workloads for any program that speaks its protocol."""

from __future__ import annotations

import click

from autograder.commands.lazy import LazyGroup

VERBS = {"test": "autograder.commands.gossip_test:test_command"}


@click.group(cls=LazyGroup, targets=VERBS)
def gossip() -> None:
    """Put a program that speaks Maelstrom's protocol through a workload, under faults.

    The protocol, with every message, is in docs/protocol.md.
    """
