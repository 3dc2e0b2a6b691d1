"""What goes over the wire: the generated code, and clients that know nothing of this project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import StatusCode, aio

from autograder.catalog import REPOSITORY
from autograder.kv.wire import generated, kv_pb2
from autograder.kv.wire.__main__ import FOLDER, generate
from tests.kv.services import loaded, run, served, serving


def test_the_generated_code_is_what_the_proto_makes_it(tmp_path: Path) -> None:
    """If not: python -m autograder.kv.wire."""
    for file in generate(tmp_path):
        assert (REPOSITORY / FOLDER / file.name).read_bytes() == file.read_bytes(), file.name


def test_a_bare_stub_knows_all_answers_by_their_status(tmp_path: Path) -> None:
    async def body(address: str) -> None:
        async with aio.insecure_channel(address) as channel:
            stub = generated.KVStub(channel)

            async def refused(call: str, **fields: object) -> grpc.StatusCode:
                with pytest.raises(aio.AioRpcError) as caught:
                    await getattr(stub, call)(getattr(kv_pb2, f"{call}Request")(**fields))
                status: grpc.StatusCode = caught.value.code()
                return status

            assert await refused("Get", key="k") is StatusCode.NOT_FOUND
            assert await refused("Put", key="k", value="v", version=1) is StatusCode.NOT_FOUND
            await stub.Put(kv_pb2.PutRequest(key="k", value="水", version=0))
            assert await stub.Get(kv_pb2.GetRequest(key="k")) == kv_pb2.GetReply(
                value="水", version=1
            )
            assert await refused("Put", key="k", value="w") is StatusCode.FAILED_PRECONDITION
            assert (await stub.Get(kv_pb2.GetRequest(key="k"))).value == "水"

    with served() as (_, address):
        run(body(address))


def test_a_client_that_writes_its_bytes_by_hand() -> None:
    """As a client in another language sees it: field number and type, length, bytes."""
    key, value = b"\x0a\x01k", b"\x12\x05hello"
    with served() as (_, address), grpc.insecure_channel(address) as channel:
        bare: Any = channel
        put, get = bare.unary_unary("/kv.KV/Put"), bare.unary_unary("/kv.KV/Get")
        assert put(key + value, timeout=20, wait_for_ready=True) == b""
        assert get(key, timeout=20) == b"\x0a\x05hello\x10\x01"
        with pytest.raises(grpc.RpcError) as caught:
            put(key + value + b"\x18\x07", timeout=20)  # version 7
        assert caught.value.code() is StatusCode.FAILED_PRECONDITION
        trailing: Any = caught.value.trailing_metadata()
        assert dict(trailing)["error-code"] == "22"
        with pytest.raises(grpc.RpcError) as caught:
            get(b"\xff\xff\xff", timeout=20)
        assert caught.value.code() is StatusCode.INVALID_ARGUMENT
        with pytest.raises(grpc.RpcError) as caught:
            bare.unary_unary("/kv.KV/Append")(key, timeout=20)
        assert caught.value.code() is StatusCode.UNIMPLEMENTED
        assert get(key, timeout=20) == b"\x0a\x05hello\x10\x01"


def test_a_negative_version_is_refused_like_every_other_wrong_one(tmp_path: Path) -> None:
    async def body() -> None:
        with loaded() as lab:
            async with (
                serving(lab, tmp_path) as address,
                aio.insecure_channel(address) as channel,
            ):
                stub = generated.KVStub(channel)
                with pytest.raises(aio.AioRpcError) as caught:
                    await stub.Put(kv_pb2.PutRequest(key="k", value="v", version=-1))
                assert caught.value.code() is StatusCode.NOT_FOUND

    run(body())
