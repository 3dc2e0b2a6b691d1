"""The node library: what a program of these labs is made of.

Read `node.py` first, then `messages.py` and `errors.py`, and `wiring.py` to see how a call finds its
reply and a message its handler. The folder `hosts/` holds what runs a node:
under a grader, in a process of its own with virtual time; for real, over TCP; or under Maelstrom.
"""

from labs.node.disk import Disk, DiskFile
from labs.node.errors import (
    Aborted,
    CallTimeout,
    Crashed,
    KeyAlreadyExists,
    KeyDoesNotExist,
    MalformedRequest,
    Mistake,
    NodeError,
    NodeNotFound,
    NotSupported,
    PreconditionFailed,
    RPCError,
    TransactionConflict,
    Unavailable,
)
from labs.node.handlers import handler
from labs.node.messages import Message, Request
from labs.node.node import Node

__all__ = [
    "Aborted",
    "CallTimeout",
    "Crashed",
    "Disk",
    "DiskFile",
    "KeyAlreadyExists",
    "KeyDoesNotExist",
    "MalformedRequest",
    "Message",
    "Mistake",
    "Node",
    "NodeError",
    "NodeNotFound",
    "NotSupported",
    "PreconditionFailed",
    "RPCError",
    "Request",
    "TransactionConflict",
    "Unavailable",
    "handler",
]
