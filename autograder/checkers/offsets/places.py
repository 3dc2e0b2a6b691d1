"""Which message stands under which offset, as acknowledgements and polls tell."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from autograder.checkers.finding import Finding
from autograder.checkers.history import Operation
from autograder.checkers.offsets.records import Records, asked, at, fail, told


class Place(NamedTuple):
    """A message under an offset, and the operation that was the first to say so."""

    offset: int
    message: int
    witness: Operation


@dataclass
class Places:
    """All that is known of where messages stand, by key."""

    by_offset: dict[str, dict[int, Place]] = field(default_factory=dict)
    by_message: dict[int, Place] = field(default_factory=dict)
    offsets: dict[str, list[int]] = field(default_factory=dict)  # known ones, sorted

    def sort(self) -> None:
        """Sort the offsets, once all are known."""
        self.offsets = {key: sorted(places) for key, places in self.by_offset.items()}

    def between(self, key: str, first: int, last: int) -> list[int]:
        """The known offsets of a key from `first` to `last`, both included."""
        known = self.offsets.get(key, [])
        return known[bisect_left(known, first) : bisect_left(known, last + 1)]


def misplaced(records: Records, places: Places) -> Finding | None:
    """Fill `places`; a message that cannot be there, or two things that are said of one place."""
    wrong = None
    for witness, key, entries in sightings(records):
        known = places.by_offset.setdefault(key, {})
        for offset, message in entries:
            before = known.get(offset)
            if before is not None and before.message == message:
                continue
            place = Place(offset, message, witness)
            wrong = wrong or (
                impossible(records, key, place)
                or collision(key, before, place)
                or moved(key, places.by_message.get(message), place)
            )
            known.setdefault(offset, place)
            places.by_message.setdefault(message, place)
    places.sort()
    return wrong or early(records)


def sightings(records: Records) -> Iterator[tuple[Operation, str, list[list[int]]]]:
    """Every answer that tells where messages of a key stand: acknowledgements first, then polls."""
    for send in records.sends.values():
        if send.returned is not None and send.error is None:
            yield send, send.args[0], [[send.result, send.args[1]]]
    for poll in records.polls:
        for key, entries in poll.result.items():
            yield poll, key, entries


def impossible(records: Records, key: str, place: Place) -> Finding | None:
    """A message that nobody sent, that was sent to another key, or whose send failed."""
    send, poll = records.sends.get(place.message), place.witness
    seen = f"a poll of {poll.node} {at(poll.returned)} has message {place.message} in key {key!r}"
    if send is None:
        return fail(f"{seen}, which nobody sent", poll)
    if send.args[0] != key:
        return fail(
            f"{seen}, and {send.client} had sent it to key {send.args[0]!r} {at(send.invoked)}",
            send,
            poll,
        )
    if send.error is not None:
        return fail(
            f"{seen}, and {send.node} had refused it {at(send.returned)} with error {send.error}, "
            "which says that it never happens",
            send,
            poll,
        )
    return None


def collision(key: str, before: Place | None, place: Place) -> Finding | None:
    """Two messages under one offset."""
    if before is None:
        return None
    return fail(
        f"offset {place.offset} of key {key!r} has two messages: {before.message} ("
        f"{told(before.witness)}) and {place.message} ({told(place.witness)})",
        before.witness,
        place.witness,
    )


def moved(key: str, before: Place | None, place: Place) -> Finding | None:
    """One message under two offsets."""
    if before is None or before.offset == place.offset:
        return None
    return fail(
        f"message {place.message} of key {key!r} stands twice, under offset {before.offset} ("
        f"{told(before.witness)}) and under offset {place.offset} ({told(place.witness)})",
        before.witness,
        place.witness,
    )


def early(records: Records) -> Finding | None:
    """A message that was polled before it was sent, or under a key that was not asked for."""
    for poll in records.polls:
        questions = asked(poll)
        for key, entries in poll.result.items():
            if key not in questions and entries:
                return fail(
                    f"{poll.client} asked {poll.node} {at(poll.invoked)} for messages of keys "
                    f"{', '.join(sorted(questions))} and got some of key {key!r}",
                    poll,
                )
            for _, message in entries:
                send = records.sends.get(message)
                if send is not None and send.invoked > (poll.returned or 0):
                    return fail(
                        f"a poll of {poll.node} {at(poll.returned)} has message {message} of key "
                        f"{key!r}, which {send.client} sent only {at(send.invoked)}",
                        poll,
                        send,
                    )
    return None
