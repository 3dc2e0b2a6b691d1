"""`autograder kv serve`, `get` and `put`, as a user meets them."""

from __future__ import annotations

import itertools
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.catalog import REPOSITORY
from autograder.commands.kv import kv
from autograder.kv.loss import Dice
from labs.node.hosts import load
from tests.helpers import write_root
from tests.kv.services import DEADLINE, PATIENT, make_root, served, started


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    """Each command loads its own root."""
    outer = load.set_aside()
    yield
    load.put_back(outer)


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(kv, list(map(str, arguments)))


@pytest.fixture
def clerk(tmp_path: Path) -> list[str | Path]:
    """Options for a clerk so patient that a busy machine does not make it ask twice."""
    return ["--timeout", "60", "--root", make_root(tmp_path / "patient", PATIENT)]


@pytest.fixture
def nowhere() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize("storage", [None, "memory", "file", "lmdb", "FILE"])
def test_what_one_command_puts_another_gets(
    tmp_path: Path, clerk: list[str | Path], storage: str | None
) -> None:
    backend = f"{REPOSITORY}/solutions/storage/file.py:FileStorage"
    options: list[str | Path] = ["--folder", tmp_path / "new" / "folder"]
    if storage is not None:
        options += ["--storage", backend if storage == "FILE" else storage]
    with served(*options) as (_, address):
        at = ["--server", address, *clerk]
        done = call("put", "k", "水 and more", "--version", "0", *at)
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", "version 1\n")
        done = call("get", "k", *at)
        assert (done.exit_code, done.stdout, done.stderr) == (0, "水 and more\n", "version 1\n")

        done = call("get", "nothing", *at)
        assert (done.exit_code, done.output) == (1, "Error: there is no 'nothing'\n")
        done = call("put", "nothing", "v", "--version", "3", *at)
        assert done.exit_code == 1
        assert done.output.startswith("Error: there is no 'nothing'")
        done = call("put", "k", "v", "--version", "0", *at)
        assert done.exit_code == 1
        assert done.output.startswith("Error: 'k' has version 1")
        assert call("get", "k", *at).stdout == "水 and more\n"


@pytest.mark.parametrize("storage", ["file", "lmdb"])
def test_a_storage_on_disk_outlives_a_kill_and_one_in_memory_does_not(
    tmp_path: Path, clerk: list[str | Path], storage: str
) -> None:
    for kept, name in ((True, storage), (False, "memory")):
        options: list[str | Path] = ["--storage", name, "--folder", tmp_path]
        with served(*options) as (server, address):
            done = call("put", "k", name, "--version", "0", "--server", address, *clerk)
            assert done.exit_code == 0
            server.send_signal(signal.SIGKILL)
            server.wait(DEADLINE)
        with served(*options) as (_, address):
            done = call("get", "k", "--server", address, *clerk)
            assert (done.exit_code, done.stdout) == ((0, f"{name}\n") if kept else (1, ""))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("options", [[], ["--storage", "file"], ["--loss", "100"]])
def test_a_signal_ends_a_server_cleanly(
    tmp_path: Path, number: signal.Signals, options: list[str]
) -> None:
    """Even while it has calls that will never be answered."""
    with served("--folder", tmp_path, *options) as (server, address):
        if "--loss" in options:
            done = call("get", "k", "--server", address, "--timeout", "0.5")
            assert done.exit_code == 2
        server.send_signal(number)
        assert server.wait(DEADLINE) == 0
        assert server.communicate() == ("", "stopped\n")


def test_a_lost_reply_makes_a_put_end_in_maybe_with_a_sentence_of_its_own() -> None:
    """With this seed the server loses the reply to the first request, and nothing of the second."""
    with served("--loss", "50", "--seed", seed_that_loses(False, True, False, False)) as (_, at):
        done = call("put", "k", "v", "--version", "0", "--server", at)
        assert done.exit_code == 3
        assert re.match("Error: the put may have been done, or not: .*Get the key", done.output)


def seed_that_loses(*falls: bool) -> str:
    """A seed with which the first messages fare like this."""
    for seed in itertools.count():
        dice = Dice(50, f"{seed} server")
        if all(dice.loses() is fall for fall in falls):
            return str(seed)
    raise AssertionError


def test_a_put_without_an_answer_is_unknown_and_a_get_is_none() -> None:
    with served("--loss", "100") as (_, address):
        at = ["--server", address, "--timeout", "0.5"]
        done = call("put", "k", "v", "--version", "0", *at)
        assert done.exit_code == 3
        assert f"may have been done, or not: {address} gave no answer within 0.5" in done.output
        done = call("get", "k", *at)
        assert done.exit_code == 2
        assert f"{address} gave no answer within 0.5 s" in done.output


