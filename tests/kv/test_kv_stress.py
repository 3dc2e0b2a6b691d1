"""`autograder kv stress`: whole runs, with a server in a process of its own."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner, Result

from autograder.catalog import REPOSITORY
from autograder.commands.kv import kv
from autograder.kv.stress.config import EXAMPLE, read_config
from labs.node.hosts import load
from tests.kv.services import DEADLINE, make_root, started

LOSSY: dict[str, Any] = {
    "test_duration_seconds": 1,
    "server_packet_loss_rate": 10,
    "client_packet_loss_rate": 10,
    "clients": [{"name": name, "keys": ["x", name]} for name in ("anna", "bela", "carl", "dora")],
}
CALM = {**LOSSY, "server_packet_loss_rate": 0, "client_packet_loss_rate": 0}
CROWDED = {
    **LOSSY,
    "test_duration_seconds": 3,
    "clients": [{"name": name, "keys": ["x"]} for name in ("anna", "bela", "carl", "dora")],
}


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    """Each command loads its own root."""
    outer = load.set_aside()
    yield
    load.put_back(outer)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, LOSSY)


def write_config(tmp_path: Path, config: dict[str, Any]) -> Path:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    return file


def stress(*arguments: str | Path) -> Result:
    return CliRunner().invoke(kv, ["stress", *map(str, arguments)])


def test_the_reference_is_linearizable_and_loses_nothing(tmp_path: Path, config: Path) -> None:
    done = stress(config, "--storage", "file", "--seed", "7", "--json", tmp_path / "found.json")
    assert done.exit_code == 0, done.output
    assert "verdict: linearizable" in done.output
    assert re.search(r"all \d+ acknowledged writes are there", done.output)
    (found,) = json.loads((tmp_path / "found.json").read_bytes())
    assert (found["storage"], found["seed"], found["verdict"]) == ("file", 7, "PASS")
    tallies = found["clients"].values()
    assert list(found["clients"]) == ["anna", "bela", "carl", "dora"]
    answered = sum(tally["gets"] + tally["puts"] + tally["conflicts"] + tally["maybe"]
                   for tally in tallies)  # fmt: skip
    assert answered == found["operations"] - found["unanswered"] > 0
    assert found["persistence"]["acknowledged"] == sum(tally["puts"] for tally in tallies)
    assert found["throughput"] == pytest.approx(answered / found["seconds"])
    sides = ("lost_by_server", "lost_by_clients")
    assert all(found[side]["requests"] > 0 for side in sides)
    lost = sum(found[side][kind] for side in sides for kind in ("requests", "replies"))
    assert found["sent_again"] >= lost - len(tallies)  # the last of each client may not have been
    maybe = sum(tally["maybe"] for tally in tallies)
    settled = sum(tally["recovered"] + tally["not_done"] + tally["unclear"] for tally in tallies)
    assert 0 <= maybe - settled <= len(tallies)  # some were still reading as the server was killed
    for kind in ("get_ms", "put_ms"):
        of = found[kind]
        assert 0 < of["p50"] <= of["p90"] <= of["p99"] <= of["max"]


def test_all_storages_are_compared_by_what_was_measured(tmp_path: Path, config: Path) -> None:
    done = stress(config, "--storage", "all", "--json", tmp_path / "found.json")
    assert done.exit_code == 0, done.output
    results = json.loads((tmp_path / "found.json").read_bytes())
    assert [found["storage"] for found in results] == ["memory", "file", "lmdb"]
    memory, file, lmdb = (found["persistence"] for found in results)
    assert memory["lost"] == memory["acknowledged"] > 0
    assert (file["lost"], lmdb["lost"]) == (0, 0)
    text = " ".join(done.output.rpartition("measured")[2].split())
    for found in results:
        alone, together = (found["concurrency"][key] for key in ("alone", "together"))
        assert f"{alone:.0f}" in text
        assert f"{together:.0f} ({together / alone:.1f} times" in text
    assert f"{file['acknowledged']} of {file['acknowledged']}" in text


def test_a_backend_of_ones_own_is_put_under_stress(tmp_path: Path, config: Path) -> None:
    backend = f"{REPOSITORY}/solutions/storage/file.py:FileStorage"
    done = stress(config, "--storage", backend)
    assert done.exit_code == 0, done.output
    assert re.search(r"all \d+ acknowledged writes are there", done.output)


def test_where_everything_is_lost_nothing_is_answered_and_nothing_is_wrong(tmp_path: Path) -> None:
    for side in ("server", "client"):
        rate = {f"{side}_packet_loss_rate": 100, "test_duration_seconds": 0.5}
        done = stress(write_config(tmp_path, {**CALM, **rate}))
        assert done.exit_code == 0, done.output
        assert "4 operations in 0.5 s, 0 answered a second" in done.output


# ---- what it must find ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "config"),
    [
        ("kv/server.py", "GetOk(request.value, version + 1)", "GetOk('', version + 1)", CALM),
        ("kv/server.py", "return self._entries[request.key]", "return GetOk('', 1)", CALM),
        ("kv/clerk.py", "raise Maybe(", "return  # ", CROWDED),
    ],
)
def test_a_store_that_lies_is_found_out(
    tmp_path: Path, file: str, old: str, new: str, config: dict[str, Any]
) -> None:
    root = make_root(tmp_path / "root", {file: (old, new)})
    done = stress(write_config(tmp_path, config), "--root", root)
    assert done.exit_code == 1, done.output
    assert re.search(r"verdict: not linearizable: \S+", done.output)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("        self._replace()\n", "", r"([1-9]\d*) of \1 acknowledged writes are lost$"),
        ("file.write(data)", "file.write(data[1:])", "store.json"),
    ],
)
def test_a_storage_that_loses_acknowledged_writes_is_found_out(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    root = make_root(tmp_path / "root", {"storage/file.py": (old, new)})
    done = stress(write_config(tmp_path, CALM), "--root", root, "--storage", "file")
    assert done.exit_code == 1, done.output
    assert re.search(f"after a restart: .*{said}", done.output, re.MULTILINE), done.output


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("kv/server.py", "return PutOk()", "__import__('os')._exit(9)", "ended with exit code 9"),
        ("kv/clerk.py", "timeout, retried = FIRST_TIMEOUT, False", "1 / 0", r"clerk\.py:.*ZeroDiv"),
        ("kv/clerk.py", "return entry.value, entry.version", "return 7", r"clerk\.py:.*returned 7"),
    ],
)
def test_a_program_that_fails_ends_the_run_with_a_sentence(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    root = make_root(tmp_path / "root", {file: (old, new)})
    done = stress(write_config(tmp_path, {**CALM, "test_duration_seconds": 60}), "--root", root)
    assert done.exit_code == 1, done.output
    assert re.search(f"Error: .*{said}", done.output), done.output


# ---- what cannot be run --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Missing argument 'CONFIG.json'"),
        (["none.json"], "cannot read none.json: No such file"),
        (["BAD"], "bad.json: clients: expected a list of length >= 1"),
        (["GOOD", "--storage", "cloud"], "there is no storage 'cloud'"),
        (["GOOD", "--root", "EMPTY"], "holds no folder kv/"),
        (["GOOD", "--json", "EMPTY"], "--json .*empty is a folder: name a file"),
        (["GOOD", "--json", "EMPTY/no/found.json"], "there is no folder .*empty/no"),
        (["GOOD", "--seed", "x"], "'x' is not a valid integer"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    tmp_path: Path, config: Path, arguments: list[str], sentence: str
) -> None:
    (tmp_path / "empty").mkdir()
    bad = {"test_duration_seconds": 1, "clients": []}
    (tmp_path / "bad.json").write_text(json.dumps(bad), encoding="utf-8")
    names = {"GOOD": config, "BAD": tmp_path / "bad.json", "EMPTY": tmp_path / "empty"}
    words = [re.sub("[A-Z]{3,}", lambda name: str(names[name[0]]), word) for word in arguments]
    done = stress(*words)
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert re.search(sentence, done.output), done.output


def test_earlier_results_are_kept_if_there_are_no_new_ones(tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    found.write_text("earlier")
    assert stress(tmp_path / "none.json", "--json", found).exit_code == 2
    assert found.read_text() == "earlier"


def test_the_example_is_printed_as_it_stands(tmp_path: Path) -> None:
    done = stress("--example")
    assert done.exit_code == 0
    (tmp_path / "example.json").write_text(done.output, encoding="utf-8")
    assert read_config(tmp_path / "example.json") == read_config(EXAMPLE)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    config = write_config(tmp_path, {**LOSSY, "test_duration_seconds": 10})
    with started("stress", config) as run:
        assert run.stdout is not None
        assert run.stdout.readline().startswith("kv/server.py, 1.")
        family = psutil.Process(run.pid).children(recursive=True)
        assert len(family) == 1
        run.send_signal(number)
        code = run.wait(DEADLINE)
    assert code == (-number if number is signal.SIGKILL else 128 + number)
    wait_until_dead(family)


def wait_until_dead(processes: list[psutil.Process]) -> None:
    """Wait until none of them runs; who reaps an orphan, and when, is not ours to say."""
    deadline = time.monotonic() + DEADLINE
    for process in processes:
        while is_alive(process):
            assert time.monotonic() < deadline, process


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
