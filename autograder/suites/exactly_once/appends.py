"""Unique values, appended to one key: what the value of the key must be in the end."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.checkers.history import Operation, short
from autograder.violation import Violation

END = ";"  # of every value that is appended, and stands nowhere else in it


def unique(clerk: str, number: int) -> str:
    """A value that nobody else appends."""
    return f"{clerk}:{number}{END}"


def check_appends(history: Iterable[Operation], key: str, value: str) -> None:
    """Raise `Violation` unless each append to a key is in its value once, in its client's order.

    One without a response may be in it or not.
    """
    appends = [o for o in history if o.name == "append" and o.args[0] == key]
    places = find(appends, key, value)
    latest: dict[str, Operation] = {}
    for append in appends:
        place = places.get(append.args[1])
        if place is None:
            if append.returned is not None:
                raise Violation(f"{said(append)} was answered, and is not in the value", [append])
            continue
        check_old(append, value[:place])
        before = latest.get(append.client)
        if before is not None and places[before.args[1]] > place:
            raise Violation(
                f"{said(before)} was answered before {said(append)} began, and stands behind it",
                [before, append],
            )
        latest[append.client] = append


def find(appends: list[Operation], key: str, value: str) -> dict[str, int]:
    """Where in the value each append stands; raises `Violation` for what is there twice, or unasked."""
    known = {append.args[1]: append for append in appends}
    places: dict[str, int] = {}
    place = 0
    for part in value.split(END):
        text = part + END if place + len(part) < len(value) else part
        if text in places:
            raise Violation(
                f"{said(known[text])} was executed twice: {text!r} is in the value two times",
                [known[text]],
            )
        if text and text not in known:
            raise Violation(f"the value of {key!r} holds {short(text)}, which nobody appended", [])
        if text:
            places[text] = place
        place += len(text)
    return places


def check_old(append: Operation, before: str) -> None:
    """Raise `Violation` if an append returned something else than what stands before it."""
    if append.returned is not None and append.result != before:
        raise Violation(
            f"{said(append)} returned {short(append.result)}, "
            f"and what stands before it in the value is {short(before)}",
            [append],
        )


def said(append: Operation) -> str:
    """An append in words."""
    return f"{append.client}'s {append}"
