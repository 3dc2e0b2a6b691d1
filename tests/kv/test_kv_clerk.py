"""The clerk of the reference, where a server has errors that those of the lab `kv` do not have."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.kv.root import Root
from labs.node import (
    Aborted,
    CallTimeout,
    Crashed,
    KeyDoesNotExist,
    PreconditionFailed,
    RPCError,
    Unavailable,
)
from tests.kv.services import run

MAYBE, FAILED = 1001, 1002


class Script:
    """A node whose calls end in these errors, one after the other."""

    def __init__(self, *errors: RPCError) -> None:
        self.errors = [*errors]

    async def call(self, *_: Any) -> Any:
        raise self.errors.pop(0)


@pytest.mark.parametrize(
    ("errors", "code", "definite"),
    [
        ([Unavailable()], Unavailable.code, True),
        ([Crashed()], Crashed.code, False),
        ([CallTimeout(), KeyDoesNotExist()], MAYBE, False),
        ([CallTimeout(), PreconditionFailed()], MAYBE, False),
        ([CallTimeout(), RPCError("", FAILED)], FAILED, False),
        # The first try may have been done. That the version was wrong, as Maybe says, nobody has seen.
        ([CallTimeout(), Unavailable()], RPCError.code, False),
        ([CallTimeout(), CallTimeout(), Aborted()], RPCError.code, False),
    ],
)
def test_a_put_ends_in_a_definite_error_only_if_it_was_sent_once(
    lab: Root, errors: list[RPCError], code: int, definite: bool
) -> None:
    node: Any = Script(*errors)
    with pytest.raises(RPCError) as raised:
        run(lab.clerk_class()(node, "server").put("k", "v", 3))
    assert (raised.value.code, raised.value.definite) == (code, definite)
    assert not node.errors
