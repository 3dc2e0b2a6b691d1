"""Lost messages, on both sides."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from grpc import StatusCode, aio

from autograder.kv.loss import ClientLoss, Dice, Losses
from autograder.kv.root import Root
from autograder.kv.wire import generated, kv_pb2
from labs.node import CallTimeout
from tests.kv.services import DEADLINE, asking, calling, run, serving

SOON = 1.0  # seconds until a caller gives up


class LoadedDice(Dice):
    """Dice that fall as they are told, and well ever after."""

    def __init__(self, *falls: bool) -> None:
        super().__init__(0, "")
        self.falls = [*falls]

    def loses(self) -> bool:
        return bool(self.falls) and self.falls.pop(0)


REQUEST, REPLY = (
    (True,),
    (False, True),
)  # which is lost: the first that is asked about, or the second


def put(lab: Root, value: str, version: int) -> Any:
    cls: Any = lab.methods[1].request
    return cls("k", value, version)


@pytest.mark.parametrize("side", ["server", "client"])
@pytest.mark.parametrize(
    ("falls", "lost", "left"), [(REQUEST, Losses(1, 0), 1), (REPLY, Losses(0, 1), 2)]
)
def test_a_lost_request_changes_nothing_and_a_lost_reply_comes_too_late_for_that(
    lab: Root, tmp_path: Path, side: str, falls: tuple[bool, ...], lost: Losses, left: int
) -> None:
    async def body() -> None:
        dice = LoadedDice()
        server, client = (dice, []) if side == "server" else (None, [ClientLoss(dice)])
        async with (
            serving(lab, tmp_path, None, server) as address,
            calling(lab, address, client) as caller,
            asking(lab, address) as clerk,
        ):
            await caller.call("server", put(lab, "0", 0), DEADLINE)
            dice.falls = [*falls]
            with pytest.raises(CallTimeout):
                await caller.call("server", put(lab, "1", 1), SOON)
            assert dice.losses == lost
            assert (await clerk.get("k"))[1] == left

    run(body())


@pytest.mark.parametrize("side", ["server", "client"])
def test_a_reply_that_is_an_error_gets_lost_like_any_other(
    lab: Root, tmp_path: Path, side: str
) -> None:
    async def body() -> None:
        dice = LoadedDice(*REPLY)
        server, client = (dice, []) if side == "server" else (None, [ClientLoss(dice)])
        async with (
            serving(lab, tmp_path, None, server) as address,
            calling(lab, address, client) as caller,
        ):
            with pytest.raises(CallTimeout):
                await caller.call("server", put(lab, "x", 7), SOON)
            assert dice.losses == Losses(0, 1)

    run(body())


@pytest.mark.parametrize("side", ["server", "client"])
def test_the_clerk_says_maybe_after_a_lost_reply(lab: Root, tmp_path: Path, side: str) -> None:
    async def body() -> None:
        dice = LoadedDice(*REPLY)
        server, client = (dice, []) if side == "server" else (None, [ClientLoss(dice)])
        async with (
            serving(lab, tmp_path, None, server) as address,
            calling(lab, address, client) as caller,
            asking(lab, address) as clerk,
        ):
            sys.modules["kv.clerk"].FIRST_TIMEOUT = SOON  # type: ignore[attr-defined]
            with pytest.raises(lab.maybe):
                await lab.clerk_class()(caller, "server").put("k", "v", 0)
            assert await clerk.get("k") == ("v", 1)

    run(body())


def test_a_reply_that_never_came_is_not_lost_once_more(lab: Root, tmp_path: Path) -> None:
    """What the server has lost is none of the client's losses."""

    async def body() -> None:
        theirs, ours = LoadedDice(*REQUEST), LoadedDice(*REPLY)
        async with (
            serving(lab, tmp_path, None, theirs) as address,
            calling(lab, address, [ClientLoss(ours)]) as caller,
        ):
            with pytest.raises(CallTimeout):
                await caller.call("server", put(lab, "v", 0), SOON)
        assert (theirs.losses, ours.losses) == (Losses(1, 0), Losses(0, 0))

    run(body())


def test_a_lossy_server_tells_what_it_has_lost_and_never_loses_that(
    lab: Root, tmp_path: Path
) -> None:
    async def body() -> None:
        async with (
            serving(lab, tmp_path, None, Dice(100, 1)) as address,
            calling(lab, address) as caller,
            aio.insecure_channel(address) as channel,
        ):
            calls = [caller.call("server", put(lab, "v", n), SOON) for n in range(3)]
            ends = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(end) for end in ends] == [CallTimeout] * 3
            count = await generated.LossStub(channel).Count(kv_pb2.CountRequest(), timeout=DEADLINE)
            assert (count.requests, count.replies) == (3, 0)

    run(body())


def test_a_sound_server_offers_no_count(lab: Root, tmp_path: Path) -> None:
    async def body() -> None:
        async with (
            serving(lab, tmp_path) as address,
            aio.insecure_channel(address) as channel,
        ):
            with pytest.raises(aio.AioRpcError) as caught:
                await generated.LossStub(channel).Count(kv_pb2.CountRequest(), timeout=DEADLINE)
            assert caught.value.code() is StatusCode.UNIMPLEMENTED

    run(body())


def test_the_seed_fixes_what_is_lost() -> None:
    def falls(percent: float, seed: object) -> list[bool]:
        dice = Dice(percent, seed)
        return [dice.loses() for _ in range(10_000)]

    assert falls(30, "1 anna") == falls(30, "1 anna")
    assert falls(30, "1 anna") != falls(30, "2 anna")
    assert 2_800 < sum(falls(30, "1 anna")) < 3_200
    assert sum(falls(0, 1)) == 0
    assert sum(falls(100, 1)) == 10_000
