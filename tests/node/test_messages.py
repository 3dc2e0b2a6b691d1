"""Messages: their form on the wire, and what is refused."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

import pytest

from labs.node import Message, Mistake, Node, Request, handler, messages
from labs.node.messages import encode, form_of, problem_with, replies_of, type_name
from tests.node.lone_node import Bench


@dataclass(frozen=True)
class GetOk(Message):
    value: str


@dataclass(frozen=True)
class Absent(Message):
    pass


@dataclass(frozen=True)
class Get(Request[GetOk | Absent]):
    key: str


@dataclass(frozen=True)
class Entry:
    term: int
    command: str | None = None


@dataclass(frozen=True)
class Append(Request[Absent]):
    entries: list[Entry]
    leader: str = "nobody"
    index: dict[int, float] = field(default_factory=dict)
    flags: tuple[bool, ...] = ()
    blob: bytes = b""


class Server(Node):
    def __init__(self) -> None:
        self.got: list[Message] = []

    @handler
    async def get(self, request: Get) -> GetOk | Absent:
        self.got.append(request)
        return GetOk(request.key) if request.key else Absent()

    @handler
    async def append(self, request: Append) -> Absent:
        self.got.append(request)
        return Absent()


# ---- the wire ------------------------------------------------------------------------------------


def test_a_request_on_the_wire() -> None:
    line = encode("c1", "n1", Get("x"), msg_id=1)
    assert line == b'{"src":"c1","dest":"n1","body":{"type":"get","msg_id":1,"key":"x"}}'


def test_a_reply_on_the_wire() -> None:
    line = encode("n1", "c1", GetOk("ä\n"), in_reply_to=1)
    assert line == (
        '{"src":"n1","dest":"c1","body":{"type":"get_ok","in_reply_to":1,"value":"ä\\n"}}'.encode()
    )


def test_a_message_without_fields_or_numbers_on_the_wire() -> None:
    assert encode("a", "b", Absent()) == b'{"src":"a","dest":"b","body":{"type":"absent"}}'


def test_an_error_on_the_wire() -> None:
    assert messages.encode_error("n1", "c1", 20, "no x", 7) == (
        b'{"src":"n1","dest":"c1","body":{"type":"error","in_reply_to":7,"code":20,"text":"no x"}}'
    )


def test_every_kind_of_field_comes_back() -> None:
    request = Append([Entry(1), Entry(2, "x")], "n2", {3: 0.5}, (True, False), b"\0\xff")
    line = encode("c1", "n1", request, msg_id=1)
    assert json.loads(line)["body"] == {
        "type": "append",
        "msg_id": 1,
        "entries": [{"term": 1, "command": None}, {"term": 2, "command": "x"}],
        "leader": "n2",
        "index": {"3": 0.5},
        "flags": [True, False],
        "blob": "AP8=",
    }
    bench = Bench(Server)
    bench.deliver(json.loads(line)["body"])
    assert bench.node.got == [request]


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("Get", "get"),
        ("GetOk", "get_ok"),
        ("AppendEntries", "append_entries"),
        ("RPCDone", "rpc_done"),
        ("ListV2Keys", "list_v2_keys"),
        ("CAS", "cas"),
        ("already_snake", "already_snake"),
    ],
)
def test_names_are_snake_case(name: str, wire: str) -> None:
    assert type_name(type(name, (), {})) == wire


def test_a_request_knows_its_replies() -> None:
    assert list(replies_of(Get)) == ["get_ok", "absent"]
    assert list(replies_of(Append)) == ["absent"]


# ---- what comes in -------------------------------------------------------------------------------


def ask(body: str | bytes) -> Any:
    return Bench(Server).ask(body if isinstance(body, bytes) else body.encode())


def test_unknown_fields_are_ignored() -> None:
    body = '{"type":"get","msg_id":1,"key":"x","more":[1,{"a":2}]}'
    assert ask(body) == {"type": "get_ok", "in_reply_to": 1, "value": "x"}


def test_the_order_of_fields_is_free() -> None:
    assert ask('{"key":"x","msg_id":1,"type":"get"}')["type"] == "get_ok"


def test_of_a_field_that_comes_twice_the_last_counts() -> None:
    assert ask('{"type":"get","msg_id":1,"key":"x","key":"y"}')["value"] == "y"


REFUSED = {
    "a wrong type": b'{"type":"get","msg_id":1,"key":3}',
    "null": b'{"type":"get","msg_id":1,"key":null}',
    "a missing field": b'{"type":"get","msg_id":1}',
    "a list": b'{"type":"get","msg_id":1,"key":["x"]}',
    "a wrong utf-8": b'{"type":"get","msg_id":1,"key":"\xff"}',
    "infinity": b'{"type":"append","msg_id":1,"entries":[],"index":{"1":1e999}}',
    "a float for an int": b'{"type":"append","msg_id":1,"entries":[{"term":1.5}]}',
    "a bool for an int": b'{"type":"append","msg_id":1,"entries":[{"term":true}]}',
    "an int too long": b'{"type":"append","msg_id":1,"entries":[{"term":%s}]}' % (b"9" * 5000),
    "a wrong entry": b'{"type":"append","msg_id":1,"entries":[{}]}',
    "no base64": b'{"type":"append","msg_id":1,"entries":[],"blob":"?"}',
    "no number as a key": b'{"type":"append","msg_id":1,"entries":[],"index":{"x":1}}',
}
NO_JSON = {
    "a lone surrogate": b'{"type":"get","msg_id":1,"key":"\\ud800"}',
    "NaN": b'{"type":"append","msg_id":1,"entries":[],"index":{"1":NaN}}',
    "deep nesting": b'{"type":"get","msg_id":1,"key":"x","more":%s}'
    % (b"[" * 99999 + b"]" * 99999),
    "half an object": b'{"type":"get","msg_id":1,"key":"x"',
    "no type": b'{"msg_id":1,"key":"x"}',
    "a number for a type": b'{"type":3,"msg_id":1,"key":"x"}',
    "text for a number": b'{"type":"get","msg_id":"1","key":"x"}',
    "a list for a body": b"[]",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_and_reported(name: str) -> None:
    bench = Bench(Server)
    reply = bench.ask(REFUSED[name])
    assert (reply["type"], reply["code"], reply["in_reply_to"]) == ("error", 12, 1)
    assert bench.node.got == []
    kind = "get" if b'"get"' in REFUSED[name] else "append"
    assert [str(report) for report in bench.reports] == [reply["text"]]
    assert reply["text"].startswith(f"'{kind}' from n2 does not fit its type: ")


@pytest.mark.parametrize("name", NO_JSON)
def test_what_is_no_message_gets_no_answer(name: str) -> None:
    bench = Bench(Server)
    bench.deliver(NO_JSON[name])
    assert (bench.sent, bench.node.got) == ([], [])
    assert isinstance(bench.reports[0], messages.UNREADABLE)


def test_an_int_of_any_size_below_the_limit_fits() -> None:
    bench = Bench(Server)
    bench.deliver({"type": "append", "msg_id": 1, "entries": [{"term": 10**30}]})
    assert bench.node.got == [Append([Entry(10**30)])]


# ---- what goes out -------------------------------------------------------------------------------

UNSENDABLE = {
    "a wrong type": Get(3),  # type: ignore[arg-type]
    "None": Get(None),  # type: ignore[arg-type]
    "an object": Get(object()),  # type: ignore[arg-type]
    "a lone surrogate": Get("\ud800"),
    "NaN": Append([], index={1: math.nan}),
    "a wrong element": Append([Get("x")]),  # type: ignore[list-item]
    "a wrong key": Append([], index={(1, 2): 3.0}),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("name", UNSENDABLE)
def test_what_would_not_fit_is_not_sent(name: str) -> None:
    with pytest.raises(Mistake, match="cannot be sent"):
        encode("a", "b", UNSENDABLE[name])


def test_a_value_that_holds_itself_is_not_sent() -> None:
    entries: list[Any] = []
    entries.append(entries)
    with pytest.raises(Mistake, match="cannot be sent"):
        encode("a", "b", Append(entries))


def test_who_it_goes_to_must_be_a_name() -> None:
    with pytest.raises(Mistake, match="None is no node"):
        encode("a", None, Get("x"))  # type: ignore[arg-type]


@dataclass
class Loose(Message):
    pass


@dataclass(frozen=True)
class Typed(Message):
    type: str


@dataclass(frozen=True)
class InitOk(Message):
    pass


@dataclass(frozen=True)
class Mixed(Message):
    value: list[int] | set[int]


@pytest.mark.parametrize(
    ("cls", "sentence"),
    [
        (int, "int is no message"),
        ("Get", "'Get' is no message"),
        (Loose, "Loose must be a frozen dataclass"),
        (Typed, "Typed has a field 'type'"),
        (InitOk, "InitOk is one of the protocol's own"),
        (Mixed, "Mixed has a field that JSON cannot carry"),
    ],
)
def test_what_is_no_message(cls: Any, sentence: str) -> None:
    assert sentence in str(problem_with(cls))
    if isinstance(cls, type):
        with pytest.raises(Mistake, match=str(problem_with(cls)).split("[")[0].split("(")[0]):
            form_of(cls)


def test_what_is_a_message() -> None:
    assert [problem_with(cls) for cls in (Get, GetOk, Absent, Append)] == [None] * 4


@dataclass(frozen=True)
class Noted(Message):
    note: str
    from_: str
    as_: list[int] = field(default_factory=list)
    ins: int = 0


def test_a_field_that_python_keeps_for_itself_has_an_underscore_which_the_wire_does_not_see() -> (
    None
):
    line = encode("n1", "n2", Noted("x", "a", [1]))
    body = json.loads(line)["body"]
    assert body == {"type": "noted", "note": "x", "from": "a", "as": [1], "ins": 0}
    assert form_of(Noted).decode(json.dumps({"note": "x", "from": "a"}).encode()) == Noted("x", "a")


def test_such_a_field_is_checked_as_any_other() -> None:
    with pytest.raises(Mistake, match="cannot be sent"):
        encode("n1", "n2", Noted("x", 1))  # type: ignore[arg-type]
