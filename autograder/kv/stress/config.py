"""What a stress run is to do: a JSON file, whoever wrote it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

LONGEST = 1 << 20  # bytes of a file
EXAMPLE = Path(__file__).with_name("example.json")

Percent = Annotated[float, Meta(ge=0, le=100)]
Milliseconds = Annotated[float, Meta(ge=0, le=60_000)]
Name = Annotated[str, Meta(min_length=1, max_length=40)]
Key = Annotated[str, Meta(min_length=1, max_length=100)]


class BadConfig(Exception):
    """The file is no configuration; says why, in one sentence."""


class Client(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One client, which writes its keys in turns drawn by chance, and sleeps after each write."""

    name: Name
    keys: Annotated[list[Key], Meta(min_length=1, max_length=1_000)]
    success_sleep_ms: Milliseconds = 0.0
    error_sleep_ms: Milliseconds = 0.0

    def __post_init__(self) -> None:
        if not self.name.isprintable():
            raise ValueError(f"the name {self.name!r} holds what cannot be shown")
        refuse_twice("key", self.keys)


class Config(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A stress run.

    Each side loses that percentage of the requests and of the replies that pass it. A write that ends
    in Maybe, because a reply was lost, and is not found to have happened is tried anew, that often at
    most, before its client counts it as failed.
    """

    test_duration_seconds: Annotated[float, Meta(gt=0, le=3_600)]
    clients: Annotated[list[Client], Meta(min_length=1, max_length=1_000)]
    server_packet_loss_rate: Percent = 0.0
    client_packet_loss_rate: Percent = 0.0
    max_retries_server_packet_loss: Annotated[int, Meta(ge=0, le=1_000)] = 3

    def __post_init__(self) -> None:
        refuse_twice("client", [client.name for client in self.clients])


def refuse_twice(what: str, names: Iterable[str]) -> None:
    """Raise `ValueError` if a name stands there twice."""
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise ValueError(f"the {what} {name!r} stands there twice")


def read_config(path: Path) -> Config:
    """The configuration in a file; raises `BadConfig`."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1)
    except OSError as error:
        raise BadConfig(f"cannot read {path}: {error.strerror}") from None
    if len(text) > LONGEST:
        raise BadConfig(f"{path} is longer than {LONGEST:,} bytes")
    try:
        return msgspec.json.decode(text, type=Config)
    except (ValueError, RecursionError) as error:
        raise BadConfig(f"{path}: {plain(str(error))}") from None


WORDS = {
    "`float`": "a number",
    "`int`": "a whole number",
    "`str`": "a text",
    "`array`": "a list",
    "`object`": "an object",
    "`bool`": "true or false",
    "`null`": "null",
}


def plain(text: str) -> str:
    """A sentence of msgspec's in the words of JSON, with the place in front."""
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    what, _, place = text.partition(" - at `$")
    what = re.sub(r"`\w+`", lambda word: WORDS.get(word[0], word[0]), what)
    what = what[:1].lower() + what[1:] if what.startswith(("Expected", "Object")) else what
    place = place.rstrip("`").lstrip(".")
    return f"{place}: {what}" if place else what
