"""`autograder gossip test`: its options, its results, its exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.__main__ import autograder
from autograder.catalog import REPOSITORY
from tests.foreign.programs import HERE

ECHO = str(REPOSITORY / "solutions/gossip/echo.py:EchoNode")
UNIQUE = str(HERE / "shell/unique_ids.sh")
SHORT = ["--time-limit", "1", "--rate", "20", "--calm", "0", "--node-count", "2"]
DUMB = """
from labs.node import Message, Node, Request, handler
from dataclasses import dataclass
from typing import Any

@dataclass(frozen=True)
class EchoOk(Message):
    echo: Any

@dataclass(frozen=True)
class Echo(Request[EchoOk]):
    echo: Any

class Dumb(Node):
    @handler
    async def echo(self, request: Echo) -> EchoOk:
        print("told", request.echo)
        return EchoOk("what?")
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(autograder, ["gossip", "test", *words])


def wrong_echo(tmp_path: Path) -> str:
    file = tmp_path / "gossip" / "echo.py"
    file.parent.mkdir()
    file.write_text(DUMB, encoding="utf-8")
    return f"{file}:Dumb"


def test_a_valid_run(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    result = run("-w", "echo", "--bin", ECHO, *SHORT, "--seed", "5", "--json", str(file))
    assert result.exit_code == 0, result.output
    assert "echo: valid" in result.output
    found = json.loads(file.read_text(encoding="utf-8"))
    count = found["stats"]["count"]
    assert count > 5
    assert found["valid"] is True
    assert found["seed"] == 5
    assert found["stats"]["by-f"]["echo"]["ok-count"] == found["stats"]["ok-count"] == count
    assert found["availability"] == {"valid": True, "ok-fraction": 1.0}
    assert found["net"]["all"] == {"send-count": 2 * count, "msgs-per-op": 2.0}
    assert found["net"]["servers"]["send-count"] == 0
    assert found["workload"]["valid"] is True


def test_a_failing_run_says_why_and_how_to_repeat_it(tmp_path: Path) -> None:
    program, out = wrong_echo(tmp_path), tmp_path / "out"
    result = run("-w", "echo", "--bin", program, *SHORT, "--out", str(out))
    assert result.exit_code == 1, result.output
    assert "echoed 'what?'" in result.output
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert found["valid"] is found["workload"]["valid"] is False
    assert found["evidence"][0]["result"] == "what?"
    assert found["command"].endswith(f"--seed {found['seed']}")
    assert found["command"] in result.output.replace("\n", "")
    assert "<svg" in (out / "picture.html").read_text(encoding="utf-8")
    assert "told Please echo" in (out / "node-logs" / "n1.log").read_text(encoding="utf-8")
    assert len((out / "messages.jsonl").read_bytes().splitlines()) > found["stats"]["count"]


def test_the_command_that_is_printed_repeats_the_run(tmp_path: Path) -> None:
    program, outs = wrong_echo(tmp_path), [tmp_path / "one", tmp_path / "two"]
    words = ["-w", "echo", "--bin", program, *SHORT, "--nemesis", "loss,partition"]
    run(*words, "--out", str(outs[0]))
    first = json.loads((outs[0] / "results.json").read_text(encoding="utf-8"))
    repeated = first["command"].split()[3:]
    run(*repeated, "--out", str(outs[1]))
    traces = [(out / "messages.jsonl").read_bytes() for out in outs]
    assert traces[0] == traces[1]


def test_a_cycle_of_transactions_is_drawn(tmp_path: Path) -> None:
    stores = str(REPOSITORY / "solutions/gossip/transactions.py:TransactionStore")
    words = ["--consistency-models", "serializable", "--seed", "3", "--out", str(tmp_path)]
    words += ["--node-count", "3", "--rate", "40", "--time-limit", "5"]
    result = run("-w", "txn-rw-register", "--bin", stores, *words)
    assert result.exit_code == 1, result.output
    said = " ".join(result.output.split())
    page = (tmp_path / "picture.html").read_text(encoding="utf-8")
    drawn = re.findall(r'<text class="name"[^>]*>(T\d+ of c\d)</text>', page)
    assert len(drawn) >= 2
    assert all(f"{name} read" in said for name in drawn)
    assert page.count('class="cycle-arrow rw"') == len(drawn)


LOUD = """\
import json, sys
sys.stderr.write("*" * 3_000_000)
sys.stderr.flush()
for number, line in enumerate(sys.stdin):
    asked = json.loads(line)
    kind, to = asked["body"]["type"], asked["body"]["msg_id"]
    body = {**asked["body"], "type": kind + "_ok", "in_reply_to": to if number else FIRST(to)}
    print(json.dumps({"src": asked["dest"], "dest": asked["src"], "body": body}), flush=True)
"""


@pytest.mark.parametrize(("first", "code"), [("int", 0), ("str", 1), ("float", 1)])
def test_a_node_may_write_anything_to_standard_error_but_not_to_output(
    tmp_path: Path, first: str, code: int
) -> None:
    """Three megabytes without a newline do not stop it; what answers init with another number does."""
    program = tmp_path / "loud.py"
    program.write_text(LOUD.replace("FIRST", first), encoding="utf-8")
    result = run("-w", "echo", "--bin", sys.executable, *SHORT, "--", str(program))
    assert result.exit_code == code, result.output
    assert ("must answer init with init_ok" in result.output) is bool(code)


def test_a_picture_is_drawn_without_a_folder_too(tmp_path: Path) -> None:
    result = run("-w", "echo", "--bin", wrong_echo(tmp_path), *SHORT)
    [line] = [line for line in result.output.splitlines() if line.startswith("picture ")]
    page = Path(line.removeprefix("picture "))
    assert page.is_file()
    shutil.rmtree(page.parent)


def test_logs_are_printed_if_they_are_wanted(tmp_path: Path) -> None:
    words = ["-w", "echo", "--bin", wrong_echo(tmp_path), *SHORT]
    result = run(*words, "--log-stderr", "--log-net-send", "--log-net-recv")
    assert "n1: told Please echo" in result.output
    assert 'send {"src":"c1","dest":"n1"' in result.output
    assert 'deliver {"src":"c1","dest":"n1"' in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--nemesis", "partition", "--node-count", "3"], "partition struck once"),
        (["--time-limit", "0.00001"], "no operation was done"),
    ],
)
def test_a_run_that_says_little_is_unknown(words: list[str], said: str) -> None:
    result = run("-w", "echo", "--bin", ECHO, *SHORT, *words)
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())
    assert "echo: UNKNOWN" in result.output


