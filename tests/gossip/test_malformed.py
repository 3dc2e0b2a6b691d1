"""What no node may write is answered by a sentence: the line, what was expected, and where that stands."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograder.cluster.complaints import SHOWN, shown
from autograder.cluster.errors import NodeFault
from autograder.cluster.hosts.pipes import CHUNK, LineReader
from autograder.cluster.network import decode_wire
from autograder.gossip.options import WORKLOADS, Order
from autograder.gossip.results import results
from autograder.gossip.trial import attempt
from autograder.verdict import Verdict
from labs.node.messages import UNREADABLE
from tests.gossip.liars import SHORT, echoed, put
from tests.gossip.page import examples, sections
from tests.gossip.test_protocol import rpcs, section_of

Json = dict[str, Any]
PLACE = re.compile(r'\(docs/protocol\.md, "([^"]+)"\)')
OTHERS = [None, True, "x", -1.5, 1 << 80, [], {}, [[1, "x"]], {"k": None}]  # values of JSON
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


def complains(seen: str, line: bytes) -> None:
    """A sentence shows the line or its body, what was expected, and where the page says so."""
    assert shown(line) in seen or shown(body_of(line)) in seen
    assert "expected was" in seen
    [section] = PLACE.findall(seen)
    assert section in sections()


def body_of(line: bytes) -> bytes:
    """The body of a message, as bytes."""
    try:
        return compact(json.loads(line)["body"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return line


def compact(message: Json) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def without(message: Json, path: str) -> Json:
    """A message that lacks a field."""
    copy = json.loads(json.dumps(message))
    *outer, last = path.split(".")
    del (copy[outer[0]] if outer else copy)[last]
    return copy  # type: ignore[no-any-return]


def replaced(message: Json, path: str, value: object) -> Json:
    """A message with another value in a field."""
    copy = json.loads(json.dumps(message))
    *outer, last = path.split(".")
    (copy[outer[0]] if outer else copy)[last] = value
    return copy  # type: ignore[no-any-return]


FIELDS = ("src", "dest", "body", "body.type", "body.in_reply_to", "body.echo")


@pytest.mark.parametrize("path", FIELDS)
def test_a_missing_field(path: str) -> None:
    line = b""

    def script(id: str, message: Json) -> Iterable[bytes]:
        nonlocal line
        line = compact(without(echoed(id, message), path))
        return [line]

    found = put(script)
    assert found.verdict is Verdict.FAIL
    complains(found.seen, line)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([path for path in FIELDS if path != "body.echo"]), json_values)
def test_a_field_with_another_value(path: str, value: object) -> None:
    assume(value not in ("n1", "n2", "test", "c1", "c2", "echo_ok"))
    assume(path != "body.in_reply_to" or type(value) is not int or value < 1)  # else it is late
    line = b""

    def script(id: str, message: Json) -> Iterable[bytes]:
        nonlocal line
        line = compact(replaced(echoed(id, message), path, value))
        return [line]

    found = put(script)
    assert found.verdict is Verdict.FAIL
    complains(found.seen, line)


@settings(max_examples=50, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(str.encode)
    | json_values.map(msgspec.json.encode)
)
def test_a_line_that_is_no_message(line: bytes) -> None:
    assume(b"\n" not in line and not is_message(line))
    found = put(lambda id, message: [line])
    assert found.verdict is Verdict.FAIL
    assert "sent what is no message" in found.seen
    complains(found.seen, line)


def is_message(line: bytes) -> bool:
    try:
        decode_wire(line)
    except UNREADABLE:
        return False
    return True


@pytest.mark.parametrize(
    "line",
    [
        b'{"src":"n1","dest":"c1","body":{"type":"echo_ok","in_reply_to":1,"echo":"\xff"}}',
        b'{"src":"n1","dest":"c1","body":{"type":"echo_ok","in_reply_to":1,"echo":nan}}',
        b'{"src":"n1","dest":"c1","body":{"type":"echo_ok","in_reply_to":1,"echo":' + b"[" * 9_999,
        b'{"src":"n1","dest":"c1","body":{"type":"echo_ok","in_reply_to":1}} and more',
        b"\xef\xbb\xbf{}",
        b"x" * 100_000,
        b"",
    ],
)  # fmt: skip
def test_a_line_that_is_nearly_a_message(line: bytes) -> None:
    found = put(lambda id, message: [line])
    assert found.verdict is Verdict.FAIL
    complains(found.seen, line)
    assert len(found.seen) < 5 * SHOWN


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(max_size=5), json_values, max_size=3), st.booleans(), st.randoms())
def test_a_right_reply_may_look_as_it_likes(more: Json, spaced: bool, random: Any) -> None:
    """Fields in any order, others beside them, spaces, escapes, and the same reply twice."""

    def script(id: str, message: Json) -> Iterable[bytes]:
        right = echoed(id, message)
        right["body"] = shuffled({**more, **right["body"]}, random)
        text = json.dumps(
            shuffled(right, random), indent=None, separators=(", " if spaced else ",", ":")
        )
        return [text.encode()] * random.randint(1, 2)

    assume(not {"msg_id"} & more.keys())
    found = put(script)
    assert (found.seen, found.verdict) == ("", Verdict.PASS)


def shuffled(body: Json, random: Any) -> Json:
    items = list(body.items())
    random.shuffle(items)
    return dict(items)


def test_a_late_reply_is_no_fault() -> None:
    held: list[bytes] = []

    def script(id: str, message: Json) -> Iterable[bytes]:
        held.append(compact(echoed(id, message)))
        return [line for line in [held.pop(0)] if len(held) > 1 and f'"{id}"'.encode() in line]

    assert put(script).verdict is Verdict.PASS


def test_another_node_may_give_the_reply() -> None:
    def script(id: str, message: Json) -> Iterable[bytes]:
        body = message["body"]
        if body["type"] == "pass":
            yield compact(echoed(id, body["asked"]))
        else:
            other = {"n1": "n2", "n2": "n1"}[id]
            yield compact({"src": id, "dest": other, "body": {"type": "pass", "asked": message}})

    assert put(script).verdict is Verdict.PASS


def test_a_forged_message_is_never_delivered() -> None:
    taken = []

    def script(id: str, message: Json) -> Iterable[bytes]:
        taken.append((id, message["src"]))
        yield compact({"src": "n2", "dest": "n1", "body": {"type": "hello"}})

    found = put(script)
    assert "sent a message in the name of 'n2'" in found.seen or "n2 " in found.seen
    assert all(src.startswith("c") for id, src in taken if id == "n1")


# --- replies of every workload --------------------------------------------------------------------


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_reply_is_taken_or_refused_with_words(workload: str) -> None:
    """Each field of each reply, left away and with values of every kind."""
    refused = 0
    known = {f"{rpc.name}_ok": rpc for rpc in rpcs(workload)}
    for example in examples(section_of(workload)):
        rpc, right = known.get(example.body["type"]), example.body
        if rpc is None:
            continue
        fields = right.keys() - {"in_reply_to"}
        wrong = [without(right, field) for field in fields]
        wrong += [replaced(right, field, value) for field in fields for value in OTHERS]
        for body in wrong:
            try:
                rpc.read("n1", body)
            except NodeFault as fault:
                refused += 1
                complains(str(fault), compact(body))
    assert refused > 5


# --- pipes ----------------------------------------------------------------------------------------


def read(pieces: list[bytes], limit: int) -> tuple[list[bytes], str | None, int]:
    """What a reader takes of a pipe: its lines, its problem, and the most that it kept."""
    inside, outside = os.pipe()
    taken: list[bytes] = []
    ended: list[str | None] = []
    loop = asyncio.new_event_loop()
    most = 0
    with os.fdopen(inside, "rb") as pipe:
        reader = LineReader(loop, pipe, limit, taken.append, ended.append)
        for piece in [*pieces, b""]:
            if piece and not ended:
                os.write(outside, piece)
            elif not piece:
                os.close(outside)
            loop.call_soon(loop.stop)
            loop.run_forever()
            most = max(most, len(reader.half_line()))
        while not ended:
            loop.call_soon(loop.stop)
            loop.run_forever()
        reader.close()
    loop.close()
    return taken, ended[0], most


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40), max_size=20))
def test_lines_come_whole_however_they_are_cut(pieces: list[bytes]) -> None:
    taken, problem, _ = read(pieces, 10_000)
    whole = b"".join(pieces).split(b"\n")
    assert problem is None
    assert taken == (whole if whole[-1] else whole[:-1])


def test_a_line_without_end_is_not_kept() -> None:
    taken, problem, most = read([b"x" * CHUNK] * 4, CHUNK)
    assert taken == []
    assert problem is not None
    assert f"a line of over {CHUNK} bytes" in problem
    assert "docs/protocol.md" in problem
    assert most <= 2 * CHUNK


# --- programs -------------------------------------------------------------------------------------

ANSWER = r"""printf '{"src":"n1","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}\n'"""


@pytest.mark.parametrize(
    ("script", "said", "section"),
    [
        ("echo starting; cat", "must answer init with init_ok, and not with starting", "init"),
        ("exit 3", "ended before it answered init with init_ok (exit code 3)", "init"),
        ("kill -9 $$", "ended before it answered init with init_ok (killed by SIGKILL)", "init"),
        (f"{ANSWER}; echo debug; cat", "n1: sent what is no message", "messages"),
        (f"{ANSWER}; printf '{{}}'; exit", "n1: sent what is no message", "messages"),
        (f"{ANSWER}; echo oh no >&2; exit 7", "ended by itself, with code 7\noh no", ""),
        (f"{ANSWER}; kill -9 $$", "n1: its process was killed by SIGKILL", ""),
        (
            f"{ANSWER}; head -c 1073741824 /dev/zero; cat",
            "n1: wrote a line of over 100663296 bytes, which begins with \\x00",
            "messages",
        ),
    ],
)
def test_a_program_that_is_no_node(script: str, said: str, section: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nread line\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    load = replace(SHORT, nodes=1, time_limit=5.0)
    order = Order("echo", str(program), Path("/"), "command", "wall", load, (), 1)
    result = results(attempt(order))
    assert result["valid"] is False
    assert said in result["sentence"]
    assert not section or PLACE.findall(result["sentence"]) == [section]
