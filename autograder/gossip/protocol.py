"""A request of the protocol, and the reply that it must get (`docs/protocol.md` has all of them)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from autograder.cluster.complaints import see, shown
from autograder.cluster.errors import NodeFault

ReplyT = TypeVar("ReplyT", bound="Reply")


class Reply(msgspec.Struct, frozen=True):
    """Base of the bodies of replies: its fields, without those that every reply has."""


@dataclass(frozen=True)
class Rpc(Generic[ReplyT]):
    """A request named `name`, whose reply is named `name` with `_ok` behind it.

    `example` is the body of such a reply, and `section` where `docs/protocol.md` speaks of it.
    """

    name: str
    reply: type[ReplyT]
    example: str
    section: str

    def read(self, node: str, body: dict[str, Any]) -> ReplyT:
        """The fields of a reply; raises `NodeFault`, with the reply and what was expected."""
        if body.get("type") != f"{self.name}_ok":
            raise self.refused(node, body, f"its type must be '{self.name}_ok'")
        try:
            return msgspec.convert(body, self.reply)
        except msgspec.ValidationError as error:
            raise self.refused(node, body, str(error)) from None

    def refused(self, node: str, body: dict[str, Any], why: str) -> NodeFault:
        """The complaint about a reply."""
        said = json.dumps(
            body, ensure_ascii=False, separators=(",", ":")
        )  # takes numbers of any size
        return NodeFault(
            node,
            f"answered '{self.name}' with {shown(said.encode())}: {why}; expected was {self.example} "
            f"{see(self.section)}",
        )
