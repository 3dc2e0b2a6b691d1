"""How much was asked of logs, and how far polls lagged behind."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Any

from autograder.checkers.offsets.places import Places
from autograder.checkers.offsets.records import SECOND, Records, asked, good


def figures(records: Records, places: Places) -> dict[str, Any]:
    """Counts, and the worst lag."""
    polls = [poll for poll in records.polls if poll.name == "poll"]
    return {
        "send-count": len(records.sends),
        "acknowledged-count": sum(map(good, records.sends.values())),
        "poll-count": len(polls),
        "polled-count": sum(len(each) for poll in polls for each in poll.result.values()),
        "commit-count": sum(map(good, records.commits)),
        "list-count": len(records.lists),
        "key-count": len(places.by_offset),
        "worst-realtime-lag": worst_lag(records, places),
    }


def worst_lag(records: Records, places: Places) -> dict[str, Any]:
    """The poll that was furthest behind: for how many seconds a message had been known that it lacks.

    Messages in front of what it asks for are not its business. If none was behind, the lag is 0.
    """
    since = {key: known_since(places, key) for key in places.offsets}
    worst: dict[str, Any] = {"lag": 0.0}
    for poll in records.polls:
        for key, start in asked(poll).items():
            if key not in since:
                continue
            entries = poll.result.get(key)
            end = entries[-1][0] + 1 if entries else start
            place = bisect_left(places.offsets[key], end)
            if place < len(since[key]) and poll.invoked - since[key][place] > worst["lag"] * SECOND:
                lag = (poll.invoked - since[key][place]) / SECOND
                worst = {
                    "lag": lag,
                    "key": key,
                    "client": poll.client,
                    "time": poll.invoked / SECOND,
                }
    return worst


def known_since(places: Places, key: str) -> list[int]:
    """For each known offset of a key, when the first message was known that stands there or behind."""
    ended = [places.by_offset[key][offset].witness.returned or 0 for offset in places.offsets[key]]
    return [*accumulate(reversed(ended), min)][::-1]
