"""One put, of which one message gets lost: on which side, and which, makes four cases."""

from grpc.aio import AioRpcError

from autograder.kv.client import open_channel
from autograder.kv.loss import ClientLoss
from autograder.kv.wire import generated, kv_pb2
from book.service import Told, serving

SOON = 0.5  # seconds that a caller waits
FALLS = {
    "request": (True,),
    "reply": (False, True),
}  # of the dice: they are rolled for each message


async def lose(side: str, message: str) -> dict[str, object]:
    """What the caller of a put is told if this message of it gets lost, and what the store has then."""
    dice = {"server": Told(), "client": Told()}
    async with (
        serving(dice["server"]) as service,
        open_channel(service.address, [ClientLoss(dice["client"])]) as channel,
    ):
        store = generated.KVStub(channel)
        await store.Put(kv_pb2.PutRequest(key="x", value="old", version=0))
        dice[side].fall(*FALLS[message])
        try:
            await store.Put(kv_pb2.PutRequest(key="x", value="new", version=1), timeout=SOON)
            told = "OK"
        except AioRpcError as error:
            told = error.code().name
        left = await store.Get(kv_pb2.GetRequest(key="x"))
    return {"the caller is told": told, "the store has": left.value}
