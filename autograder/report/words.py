"""Operations and times in few words, as they stand in pictures."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any

import msgspec

from autograder.checkers.deciders.versions import MAYBE
from autograder.checkers.history import Operation
from autograder.report.text import block, line
from labs.node.errors import RPCError

SHORT = 24  # characters of a key or a value in a label
NO_REPLY = "no reply: may have happened or not"

MICROS = 8  # operations of a transaction that are told
FULL = 300  # of an argument or a result where there is room

brief, full = reprlib.Repr(), reprlib.Repr()
brief.maxstring = brief.maxother = brief.maxlong = 2 * SHORT
full.maxstring = full.maxother = full.maxlong = FULL


def said(operation: Operation) -> str:
    """An operation with its outcome: `put x=1 @3 -> ok`; a transaction as it was answered."""
    if operation.name == "txn" and operation.result is not None:
        return asked(operation)
    return f"{asked(operation)} → {outcome(operation)}"


def asked(operation: Operation) -> str:
    """What a client asked: `put x=1 @3`; of a transaction, `txn w 1 5, r 2 → 6`, also what was answered."""
    name, args = line(operation.name, SHORT), [value(arg) for arg in operation.args[:4]]
    match operation.name, args:
        case "put", [key, new, version]:
            return f"{name} {key}={new} @{version}"
        case "put", [key, new]:
            return f"{name} {key}={new}"
        case "append", [key, more]:
            return f"{name} {key}+={more}"
        case "txn", _:
            return f"{name} {', '.join(micros(operation))}"
        case _:
            return " ".join([name, *args, *(["…"] if len(operation.args) > 4 else [])])


def micros(operation: Operation) -> list[str]:
    """The operations of a transaction as they were answered, or asked if not: `w 1 5`, `r 2 → nothing`."""
    answered = operation.result is not None
    found = operation.result if answered else operation.args
    if not isinstance(found, list | tuple):
        return [value(found)]
    more = ["…"] if len(found) > MICROS else []
    return [*(micro(each, answered) for each in found[:MICROS]), *more]


def micro(found: Any, answered: bool) -> str:
    """One of them."""
    match found:
        case ["r", key, seen] if answered:
            return f"r {value(key)} → {'nothing' if seen is None or seen == [] else value(seen)}"
        case ["r", key, _]:
            return f"r {value(key)}"
        case [verb, key, new]:
            return f"{value(verb)} {value(key)} {value(new)}"
        case _:
            return value(found)


def outcome(operation: Operation) -> str:
    """What a client was told, or that it was told nothing."""
    if operation.returned is None:
        return NO_REPLY
    if operation.error is not None:
        return error(operation.error)
    if operation.name == "put":
        return "ok"
    return result(operation.result)


def error(code: int) -> str:
    """An error by its name, and whether it leaves open what happened."""
    if code == MAYBE:
        return "Maybe"
    known = RPCError.by_code.get(code)
    name = known.__name__ if known else f"error {code}"
    return name if definite(code) else f"{name}: may have happened or not"


def definite(code: int) -> bool:
    """Whether an error promises that the operation did not happen."""
    known = RPCError.by_code.get(code)
    return known is not None and known.definite


def result(found: Any) -> str:
    """A result: `ok` if there is none, a versioned value as `1 @3`."""
    if hasattr(found, "__dataclass_fields__") or isinstance(found, msgspec.Struct):
        found = msgspec.structs.asdict(found) if isinstance(found, msgspec.Struct) else vars(found)
    if found is None or found == {}:
        return "ok"
    match found:
        case {"value": stored, "version": version} | (stored, int(version)):
            return f"{value(stored)} @{value(version)}"
        case {"value": stored}:
            return value(stored)
        case _:
            return value(found)


def value(thing: Any) -> str:
    """A key or a value: bare if it is a word, else in quotes; long ones are cut."""
    if isinstance(thing, str) and thing.isidentifier() and len(thing) <= SHORT:
        return line(thing, SHORT)
    if isinstance(thing, str) and thing.isascii() and thing.isalnum() and len(thing) <= SHORT:
        return thing
    return line(shown(thing, brief), SHORT)


def in_full(operation: Operation) -> str:
    """What was asked and answered, where there is room for it."""
    args = ", ".join(shown(arg, full) for arg in operation.args[:8])
    asked = f"{line(operation.name, SHORT)}({block(args, 2 * FULL)})"
    if operation.returned is None or operation.error is not None:
        return f"{asked}\n{outcome(operation)}"
    return f"{asked}\n{block(shown(operation.result, full), FULL)}"


def shown(thing: Any, by: reprlib.Repr) -> str:
    """Anything as Python writes it, but never much of it."""
    try:
        return by.repr(thing)
    except Exception:  # a `__repr__` of somebody, or a number of more digits than Python prints
        return f"a {type(thing).__name__}"


def key_of(operation: Operation) -> str:
    """The key that an operation is about: its first argument, if that is a string."""
    first = operation.args[0] if operation.args else None
    return line(first, SHORT) if isinstance(first, str) else ""


def key_in(body: Mapping[str, Any]) -> str:
    """The key that a message is about, if it has one."""
    key = body.get("key")
    return line(key, SHORT) if isinstance(key, str) else ""


def moment(micros: float) -> str:
    """A time in seconds, to the microsecond where it matters: `0.020 s`, `0.0125 s`."""
    whole, _, digits = f"{micros / 1e6:.6f}".partition(".")
    return f"{whole}.{digits[:3]}{digits[3:].rstrip('0')} s"


def duration(micros: float) -> str:
    """A length of time in the unit that suits it: `275 µs`, `26.5 ms`, `2.1 s`."""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if micros >= size:
            return f"{micros / size:.3g} {unit}"
    return f"{micros:.0f} µs"


def counted(number: int, thing: str) -> str:
    """A number of things: `1 event`, `2,000 events`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
