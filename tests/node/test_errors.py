"""The tree of errors: as its docstring draws it, with Maelstrom's codes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from labs.node import errors
from labs.node.errors import CallTimeout, KeyDoesNotExist, Mistake, NodeError, RPCError

# Maelstrom's table (resources/errors.edn): the code, and whether the error is definite.
MAELSTROM = {
    0: False,  # timeout
    1: True,  # node-not-found
    10: True,  # not-supported
    11: True,  # temporarily-unavailable
    12: True,  # malformed-request
    13: False,  # crash
    14: True,  # abort
    20: True,  # key-does-not-exist
    21: True,  # key-already-exists
    22: True,  # precondition-failed
    30: True,  # txn-conflict
}

ENTRY = re.compile(r" +(?P<name>[A-Z]\w+)(?: +(?P<code>\d+))?(?P<text>.*)")


def drawn() -> list[tuple[str, int | None, bool | None]]:
    """The tree of the docstring: name, code, and whether the error is definite."""
    lines = str(errors.__doc__).partition("\n\n")[2].partition("\n\n")[0].splitlines()
    matches = [match for line in lines if (match := ENTRY.match(line))]
    return [
        (m["name"], int(m["code"]), "indefinite" not in m["text"]) if m["code"] else
        (m["name"], None, None)
        for m in matches
    ]  # fmt: skip


def defined(cls: Any = NodeError) -> list[tuple[str, int | None, bool | None]]:
    """The tree of the code."""
    plain = cls in (NodeError, RPCError, Mistake)
    found = [(cls.__name__, None, None) if plain else (cls.__name__, cls.code, cls.definite)]
    for each in cls.__subclasses__():
        found += defined(each) if each.__module__ == errors.__name__ else []
    return found


def test_the_tree_of_the_docstring_is_that_of_the_code() -> None:
    assert drawn() == defined()


def test_the_codes_are_maelstrom_s() -> None:
    assert {code: cls.definite for code, cls in RPCError.by_code.items()} == MAELSTROM


@pytest.mark.parametrize("code", MAELSTROM)
def test_an_error_comes_back_from_its_code(code: int) -> None:
    error = RPCError.from_code(code, "because")
    assert type(error) is RPCError.by_code[code]
    assert (error.code, error.definite, error.text) == (code, MAELSTROM[code], "because")
    assert str(error) == "because"


def test_an_error_of_a_program_s_own() -> None:
    class NotLeader(RPCError):
        code = 1000

    assert (NotLeader("n2").code, NotLeader("n2").definite) == (1000, False)
    error = RPCError.from_code(1000, "n2")
    assert (type(error), error.code, error.definite) == (RPCError, 1000, False)


def test_a_subclass_without_a_code_takes_no_one_s_place() -> None:
    class NoSuchUser(KeyDoesNotExist):
        pass

    assert NoSuchUser("x").code == 20
    assert type(RPCError.from_code(20, "x")) is KeyDoesNotExist


def test_a_timeout_promises_nothing() -> None:
    assert not CallTimeout().definite
    assert not RPCError("", 999).definite


def test_a_mistake_says_where() -> None:
    assert str(Mistake("write await", "kv/server.py:3")) == "kv/server.py:3: write await"
    assert str(Mistake("write await")) == "write await"


def test_where_a_function_and_a_class_are() -> None:
    line = test_where_a_function_and_a_class_are.__code__.co_firstlineno
    assert errors.where(test_where_a_function_and_a_class_are) == f"{__file__}:{line}"
    assert errors.where(Bare).startswith(f"{__file__}:")
    assert errors.where(int) == errors.where(3) == ""


class Bare:
    pass
