"""docs/protocol.md says what the code does: its examples are read, written and answered to the byte."""

from __future__ import annotations

import asyncio
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from autograder.catalog import REPOSITORY
from autograder.cluster import Cluster
from autograder.cluster.hosts.command import init, is_init_ok
from autograder.gossip.options import WORKLOADS
from autograder.gossip.protocol import Rpc
from autograder.gossip.services import SERVICES, Services
from autograder.verdict import Verdict
from labs.node.errors import RPCError
from labs.node.hosts.control import Start
from tests.foreign.programs import PROGRAMS, Foreign
from tests.gossip.page import Example, all_examples, error_codes, examples, sections
from tests.helpers import run_on

COUNTERS = ("g-counter", "pn-counter")
REFERENCES = {  # what answers the requests of each section
    "gossip/echo.py:EchoNode": "echo",
    "gossip/unique_ids.py:UniqueIds": "unique-ids",
    "gossip/broadcast.py:BroadcastNode": "broadcast",
    "gossip/broadcast_fast.py:FastBroadcast": "broadcast",
    "gossip/broadcast_few.py:FewBroadcast": "broadcast",
    "gossip/counter_crdt.py:GrowOnlyCounter": "counters",
    "gossip/pn_counter.py:PNCounter": "counters",
    "gossip/log.py:LogNode": "kafka",
    "gossip/transactions.py:TransactionStore": "txn-rw-register",
}
INIT, INIT_OK = examples("init")
FREE = {"generate_ok": "id"}  # fields of replies that a node chooses


def section_of(workload: str) -> str:
    return "counters" if workload in COUNTERS else workload


def rpcs(workload: str) -> list[Rpc[Any]]:
    """The requests of a workload."""
    module = importlib.import_module(WORKLOADS[workload].partition(":")[0])
    values = [*vars(module).values()]
    values += [getattr(value, "rpc", None) for value in values if isinstance(value, type)]
    return [value for value in values if isinstance(value, Rpc)]


# --- the page and the schemas ---------------------------------------------------------------------


@pytest.mark.parametrize("example", all_examples(), ids=lambda each: each.body["type"])
def test_an_example_is_what_is_on_the_wire(example: Example) -> None:
    assert json.dumps(example.message, separators=(",", ":")).encode() == example.line


@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_reply_of_the_page_is_one_that_the_harness_takes(workload: str) -> None:
    known = {f"{rpc.name}_ok": rpc for rpc in rpcs(workload)}
    replies = [each for each in examples(section_of(workload)) if each.is_reply]
    assert {each.body["type"] for each in replies} == known.keys()
    for each in replies:
        known[each.body["type"]].read("n1", each.body)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_what_a_complaint_says_was_expected_is_taken(workload: str) -> None:
    for rpc in rpcs(workload):
        assert rpc.section == section_of(workload)
        rpc.read("n1", json.loads(rpc.example))


def test_the_places_that_complaints_name_are_on_the_page() -> None:
    text = (REPOSITORY / "autograder/cluster/complaints.py").read_text(encoding="utf-8")
    for section in ("messages", "init", "errors"):
        assert f'"{section}"' in text
        assert section in sections()


def test_the_table_of_errors_is_that_of_the_node_library() -> None:
    table = {code: definite for code, (_, definite) in error_codes().items()}
    assert table == {code: cls.definite for code, cls in RPCError.by_code.items()}


def test_an_error_of_the_page_is_an_error() -> None:
    [example] = examples("errors")
    assert RPCError.from_code(example.body["code"], "").code in error_codes()


def test_init_is_what_the_harness_sends_and_takes() -> None:
    start = Start(
        "n1", ("n1", "n2", "n3"), "x", {}, "", "", (), "", False, 1, 1, 1, 0, 0.0, False
    )  # fmt: skip
    assert init(start) == INIT.line
    assert is_init_ok(INIT_OK.line, "n1")


# --- the page and nodes ---------------------------------------------------------------------------


@contextmanager
def program(words: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program with pipes, as a harness has it."""
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def answer(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    """What a node answers to a client; what it tells other nodes meanwhile is passed over."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line + b"\n")
    process.stdin.flush()
    return next(reply for reply in lines_of(process.stdout) if b'"dest":"c' in compact(reply))


def lines_of(pipe: IO[bytes]) -> Iterator[bytes]:
    for line in pipe:
        assert line.endswith(b"\n")
        yield line[:-1]


def compact(line: bytes) -> bytes:
    return json.dumps(json.loads(line), separators=(",", ":"), sort_keys=True).encode()


def dialogue(section: str) -> Iterator[tuple[Example, Example]]:
    """The requests of a section with their replies, from `init` on."""
    lines = [INIT, INIT_OK, *examples(section)]
    yield from zip(lines[::2], lines[1::2], strict=True)


@pytest.mark.parametrize("reference", REFERENCES)
def test_our_nodes_answer_to_the_byte(reference: str, tmp_path: Path) -> None:
    root = str(REPOSITORY / "solutions")
    words = [sys.executable, "-m", "labs.node", "--root", root, reference]
    with program(words, tmp_path) as process:
        for request, reply in dialogue(REFERENCES[reference]):
            found, wanted = answer(process, request.line), reply.line
            if free := FREE.get(reply.body["type"]):
                found, wanted = (
                    line.partition(f'"{free}"'.encode())[0] for line in (found, wanted)
                )
            assert found == wanted


@pytest.mark.parametrize("foreign", PROGRAMS, ids=lambda each: each.workload)
def test_nodes_in_other_languages_answer_the_same(foreign: Foreign, tmp_path: Path) -> None:
    words = foreign.order(tmp_path).program.split()
    with program(words, tmp_path) as process:
        for request, reply in dialogue(section_of(foreign.workload)):
            found, wanted = json.loads(answer(process, request.line)), reply.message
            if free := FREE.get(wanted["body"]["type"]):
                assert found["body"].pop(free) is not None
                del wanted["body"][free]
            assert found == wanted


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_answers_to_the_byte(name: str, tmp_path: Path) -> None:
    section = name if name in sections() and name not in WORKLOADS else "services"

    async def test(cluster: Cluster) -> None:
        Services(cluster)
        replies: asyncio.Queue[bytes] = asyncio.Queue()
        cluster.attach("n1", lambda message: replies.put_nowait(bytes(message.line)))
        lines = [each.line.replace(b'"seq-kv"', f'"{name}"'.encode()) for each in examples(section)]
        for request, reply in zip(lines[::2], lines[1::2], strict=True):
            await asyncio.sleep(1)
            cluster.network.send(cluster.engine.now, "n1", msgspec.Raw(request))
            assert await replies.get() == reply

    outcome = run_on(tmp_path, test, host="inline")
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)