def test_a_server_that_is_not_there_is_refused(nowhere: str) -> None:
    for question in (["get", "k"], ["put", "k", "v", "--version", "0"]):
        done = call(*question, "--server", nowhere)
        assert done.exit_code == 2
        assert f"no server can be reached at {nowhere}" in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["get", "k", "--server", "here"], "'here' is no HOST:PORT"),
        (["get", "k", "--server", "h:99999"], "is no HOST:PORT"),
        (["get", "k", "--server", "h:" + "9" * 5_000], "is no HOST:PORT"),
        (["get", "k", "--server", "h" * 64 + ":1"], "is no HOST:PORT"),
        (["get", "k", "--root", "EMPTY"], "holds no folder kv/"),
        (
            ["get", "k", "--root", "BROKEN"],
            "cannot use the store in .*clerk.py: there is no Clerk .* rename Clrek",
        ),
        (["get", "k", "--timeout", "0"], "not in the range"),
        (["get", "k", "--timeout", "inf"], "not in the range"),
        (["get", "k", "--timeout", "nan"], "nan is not a number"),
        (["get"], "Missing argument 'KEY'"),
        (["put", "k", "v"], "Missing option '--version'"),
        (["put", "k", "v", "--version", "-1"], "not in the range"),
        (["serve", "--storage", "cloud"], "there is no storage 'cloud'"),
        (["serve", "--storage", "file"], "--storage file keeps files: say where, with --folder"),
        (["serve", "--storage", "no.py:X", "--folder", "EMPTY"], "there is no file no.py"),
        (["serve", "--storage", "PLAIN:Plain", "--folder", "EMPTY"], "is no backend: it has no me"),
        (["serve", "--storage", "PLAIN:plain", "--folder", "EMPTY"], "is no class"),
        (["serve", "--folder", "PLAIN"], "is a file"),
        (["serve", "--folder", "/proc/none"], "cannot write in /proc/none"),
        (["serve", "--listen", "here"], "'here' is no HOST:PORT"),
        (["serve", "--listen", "a..b:1"], "'a..b:1' is no HOST:PORT"),
        (["serve", "--listen", "TAKEN"], "cannot listen on 127.0.0.1:.* in use"),
        (["serve", "--listen", "nowhere.invalid:1"], "cannot listen on nowhere.invalid:1"),
        (["serve", "--loss", "101"], "not in the range"),
        (["serve", "--loss", "nan"], "nan is not a number"),
        (["serve", "--root", "EMPTY"], "holds no folder kv/"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "empty").mkdir()
    write_root(
        tmp_path,
        {"plain.py": "class Plain: pass\nplain = 7\n", "broken/kv/clerk.py": "class Clrek: pass"},
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        names = {
            "EMPTY": str(tmp_path / "empty"),
            "BROKEN": str(tmp_path / "broken"),
            "PLAIN": str(tmp_path / "plain.py"),
            "TAKEN": f"127.0.0.1:{taken.getsockname()[1]}",
        }
        words = [re.sub("[A-Z]{5,}", lambda name: names[name[0]], word) for word in arguments]
        done = call(*words)
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert re.search(sentence, done.output), done.output


@pytest.mark.parametrize(("storage", "file"), [("file", "store.json"), ("lmdb", "store.mdb")])
def test_a_damaged_file_is_reported_and_left_alone(tmp_path: Path, storage: str, file: str) -> None:
    (tmp_path / file).write_bytes(b"no store at all")
    with started(
        "serve", "--listen", "127.0.0.1:0", "--storage", storage, "--folder", tmp_path
    ) as server:
        out, err = server.communicate(timeout=DEADLINE)
    assert (server.returncode, out) == (2, "")
    assert re.fullmatch(rf"Error: the storage cannot use its folder: .*{file}.*\n", err), err
    assert (tmp_path / file).read_bytes() == b"no store at all"


def test_a_folder_that_another_server_uses_is_refused(tmp_path: Path) -> None:
    options: list[str | Path] = ["--storage", "file", "--folder", tmp_path]
    with served(*options), started("serve", "--listen", "127.0.0.1:0", *options) as second:
        _, err = second.communicate(timeout=DEADLINE)
    assert second.returncode == 2
    assert re.fullmatch("Error: the storage cannot use its folder: another process .*\n", err), err


@pytest.mark.parametrize(
    ("listen", "warned"), [("127.0.0.1:0", False), ("localhost:0", False), ("0.0.0.0:0", True)]
)
def test_a_port_that_others_can_reach_comes_with_a_warning(listen: str, warned: bool) -> None:
    with started("serve", "--listen", listen) as server:
        assert server.stdout is not None
        host = listen.partition(":")[0]
        assert server.stdout.readline().startswith(f"the server listens on {host}:")
        server.send_signal(signal.SIGTERM)
        _, err = server.communicate(timeout=DEADLINE)
    assert ("There is no authentication" in err) is warned


def test_a_stub_says_what_is_missing() -> None:
    stub: list[str | Path] = ["--root", REPOSITORY / "labs"]
    done = call("serve", "--listen", "127.0.0.1:0", *stub)
    assert done.exit_code == 2
    assert re.search("the server cannot start: .*server.py:.*NotImplementedError", done.output)
    with served() as (_, address):
        for question in (["get", "k"], ["put", "k", "v", "--version", "0"]):
            done = call(*question, "--server", address, *stub)
            assert done.exit_code in (2, 3)
            assert re.search("Error: .*clerk.py:.*NotImplementedError", done.output)


def test_a_server_whose_main_ends_fails(tmp_path: Path) -> None:
    root = write_root(
        tmp_path,
        {
            "kv/messages.py": (REPOSITORY / "solutions/kv/messages.py").read_text(encoding="utf-8"),
            "kv/server.py": "from labs.node import Node\n"
            "class KVServer(Node):\n"
            "    async def main(self):\n"
            "        1 / 0\n",
        },
    )
    with started("serve", "--listen", "127.0.0.1:0", "--root", root) as server:
        _, err = server.communicate(timeout=DEADLINE)
    assert server.returncode == 1
    assert re.fullmatch(r"Error: .*kv/server\.py:4: ZeroDivisionError: .*\n", err), err
