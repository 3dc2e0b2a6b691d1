"""A node on standard input and output, as Maelstrom runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from autograder.catalog import REPOSITORY
from labs.node.hosts.stdio import read_lines
from tests.helpers import write_root

ECHO = """
import asyncio
from dataclasses import dataclass
from labs.node import Message, Node, Request, handler

@dataclass(frozen=True)
class EchoOk(Message):
    echo: str

@dataclass(frozen=True)
class Echo(Request[EchoOk]):
    echo: str

class Server(Node):
    def __init__(self, suffix: str = "") -> None:
        self.suffix = suffix
        self.ended = asyncio.Event()

    async def main(self) -> None:
        print("peers", *self.peers)
        await self.ended.wait()

    @handler
    async def echo(self, request: Echo) -> EchoOk:
        if request.echo == "end":
            self.ended.set()
        await asyncio.sleep(0.02)
        if request.echo == "fail":
            raise ValueError(request.echo)
        return EchoOk(request.echo + self.suffix)
"""
INIT = {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1", "n2", "n3"]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_root(tmp_path, {"echo/server.py": ECHO})


def wire(*bodies: Mapping[str, object]) -> bytes:
    lines = [json.dumps({"id": 0, "src": "c1", "dest": "n1", "body": body}) for body in bodies]
    return "".join(line + "\n" for line in lines).encode()


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "labs.node", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )


def run(data: bytes, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code, the messages that the node wrote, and its standard error."""
    with start(*arguments) as process:
        out, err = process.communicate(data, timeout=20)
    return process.returncode, [json.loads(line) for line in out.splitlines()], err.decode()


def echo(msg_id: int, text: object) -> dict[str, object]:
    return {"type": "echo", "msg_id": msg_id, "echo": text}


def test_it_answers_init_and_then_what_it_is_asked(root: Path) -> None:
    data = wire(INIT, echo(2, "hi"))
    code, said, err = run(data, "--root", str(root), "echo/server.py:Server")
    assert (code, said) == (
        0,
        [
            {"src": "n1", "dest": "c1", "body": {"type": "init_ok", "in_reply_to": 1}},
            {
                "src": "n1",
                "dest": "c1",
                "body": {"type": "echo_ok", "in_reply_to": 2, "echo": "hi"},
            },
        ],
    )
    assert err == "peers n1 n2 n3\n"


def test_options_and_a_file_that_stands_alone(root: Path) -> None:
    program = str(root / "echo" / "server.py") + ":Server"
    _, said, _ = run(wire(INIT, echo(2, "hi")), "--set", 'suffix="!"', program)
    assert said[1]["body"]["echo"] == "hi!"


def test_errors_are_answered_and_told(root: Path) -> None:
    bodies = [INIT, echo(2, 7), echo(3, "fail"), {"type": "walk", "msg_id": 4}]
    data = wire(*bodies) + b"nonsense\n" + wire(echo(5, "hi"))
    code, said, err = run(data, "--root", str(root), "echo/server.py:Server")
    codes = {message["body"]["in_reply_to"]: message["body"].get("code") for message in said}
    assert (code, codes) == (0, {1: None, 2: 12, 3: 13, 4: 10, 5: None})
    assert "does not fit its type" in err
    assert "ValueError: fail" in err
    assert "n1 got a line that is no message" in err


def test_it_ends_with_its_main_although_its_input_goes_on(root: Path) -> None:
    with start("--root", str(root), "echo/server.py:Server") as process:
        assert process.stdin is not None
        process.stdin.write(wire(INIT, echo(2, "end")))
        process.stdin.flush()
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b"peers n1 n2 n3\n"


@pytest.mark.parametrize(
    ("program", "options", "data", "sentence"),
    [
        ("echo/server.py:Sever", [], wire(INIT), "Sever"),
        ("echo/serve.py:Server", [], wire(INIT), "echo/serve.py"),
        ("echo/server.py:Echo", [], wire(INIT), "is no Node"),
        ("echo/server.py:Server", ["--set", "n=1"], wire(INIT), "unexpected keyword argument 'n'"),
        ("echo/server.py:Server", [], b"", "ended before its first line"),
        ("echo/server.py:Server", [], b"hello\n", "must be an init message"),
        ("echo/server.py:Server", [], wire({**INIT, "type": "x"}), "not 'x'"),
    ],
)
def test_what_cannot_run_is_one_sentence(
    root: Path, program: str, options: list[str], data: bytes, sentence: str
) -> None:
    code, said, err = run(data, "--root", str(root), *options, program)
    assert (code, said) == (1, [])
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_an_option_that_is_no_json_is_refused(root: Path) -> None:
    code, _, err = run(b"", "--root", str(root), "--set", "n=x", "echo/server.py:Server")
    assert code == 2
    assert "'n=x' is not name=json" in err


def test_a_line_that_is_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labs.node.hosts.stdio.FRAME_LIMIT", 10)
    source, sink = os.pipe()
    os.write(sink, b"a" * 10 + b"\n" + b"b" * 11 + b"\n" + b"c" * 500 + b"\nd\nhalf")
    os.close(sink)
    assert list(read_lines(source)) == [b"a" * 10, b"d"]
    os.close(source)
