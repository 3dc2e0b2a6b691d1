"""Errors as status codes, and back."""

from __future__ import annotations

import pytest
from grpc import StatusCode
from grpc.aio import AioRpcError, Metadata

from autograder.kv.status import DEFINITE, SILENCE, error_of, status_of
from labs.node import CallTimeout, Crashed, RPCError


def over_the_wire(error: RPCError, with_code: bool) -> RPCError:
    metadata = Metadata(("error-code", str(error.code))) if with_code else Metadata()
    return error_of(AioRpcError(status_of(error), Metadata(), metadata, error.text, ""))


def test_a_client_of_ours_gets_the_error_that_was_raised() -> None:
    every = [*(cls("text") for cls in RPCError.by_code.values()), RPCError("text", 1002)]
    for error in every:
        arrived = over_the_wire(error, with_code=True)
        assert (type(arrived), arrived.code, arrived.text) == (type(error), error.code, "text")


def test_a_status_alone_never_makes_a_definite_error_of_an_indefinite_one() -> None:
    for cls in RPCError.by_code.values():
        assert over_the_wire(cls(), with_code=False).definite == cls.definite, cls
    assert not over_the_wire(RPCError("", 1002), with_code=False).definite


def test_each_definite_error_of_a_store_has_a_status_of_its_own() -> None:
    assert {type(over_the_wire(cls(), with_code=False)) for cls in DEFINITE.values()} == set(
        DEFINITE.values()
    )


@pytest.mark.parametrize("status", [s for s in StatusCode if s is not StatusCode.OK])
def test_what_grpc_says_of_itself_promises_nothing(status: StatusCode) -> None:
    error = error_of(AioRpcError(status, Metadata(), Metadata(), "text", ""))
    assert error.definite == (status in DEFINITE)
    assert isinstance(error, CallTimeout) == (status in SILENCE)
    assert error.definite or isinstance(error, CallTimeout | Crashed)


@pytest.mark.parametrize("code", ["", "x", "-1", "9" * 400])
def test_a_code_that_is_none_is_left_aside(code: str) -> None:
    metadata = Metadata(("error-code", code))
    error = error_of(AioRpcError(StatusCode.NOT_FOUND, Metadata(), metadata, "", ""))
    assert error.code == 20
