"""The configuration of a stress run: a file, whoever wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autograder.kv.stress.config import EXAMPLE, LONGEST, BadConfig, Client, Config, read_config

CLIENT = {"name": "anna", "keys": ["x"], "success_sleep_ms": 0, "error_sleep_ms": 1.5}
GOOD: dict[str, Any] = {
    "test_duration_seconds": 1,
    "server_packet_loss_rate": 10,
    "client_packet_loss_rate": 0.5,
    "max_retries_server_packet_loss": 2,
    "clients": [CLIENT],
}


def read(tmp_path: Path, text: str | bytes) -> Config:
    file = tmp_path / "config.json"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_config(file)


def test_a_configuration_says_all_that_there_is_to_say(tmp_path: Path) -> None:
    assert read(tmp_path, json.dumps(GOOD)) == Config(
        1.0, [Client("anna", ["x"], 0.0, 1.5)], 10.0, 0.5, 2
    )


def test_the_example_is_one() -> None:
    config = read_config(EXAMPLE)
    assert len({key for client in config.clients for key in client.keys}) < sum(
        len(client.keys) for client in config.clients
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"color": "red"}, "object contains unknown field `color`"),
        ({"co\x1b[31mlor": "red"}, "object contains unknown field `co?[31mlor`"),
        (
            {"clients": [{**CLIENT, "sleep": 1}]},
            "clients[0]: object contains unknown field `sleep`",
        ),
        ({"server_packet_loss_rate": 101}, "server_packet_loss_rate: expected a number <= 100.0"),
        ({"client_packet_loss_rate": -1}, "client_packet_loss_rate: expected a number >= 0.0"),
        (
            {"client_packet_loss_rate": "5"},
            "client_packet_loss_rate: expected a number, got a text",
        ),
        ({"client_packet_loss_rate": True}, "expected a number, got true or false"),
        ({"test_duration_seconds": 0}, "test_duration_seconds: expected a number > 0.0"),
        ({"test_duration_seconds": 1e9}, "test_duration_seconds: expected a number <= 3600.0"),
        ({"test_duration_seconds": None}, "test_duration_seconds: expected a number, got null"),
        ({"max_retries_server_packet_loss": -1}, "expected a whole number >= 0"),
        ({"max_retries_server_packet_loss": 1.5}, "expected a whole number, got a number"),
        ({"clients": []}, "clients: expected a list of length >= 1"),
        ({"clients": {}}, "clients: expected a list, got an object"),
        ({"clients": [CLIENT] * 1_001}, "clients: expected a list of length <= 1000"),
        ({"clients": [CLIENT, CLIENT]}, "the client 'anna' stands there twice"),
        ({"clients": [{"keys": ["x"]}]}, "clients[0]: object missing required field `name`"),
        ({"clients": [{**CLIENT, "name": ""}]}, "clients[0].name: expected a text of length >= 1"),
        ({"clients": [{**CLIENT, "name": "\x1b[2J"}]}, "'\\x1b[2J' holds what cannot be shown"),
        ({"clients": [{**CLIENT, "keys": []}]}, "clients[0].keys: expected a list of length >= 1"),
        ({"clients": [{**CLIENT, "keys": ["x", "y", "x"]}]}, "the key 'x' stands there twice"),
        ({"clients": [{**CLIENT, "keys": ["x" * 101]}]}, "expected a text of length <= 100"),
        ({"clients": [{**CLIENT, "keys": [7]}]}, "clients[0].keys[0]: expected a text"),
        ({"clients": [{**CLIENT, "error_sleep_ms": -1}]}, "error_sleep_ms: expected a number >= 0"),
        ({"clients": [{**CLIENT, "success_sleep_ms": 1e5}]}, "expected a number <= 60000"),
    ],
)
def test_a_mistake_gets_one_sentence(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadConfig) as caught:
        read(tmp_path, json.dumps({**GOOD, **change}))
    assert str(caught.value).startswith(f"{tmp_path}/config.json: ")
    assert sentence in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "truncated"),
        ("{", "truncated"),
        ("[]", "expected an object, got a list"),
        ("nonsense", "malformed"),
        (b"\xff\xfe", "malformed"),
        ('{"test_duration_seconds": NaN}', "malformed"),
        ('{"test_duration_seconds": 1e999}', "out of range"),
        ('{"a": ' + "[" * 200_000, "config.json: "),
        (" " * (LONGEST + 1), "is longer than 1,048,576 bytes"),
    ],
)
def test_what_is_no_configuration_at_all_is_refused(
    tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    with pytest.raises(BadConfig, match=sentence):
        read(tmp_path, text)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(BadConfig, match="cannot read"):
            read_config(path)
