"""The command host of the cluster: programs that know nothing of this project."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.cluster import Cluster
from autograder.cluster.errors import Unsupported
from autograder.cluster.hosts import command
from autograder.cluster.member import Fate
from autograder.run import Outcome
from autograder.suites.messages import First
from autograder.verdict import Verdict
from labs.node import CallTimeout
from tests.helpers import run_on, runner, write_root

PLAIN = f"""#!{sys.executable}
import json, os, sys, time
def say(src, dest, **body):
    print(json.dumps({{"src": src, "dest": dest, "body": body}}), flush=True)
me = None
for line in sys.stdin:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    match body["type"]:
        case "init":
            me, others = body["node_id"], body["node_ids"]
            print("I am", me, "of", *others, "in", os.path.basename(os.getcwd()), file=sys.stderr)
            say(me, src, type="init_ok", in_reply_to=body["msg_id"])
        case "echo":
            say(me, src, type="echo_ok", in_reply_to=body["msg_id"], echo=body["echo"])
        case "pass":
            say(me, body["to"], type="echo", msg_id=9, echo=body["echo"])
        case "echo_ok":
            print("echoed", body["echo"], file=sys.stderr, flush=True)
        case "forge":
            say("n2", src, type="echo_ok", in_reply_to=body["msg_id"], echo="forged")
        case "babble":
            print("no message", flush=True)
        case "exit":
            sys.exit(body["code"])
        case "fork":
            if os.fork() == 0:
                time.sleep(600)
            say(me, src, type="forked", in_reply_to=body["msg_id"])
"""
PLAIN_NODE = "plain/node"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_root(tmp_path, {PLAIN_NODE: PLAIN})
    (root / PLAIN_NODE).chmod(0o755)
    return root


def run(root: Path, test: object) -> Outcome:
    return run_on(root, test, host="command", clock="wall")  # type: ignore[arg-type]


def passes(root: Path, test: object) -> None:
    outcome = run(root, test)
    assert (outcome.seen, outcome.verdict) == ("", Verdict.PASS)


def wait_until_dead(processes: list[psutil.Process]) -> None:
    """Wait until none of them runs; who reaps an orphan, and when, is not ours to say."""
    deadline = time.monotonic() + 5
    while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes):
        assert time.monotonic() < deadline, processes


def test_it_is_told_its_name_and_answers(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(PLAIN_NODE, peers=("n1", "n2"))
        reply = await cluster.call(node, {"type": "echo", "echo": "a\n☃"})
        assert reply["echo"] == "a\n☃"
        assert node.printed("err") == [f"I am n1 of n1 n2 in {cluster.folder.name}"]

    passes(root, body)


def test_its_messages_pass_through_the_clusters_network(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        first = await cluster.start(PLAIN_NODE)
        await cluster.start(f"{sys.executable} {root / PLAIN_NODE}")
        loss = First(1, lambda message: message.src == "n2" and message.dest == "n1")
        cluster.network.rule(loss, what="the first message of n2 to n1 is lost")
        with pytest.raises(CallTimeout):
            await cluster.call(first, {"type": "pass", "to": "n2", "echo": "lost"}, timeout=0.01)
        await loss.reached.wait()
        with pytest.raises(CallTimeout):
            await cluster.call(first, {"type": "pass", "to": "n2", "echo": "kept"}, timeout=0.01)
        await cluster.until(lambda: "echoed kept" in first.printed("err"), 60)
        assert "echoed lost" not in first.printed("err")

    passes(root, body)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("forge", "n1: sent a message in the name of 'n2'"),
        ("babble", "n1: sent what is no message"),
    ],
)
def test_a_wrong_message_is_its_fault(root: Path, kind: str, sentence: str) -> None:
    async def body(cluster: Cluster) -> None:
        await cluster.start(PLAIN_NODE)
        await cluster.start(PLAIN_NODE)
        await cluster.call("n1", {"type": kind})

    outcome = run(root, body)
    assert outcome.verdict is Verdict.FAIL
    assert sentence in outcome.seen


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("plain/nothing", "n1: cannot be started"),
        ("cat", "must answer init with init_ok, and not with"),
        ("echo {}", "must answer init with init_ok, and not with"),
        ("sleep 100", "did not answer init within 0.2 s"),
        ("true", "ended before it answered init"),
        ("sh -c 'kill -9 $$'", "ended before it answered init"),
        ("head -c 200 /dev/zero", "wrote a line of over 100 bytes"),
    ],
)
def test_what_is_no_node_is_one_sentence(
    root: Path, program: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PATIENCE", 0.2 if program.startswith("sleep") else 60)
    if program.startswith("head"):
        monkeypatch.setattr(command, "FRAME_LIMIT", 100)

    async def body(cluster: Cluster) -> None:
        await cluster.start(program)
        await cluster.call("n1", {"type": "echo", "echo": 1})

    outcome = run(root, body)
    assert outcome.verdict is Verdict.FAIL
    assert sentence in outcome.seen


def test_its_exit_code_is_known(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(PLAIN_NODE)
        with pytest.raises(CallTimeout):
            await cluster.call(node, {"type": "exit", "code": 3}, timeout=0.01)
        await cluster.ended(node, 60)
        assert node.fate == Fate(3, None)

    passes(root, body)


def test_a_crash_kills_all_that_it_started(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(PLAIN_NODE)
        await cluster.call(node, {"type": "fork"})
        family = psutil.Process().children(recursive=True)
        mine = [p for p in family if str(root / PLAIN_NODE) in " ".join(p.cmdline())]
        assert len(mine) == 2
        await cluster.crash(node)
        assert node.fate == Fate(None, 9)
        wait_until_dead(mine)
        await cluster.restart(node)
        assert (await cluster.call(node, {"type": "echo", "echo": 1}))["echo"] == 1

    passes(root, body)


def test_a_paused_program_answers_when_it_goes_on(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(PLAIN_NODE)
        assert (await cluster.call(node, {"type": "echo", "echo": 1}))["echo"] == 1
        await cluster.pause(node)
        with pytest.raises(CallTimeout):
            await cluster.call(node, {"type": "echo", "echo": 2}, timeout=0.05)
        await cluster.resume(node)
        assert (await cluster.call(node, {"type": "echo", "echo": 3}))["echo"] == 3

    passes(root, body)


def test_a_flood_of_errors_is_kept_up_to_a_bound(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "OUTPUT", 1_000)
    loud = PLAIN.replace(
        "me = None", "me = None\nfor n in range(10_000): print(n, file=sys.stderr)"
    )
    (root / PLAIN_NODE).write_text(loud, encoding="utf-8")

    async def body(cluster: Cluster) -> None:
        node = await cluster.start(PLAIN_NODE)
        assert (await cluster.call(node, {"type": "echo", "echo": 1}))["echo"] == 1
        assert 900 < sum(len(text) + 1 for text in node.printed("err")) < 1_100

    passes(root, body)


def test_an_executable_takes_no_options(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        await cluster.start(PLAIN_NODE, size=3)

    assert "takes options" in run(root, body).seen


def test_no_descriptor_is_left(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(PLAIN_NODE)
        await cluster.call(node, {"type": "echo", "echo": 1})

    passes(root, body)
    before = len(os.listdir("/dev/fd"))
    passes(root, body)
    assert len(os.listdir("/dev/fd")) == before


def test_a_torn_write_is_refused(root: Path) -> None:
    async def body(cluster: Cluster) -> None:
        node = await cluster.start(PLAIN_NODE)
        assert node.body is not None
        node.body.limit_file_size(1)

    with runner(root, "command", "wall") as made, pytest.raises(Unsupported):
        made.run_once(body, 1)
