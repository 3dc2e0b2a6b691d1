"""Polls and sends of one client go forward and leave nothing out; at the end everything is there."""

from __future__ import annotations

from itertools import pairwise

from autograder.checkers.finding import Finding
from autograder.checkers.history import Operation
from autograder.checkers.offsets.places import Place, Places
from autograder.checkers.offsets.records import Records, asked, at, fail, good, told

Entries = list[list[int]]


def wrong_polls(records: Records, places: Places) -> Finding | None:
    """A poll that goes back, gives something twice, or skips what is known to stand in between."""
    for poll in records.polls:
        for key, start in asked(poll).items():
            entries: Entries = poll.result.get(key) or []
            if entries and (
                wrong := backward(poll, key, start, entries)
                or skip(poll, key, start, entries, places)
            ):
                return wrong
    return None


def backward(poll: Operation, key: str, start: int, entries: Entries) -> Finding | None:
    """A poll that begins before the offset asked for, or does not ascend."""
    said = f"{poll.client} polled key {key!r} of {poll.node} from offset {start} {at(poll.invoked)}"
    if entries[0][0] < start:
        return fail(f"{said} and got offset {entries[0][0]}, which is before that", poll)
    for (before, _), (after, message) in pairwise(entries):
        if after == before:
            return fail(f"{said} and got message {message} at offset {after} twice", poll)
        if after < before:
            return fail(f"{said} and got offset {after} after offset {before}", poll)
    return None


def skip(poll: Operation, key: str, start: int, entries: Entries, places: Places) -> Finding | None:
    """A poll that leaves out a message between the offset asked for and the last that it gives.

    It does not matter when the message came: who polls on from here never sees it.
    """
    expected = places.between(key, start, entries[-1][0])
    if len(expected) == len(entries):
        return None
    first = min(set(expected) - {offset for offset, _ in entries})
    place = places.by_offset[key][first]
    behind = next(offset for offset, _ in entries if offset > first)
    return fail(
        f"a poll of {poll.node} by {poll.client} {at(poll.invoked)} gave offset {behind} of key {key!r} "
        f"and skipped message {place.message} at offset {first}: {told(place.witness)}",
        place.witness,
        poll,
    )


def backward_sends(records: Records) -> Finding | None:
    """A client whose later message stands before its earlier one."""
    last: dict[tuple[str, str], Operation] = {}
    for send in records.sends.values():
        if not good(send):
            continue
        before = last.get((send.client, send.args[0]))
        if before is not None and send.result <= before.result:
            return fail(
                f"{send.client} sent message {before.args[1]} to key {send.args[0]!r} "
                f"{at(before.invoked)} and got offset {before.result}, and then message "
                f"{send.args[1]} {at(send.invoked)}, which got offset {send.result}",
                before,
                send,
            )
        last[send.client, send.args[0]] = send
    return None


def missing_at_end(records: Records, places: Places, quiet: int) -> Finding | None:
    """A poll of everything, at the end, that lacks what was acknowledged or polled.

    What it leaves out in between is a skip already; here are those that stand behind all that it gives.
    """
    for poll in records.polls:
        if poll.name != "drain" or poll.invoked < quiet:
            continue
        missing = [place for key in poll.args[0] for place in behind(poll, key, places)]
        if missing:
            first = min(missing, key=lambda place: place.witness.returned or 0)
            send = records.sends[first.message]
            others = f", and {len(missing) - 1} more" if missing[1:] else ""
            return fail(
                f"{poll.node} lacks message {first.message} of key {send.args[0]!r} at offset "
                f"{first.offset} at the end{others}: {told(first.witness)}",
                send,
                first.witness,
                poll,
            )
    return None


def behind(poll: Operation, key: str, places: Places) -> list[Place]:
    """What is known of a key behind the last message that a poll gives."""
    entries: Entries = poll.result.get(key) or []
    last = entries[-1][0] if entries else -1
    known = places.offsets.get(key)
    return (
        [places.by_offset[key][each] for each in places.between(key, last + 1, known[-1])]
        if known
        else []
    )
