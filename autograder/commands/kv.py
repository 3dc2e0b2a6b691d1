"""`autograder kv`: the key/value store as a real service over gRPC."""

from __future__ import annotations

import click

from autograder.commands.lazy import LazyGroup

VERBS = {
    "conformance": "autograder.commands.conformance:conformance",
    "get": "autograder.commands.kv_client:get",
    "put": "autograder.commands.kv_client:put",
    "serve": "autograder.commands.kv_serve:serve",
    "stress": "autograder.commands.kv_stress:stress_command",
}


@click.group(cls=LazyGroup, targets=VERBS)
def kv() -> None:
    """Serve the key/value store over gRPC, use it, and put it under stress.

    Clients in any language find the service in autograder/kv/wire/kv.proto.
    """
