"""Logical clocks of a run: what they say of before and after is what the messages say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from book.figures import clocks
from book.figures.happened import Past, past_of
from tests.book.figures import busy_run, opened
from tests.report.conftest import Reader

FIGURES = {"lamport": clocks(busy_run()), "vector": clocks(busy_run(), "vector")}


def pasts() -> Iterator[Past]:
    for seed in range(1, 6):
        yield past_of(busy_run(seed).outcome.trace.events, 40)


def test_vectors_say_what_happened_before() -> None:
    for past in pasts():
        for one in past.events:
            for other in past.events:
                smaller = all(a <= b for a, b in zip(one.vector, other.vector, strict=True))
                assert (smaller and one is not other) is (one.number in other.causes)


def test_lamport_times_grow_along_causes() -> None:
    for past in pasts():
        for event in past.events:
            assert all(past.events[cause].lamport < event.lamport for cause in event.causes)


def test_causes_are_the_node_and_the_message() -> None:
    past = past_of(busy_run().outcome.trace.events, 40)
    by_message = {event.message.number: event for event in past.events if event.sends}
    for event in past.events:
        earlier = [e for e in past.events[: event.number] if e.node == event.node]
        direct = {earlier[-1].number} if earlier else set()
        direct |= set() if event.sends else {by_message[event.message.number].number}
        reached = set(direct)
        while more := {c for d in reached for c in past.events[d].causes} - reached:
            reached |= more
        assert event.causes == reached


def test_what_is_left_out_is_said() -> None:
    figure = clocks(busy_run(), most=5)
    assert figure.html.count('data-event="') == 5
    assert "10 later events are left out" in figure.html
    with pytest.raises(ValueError, match="no message"):
        clocks([])
    with pytest.raises(ValueError, match="kind"):
        clocks(busy_run(), "sundial")  # type: ignore[arg-type]


def test_the_data_of_a_figure_is_json() -> None:
    found = re.findall(r'type="application/json"[^>]*>(.*?)</script>', FIGURES["lamport"].html)
    assert json.loads(found[0])["events"][0]["causes"] == []


# ---- in a browser -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lamport", "vector"])
def test_the_causes_of_an_event_light_up(reader: Reader, kind: str) -> None:
    past = past_of(busy_run().outcome.trace.events, 40)
    with opened(reader, FIGURES[kind]) as watched:
        page = watched.page
        for event in past.events:
            page.locator(f'[data-event="{event.number}"]').click()
            assert lit(page, "before") == event.causes
            assert lit(page, "concurrent") == {
                other.number for other in past.events if past.concurrent(event, other)
            }
            assert page.locator(".clocks-said").inner_text().startswith(f"{event.number + 1}. ")


def lit(page: Any, look: str) -> set[int]:
    found = page.locator(f".event.{look}").evaluate_all("(all) => all.map((e) => e.dataset.event)")
    return set(map(int, found))


def test_events_are_reached_by_the_keyboard(reader: Reader) -> None:
    past = past_of(busy_run().outcome.trace.events, 40)
    with opened(reader, FIGURES["lamport"]) as watched:
        page = watched.page
        assert page.locator('.event[tabindex="0"]').count() == 1
        page.locator(".event").first.focus()
        seen = set()
        for way in ("ArrowRight", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft", "End", "Home"):
            watched.press(way)
            seen |= lit(page, "chosen")
        assert {0, len(past.events) - 1} < seen
