"""The published checks: every backend passes them, and what is wrong is found by the one that says so."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.suites.storage import conformance
from autograder.suites.storage.conformance import CHECKS, SEMANTICS, Check, promise_of
from autograder.suites.storage.in_process import OnFolder
from labs.node import RPCError
from tests.storage.backends import backend

DURABLE = ("file", "lmdb")
CASES = [(name, check) for name in DURABLE for check in CHECKS] + [
    ("memory", check) for check in SEMANTICS
]


def run(check: Check, cls: Any, folder: Path) -> None:
    asyncio.run(check(OnFolder(cls, folder)))


@pytest.mark.parametrize(("name", "check"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_every_backend_conforms(name: str, check: Check, tmp_path: Path) -> None:
    run(check, backend(name), tmp_path)


def test_every_check_says_what_is_promised() -> None:
    assert all(promise_of(check).endswith(".") for check in CHECKS)


# ---- wrong backends ------------------------------------------------------------------------------


def wrong(**methods: Any) -> Any:
    """The storage in memory, with some methods replaced."""
    memory: Any = backend("memory")
    return type("Wrong", (memory,), methods)


def forget_order(self: Any, prefix: str = "") -> Iterator[Any]:
    return iter([(k, e) for k, e in self._entries.items() if k.startswith(prefix)])


def ignore_prefix(self: Any, prefix: str = "") -> Iterator[Any]:
    return iter(sorted(self._entries.items()))


def put_always(self: Any, key: str, value: str, version: int) -> None:
    memory = backend("memory")
    memory.put(self, key, value, self._entries[key].version if key in self._entries else 0)  # type: ignore[attr-defined]


def cut_value(self: Any, key: str, value: str, version: int) -> None:
    backend("memory").put(self, key, value[:100_000], version)  # type: ignore[attr-defined]


def cut_key(self: Any, key: str, value: str, version: int) -> None:
    backend("memory").put(self, key[:2000], value, version)  # type: ignore[attr-defined]


def strip(self: Any, key: str, value: str, version: int) -> None:
    backend("memory").put(self, key.strip(), value, version)  # type: ignore[attr-defined]


def get_plain(self: Any, key: str) -> str:
    return str(backend("memory").get(self, key).value)  # type: ignore[attr-defined]


WRONG: dict[str, tuple[dict[str, Any], Check, str]] = {
    "no order": ({"items": forget_order}, conformance.order_of_items, "not in the order"),
    "no prefix": ({"items": ignore_prefix}, conformance.items_by_prefix, "items('a') is"),
    "no version": ({"put": put_always}, conformance.wrong_versions, "is done, and not refused"),
    "values cut": ({"put": cut_value}, conformance.large_values, "get('k0') is value 'xxx"),
    "keys cut": ({"put": cut_key}, conformance.long_keys, "has version 1, not 0"),
    "keys stripped": ({"put": strip}, conformance.any_text, "put(' ') of 0 is answered with P"),
    "no entry": ({"get": get_plain}, conformance.puts_and_gets, "which is no entry"),
    "nothing kept": ({}, conformance.opened_again, "items() lacks ''"),
    "few kept": ({}, conformance.many_keys, "items() lacks 'key 0'"),
    "nothing at all": ({}, conformance.like_a_dictionary, "items() lacks"),
    "no lock": (
        {},
        conformance.used_by_one,
        "a second storage made on a disk that is in use is done",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str, tmp_path: Path) -> None:
    methods, check, sentence = WRONG[name]
    with pytest.raises((AssertionError, RPCError), match=re.escape(sentence)):
        run(check, wrong(**methods), tmp_path)