def test_enough_faults_make_it_valid() -> None:
    words = [
        *SHORT,
        "--nemesis",
        "partition,loss",
        "--nemesis-interval",
        "0.1",
        "--node-count",
        "3",
    ]
    result = run("-w", "echo", "--bin", ECHO, *words)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("wanted", ["total", "0.999"])
def test_availability_is_judged_if_it_is_asked_for(wanted: str) -> None:
    """Clients are beside their servers, and a node that is killed answers nobody."""
    words = ["--nemesis", "kill", "--nemesis-interval", "0.3", "--time-limit", "20"]
    result = run("-w", "echo", "--bin", ECHO, *SHORT, *words, "--availability", wanted)
    assert result.exit_code == 1, result.output
    assert "were asked for: the first that did not is echo" in " ".join(result.output.split())


def test_names_of_nodes(tmp_path: Path) -> None:
    words = ["--nodes", "alpha,beta", "--time-limit", "1", "--calm", "0", "--out", str(tmp_path)]
    assert run("-w", "echo", "--bin", ECHO, *words).exit_code == 0
    logs = sorted(path.name for path in (tmp_path / "node-logs").iterdir())
    assert logs == ["alpha.log", "beta.log"]


def test_an_executable_with_arguments(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash on this machine")
    words = ["-w", "unique-ids", "--bin", "bash", *SHORT, "--seed", "3", "--", UNIQUE]
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "unique-ids: valid" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-w", "nothing"], "Invalid value for '-w'"),
        (["--bin", "./no-such"], "--bin ./no-such: there is no such program."),
        (["--bin", "/"], "this is a folder"),
        (["--bin", ""], "--bin : name a program"),
        (["--rate", "inf"], "inf is not a number"),
        (["--out", "/dev/null/out"], "--out /dev/null/out: "),
        (["--json", "/proc/version"], "--json /proc/version: "),
        (["--nemesis", "one-way", "--node-count", "1"], "there is one node, and no link"),
        (["--bin", str(REPOSITORY / "README.md")], "not executable: chmod +x"),
        (["--bin", "no.py:Node"], "there is no file no.py"),
        (["--bin", ECHO, "--", "more"], "a class takes no arguments"),
        (
            ["--bin", f"{ECHO}r"],
            "there is no EchoNoder in this file; its classes: EchoOk, Echo, EchoNode.",
        ),
        (["--bin", "true", "--clock", "virtual"], "the time of an executable is the wall's"),
        (["--concurrency", "4m"], "--concurrency 4m: write how many clients"),
        (["--concurrency", "0"], "--concurrency 0: write how many clients"),
        (["--availability", "half"], "--availability half: write total, or a fraction"),
        (["--availability", "1.5"], "--availability 1.5: write total, or a fraction"),
        (["--nemesis", "flood"], "--nemesis flood: there are "),
        (["--nodes", "n1,c2"], "--nodes c2: this is no name for a node"),
        (["--nodes", "seq-kv"], "--nodes seq-kv: this is no name for a node"),
        (["--nodes", ","], "--nodes ,: write names between commas"),
        (["--node-count", "0"], "Invalid value for '--node-count'"),
        (["--rate", "0"], "Invalid value for '--rate'"),
        (["--rate", "nan"], "nan is not a number"),
        (["--time-limit", "inf"], "Invalid value for '--time-limit'"),
        (["--topology", "ring"], "Invalid value for '--topology'"),
        (["--key-count", "3"], "--key-count means nothing to the workload echo."),
        (
            ["-w", "txn-list-append", "--consistency-models", "hope"],
            "'hope' is no consistency model",
        ),
        (["--json", "/no/such/file"], "there is no folder /no/such"),
    ],
)
def test_a_bad_option_is_one_sentence(words: list[str], said: str) -> None:
    result = run("-w", "echo", "--bin", ECHO, *words)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_ctrl_c_ends_it_with_what_was_seen(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "autograder", "gossip", "test", "-w", "unique-ids"]
    words = [
        "--bin",
        UNIQUE,
        "--node-count",
        "1",
        "--rate",
        "50",
        "--out",
        str(out),
        "--log-net-recv",
    ]
    with subprocess.Popen(
        [*command, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        assert any('"type":"generate_ok"' in line for line in process.stderr)
        os.kill(process.pid, signal.SIGINT)
        began = time.monotonic()
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 2, output + errors
    assert time.monotonic() - began < 30
    assert "the run was interrupted before its end" in " ".join(output.split())
    assert "Traceback" not in errors
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert found["valid"] == "unknown"
    assert found["stats"]["ok-count"] >= 1
