"""Errors of a store as gRPC's status codes, and back; `wire/kv.proto` tells clients which is which.

Each definite error that a store has is one status code, so that a client in any language knows what it
needs. The trailing metadata carry the error's own code too, for clients that know Maelstrom's table.
"""

from __future__ import annotations

from typing import Any, cast

from grpc import StatusCode
from grpc.aio import AioRpcError

from labs.node import (
    Aborted,
    CallTimeout,
    Crashed,
    KeyAlreadyExists,
    KeyDoesNotExist,
    MalformedRequest,
    NotSupported,
    PreconditionFailed,
    RPCError,
    Unavailable,
)

ERROR_CODE = "error-code"  # the key of the metadata

DEFINITE: dict[StatusCode, type[RPCError]] = {
    StatusCode.NOT_FOUND: KeyDoesNotExist,
    StatusCode.FAILED_PRECONDITION: PreconditionFailed,
    StatusCode.INVALID_ARGUMENT: MalformedRequest,
    StatusCode.UNIMPLEMENTED: NotSupported,
    StatusCode.ALREADY_EXISTS: KeyAlreadyExists,
    StatusCode.ABORTED: Aborted,
    # Not UNAVAILABLE, which gRPC itself says of a connection that broke after the request was out.
    StatusCode.RESOURCE_EXHAUSTED: Unavailable,
}
STATUS = {error.code: status for status, error in DEFINITE.items()}

# What gRPC says of itself when there is no answer, whatever became of the request.
SILENCE = (
    StatusCode.DEADLINE_EXCEEDED,
    StatusCode.UNAVAILABLE,
    StatusCode.CANCELLED,
    StatusCode.INTERNAL,
)


def status_of(error: RPCError) -> StatusCode:
    """The status code that an error is sent as."""
    if error.definite:
        return STATUS.get(error.code, StatusCode.ABORTED)
    return StatusCode.UNKNOWN


def error_of(problem: AioRpcError) -> RPCError:
    """The error that a failed call stands for; `CallTimeout` if there was no answer."""
    text = problem.details() or ""
    metadata: dict[Any, Any] = dict(cast(Any, problem.trailing_metadata()))
    code = str(metadata.get(ERROR_CODE, ""))
    if code.isdecimal() and len(code) < 10:
        return RPCError.from_code(int(code), text)
    if problem.code() in SILENCE:
        return CallTimeout(f"no answer: {text or problem.code().name}")
    return DEFINITE.get(problem.code(), Crashed)(text)
