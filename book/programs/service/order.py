"""An order book in the versioned store, and the channels that it may be reached through."""

from pathlib import Path

from grpc import StatusCode
from grpc.aio import AioRpcError, Channel, insecure_channel

from autograder.kv.wire import generated, kv_pb2

RETRIES = Path(__file__).with_name("retries.json")


async def order(channel: Channel, drink: str) -> None:
    """Write a drink on the list; if somebody was faster, on theirs."""
    store = generated.KVStub(channel)
    while True:
        drinks, version = await read(channel)
        longer = f"{drinks}{drink}\n"
        put = kv_pb2.PutRequest(key="orders", value=longer, version=version)
        try:
            await store.Put(put, timeout=10)
            return
        except AioRpcError as error:
            if error.code() is not StatusCode.FAILED_PRECONDITION:
                raise


async def read(channel: Channel) -> tuple[str, int]:
    """The list and its version."""
    get = kv_pb2.GetRequest(key="orders")
    try:
        entry = await generated.KVStub(channel).Get(get, timeout=10)
    except AioRpcError as error:
        if error.code() is not StatusCode.NOT_FOUND:
            raise
        return "", 0
    return entry.value, entry.version


def plain(address: str) -> Channel:
    """A channel that sends what it is given, once."""
    return insecure_channel(address, [("grpc.enable_retries", 0)])


def retrying(address: str) -> Channel:
    """A channel that tries again by itself."""
    config = RETRIES.read_text(encoding="utf-8")
    return insecure_channel(address, [("grpc.service_config", config)])
