"""The calls of an executable that was started again: no late reply to a former life answers one."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cluster.hosts.calls import APART, Calls

ids = st.integers(min_value=0, max_value=APART - 1)


def line(**body: object) -> bytes:
    return msgspec.json.encode({"src": "n1", "dest": "n2", "body": {"type": "x", **body}})


def number(message: bytes | msgspec.Raw, field: str) -> int:
    found = msgspec.json.decode(message)["body"][field]
    assert isinstance(found, int)
    return found


@settings(max_examples=50, deadline=None)
@given(ids, st.integers(1, 5), st.integers(1, 5))
def test_a_reply_reaches_the_life_that_asked_alone(id: int, asked: int, alive: int) -> None:
    sent = number(Calls(asked).out(line(msg_id=id)), "msg_id")
    back = Calls(alive).back(msgspec.Raw(line(in_reply_to=sent)))
    if asked == alive:
        assert back is not None
        assert number(back, "in_reply_to") == id
    elif alive > 1:
        assert back is None


def test_the_first_life_is_left_as_it_is() -> None:
    odd = b'{ "body":{"msg_id":7, "type":"x"} ,"src":"n1","dest":"n2"}'
    assert bytes(Calls(1).out(odd)) == odd
    assert Calls(1).back(msgspec.Raw(odd)) == odd


def test_nothing_but_the_numbers_is_touched() -> None:
    odd = line(msg_id=7, value=[1.50, "é", {"k": None}], text='"msg_id":7')
    out = bytes(Calls(2).out(odd))
    assert msgspec.json.decode(out)["body"] == {
        **msgspec.json.decode(odd)["body"],
        "msg_id": 7 + APART,
    }
    assert b"1.5" in out


def test_what_is_no_message_is_left_to_the_network() -> None:
    for odd in (b"", b"debug", b'{"body":1}', line(msg_id="x"), line(msg_id=None), line()):
        assert bytes(Calls(2).out(odd)) == odd


def test_requests_pass_to_a_later_life() -> None:
    request = line(msg_id=7)
    assert Calls(3).back(msgspec.Raw(request)) == request
