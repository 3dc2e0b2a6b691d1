"""Figures: what they say is what the library says, and a reader can move them to their ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations, pairwise, permutations
from typing import Any

import pytest

from autograder.catalog import LABS, REPOSITORY
from autograder.checkers import Operation, Register, VersionedStore, check
from autograder.checkers.calls import Call, is_open
from autograder.grading.tests import list_tests
from autograder.verdict import Verdict
from book.figures import (
    Figure,
    bars,
    clocks,
    curve,
    linearize,
    live,
    op,
    play,
    progress,
    run,
    slider,
    suite_table,
)
from book.figures.axis import axis_of, points_in
from book.figures.curve import ticks
from book.figures.happened import Past, past_of
from book.figures.linearize import named
from book.figures.orders import Orders, orders_of
from tests.book.figures import HISTORIES, THEMES, WIDTHS, busy_run, page, two_clients, violations
from tests.report.conftest import Reader, Watched

NUMBERS = {"at most once": 190, "at least once": 205, "exactly once": 200}
FRAMES = {
    name: bars({"all": n}, 200, f"{name} lost")
    for name, n in (("0%", 200), ("5%", 190), ("10%", 170))
}
LINES = {"one server": {0: 2, 10: 2.4, 20: 3.1}, "three": {0: 6, 10: 7.5, 20: 9.9}}

# A checker cannot be told where an open operation took effect.
CLOSED = [
    name for name, (operations, _, _) in HISTORIES.items() if not any(map(is_open, operations))
]


def figures() -> dict[str, Figure]:
    """Each kind of figure once."""
    busy = busy_run()
    return {
        "bars": bars(NUMBERS, 200, "5% lost"),
        "slider": slider({**FRAMES, "a run": busy}, "messages lost"),
        "suite_table": suite_table("lock"),
        "linearize": linearize(*HISTORIES["a Maybe"][:2], "A Maybe"),
        "lamport": clocks(busy),
        "vector": clocks(busy, "vector"),
        "curve": curve(LINES, "messages lost, %", "messages per operation"),
        "play": play(two_clients, seed=4).figure(),
    }


FIGURES = figures()

# ---- what they say -----------------------------------------------------------------------------------


def test_bars_say_how_far_off_a_number_is() -> None:
    words = repr(bars(NUMBERS, 200, "5% lost"))
    assert words == (
        "5% lost; right is 200: at most once 190, 10 too few; at least once 205, 5 too many; "
        "exactly once 200, right"
    )
    assert repr(bars({"a": 2.5}, None, "took", " s")) == "took: a 2.5 s"


def test_a_slider_holds_each_asset_once() -> None:
    figure = slider(FRAMES, "messages lost")
    assert len(figure.assets) == len(set(figure.assets))
    assert figure._repr_html_().count("<script>") == 1
    assert "messages lost: 5%\n" in repr(figure)
    with pytest.raises(ValueError, match="at least one"):
        slider({}, "nothing")


@pytest.mark.parametrize("lab", LABS)
def test_the_table_of_a_suite_has_all_tests_and_all_points(lab: str) -> None:
    figure, tests = suite_table(lab), list_tests(LABS[lab])
    named = [
        name.replace("<wbr>", "") for name in re.findall(r'row"><code>(.*?)</code>', figure.html)
    ]
    assert named == [test.name for test in tests]
    assert all(test.promise in figure.words for test in tests)
    points = re.findall(r"<td>(\d+)</td></tr>(?!<tr class)", figure.html)
    assert sum(map(int, re.findall(r"^ +(\d+)  ", figure.words, re.MULTILINE))) == 100
    assert points[-1] == "100"


def test_a_figure_is_the_same_each_time() -> None:
    again = figures()
    assert {name: figure._repr_html_() for name, figure in again.items()} == {
        name: figure._repr_html_() for name, figure in FIGURES.items()
    }


# ---- orders ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HISTORIES)
def test_there_is_an_order_if_the_checker_says_so(name: str) -> None:
    operations, model, explained = HISTORIES[name]
    orders = orders_of(operations, model)
    assert (orders.finding.verdict is Verdict.PASS) is explained
    right = [order for order in orders.all() if not orders.wrong_in(order)]
    assert bool(right) is explained
    assert orders.witness in (right if explained else [None])


@pytest.mark.parametrize("name", CLOSED)
def test_each_order_is_judged_as_the_checker_judges_it(name: str) -> None:
    operations, model, _ = HISTORIES[name]
    orders = orders_of(operations, model)
    for order in orders.all():
        verdict = check(one_after_the_other(orders, order), model).verdict
        assert (verdict is Verdict.PASS) is (orders.wrong_in(order) == []), order


def one_after_the_other(orders: Orders, order: Sequence[int]) -> list[Operation]:
    """The operations as they would have been if each had happened alone, in an order."""
    return [
        op_at(orders.calls[point].operation, n * 1000 + 1, n * 1000 + 900)
        for n, point in enumerate(order)
    ]


def op_at(operation: Operation, invoked: int, returned: int) -> Operation:
    kept = (operation.client, operation.name, operation.args, invoked, returned)
    return Operation(*kept, operation.result, operation.error)


@pytest.mark.parametrize("name", HISTORIES)
def test_orders_are_those_that_real_time_allows(name: str) -> None:
    operations, model, _ = HISTORIES[name]
    orders = orders_of(operations, model)
    certain = {i for i, call in enumerate(orders.calls) if not call.optional}
    allowed = {
        order
        for size in range(len(certain), len(orders.calls) + 1)
        for order in permutations(range(len(orders.calls)), size)
        if certain <= set(order) and is_allowed([orders.calls[i] for i in order])
    }
    found = list(orders.all())
    assert len(found) == len(allowed)
    assert set(found) == allowed


def is_allowed(calls: list[Call]) -> bool:
    """Whether none of these began when a later one of them was over."""
    return not any(
        other.operation.returned is not None
        and not other.optional
        and other.operation.returned < one.operation.invoked
        for one, other in combinations(calls, 2)
    )


@pytest.mark.parametrize("name", HISTORIES)
def test_every_order_has_places_for_its_points(name: str) -> None:
    operations, model, _ = HISTORIES[name]
    orders = orders_of(operations, model)
    axis = axis_of(orders)
    for order in orders.all():
        places = points_in(axis, order)
        assert all(places[a] < places[b] for a, b in pairwise(order))
        for i in order:
            call = orders.calls[i]
            end = axis.end_of_time if call.optional else axis.ends[orders.owners[i]]
            assert axis.start(call.first) < places[i] < end
        left_out = set(range(len(orders.calls))) - set(order)
        assert all(places[i] == axis.never for i in left_out)


def test_a_history_of_a_run_may_be_shown() -> None:
    async def scenario(cluster: Any) -> None:
        """Two clients add."""
        server = await cluster.start("counter/counter.py:Counter")
        [client] = await cluster.clients(1, "counter/counter.py:Once", server=server.id)
        await client.invoke("add", 1)

    found = run(scenario).must_pass().outcome.history
    as_writes = [op_at(each, each.invoked, each.returned or 0) for each in found]
    renamed = [Operation(o.client, "write", o.args, o.invoked, o.returned) for o in as_writes]
    assert "yes, there is an order" in repr(linearize(renamed, Register))


def test_a_history_that_is_too_long_is_refused() -> None:
    many = [op("A", "write", n, at=(n, n + 0.5)) for n in range(9)]
    with pytest.raises(ValueError, match="1 to 8 operations"):
        linearize(many, Register)
    with pytest.raises(ValueError, match="1 to 8 operations"):
        linearize([op("A", "get", "x", at=(0, None))], VersionedStore)


def test_texts_of_a_history_are_no_html() -> None:
    figure = linearize([op("<b>A", "write", "</script><b>", at=(0, 1))], Register, "<i>")
    assert "<b>A" not in figure.html
    assert "</script><b>" not in figure.html
    assert "<i>" not in figure.html.replace('<i class="', "")


# ---- clocks ------------------------------------------------------------------------------------------


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


# ---- curves and controls -----------------------------------------------------------------------------


def test_ticks_are_round_and_hold_all_values() -> None:
    assert ticks([0, 10, 20]) == [0, 5, 10, 15, 20]
    assert ticks([9.9]) == [0, 2, 4, 6, 8, 10]
    for values in ([0], [0.003, 0.0017], [-4, 3], [123_456], [7]):
        found = ticks(values)
        assert found[0] <= min(values)
        assert found[-1] >= max(values)
        assert 2 <= len(found) <= 8


def test_a_curve_says_its_numbers() -> None:
    assert "three: 6 at 0, 7.5 at 10, 9.9 at 20" in repr(FIGURES["curve"])


def test_a_static_page_has_the_first_run_and_no_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOK_STATIC", "1")
    monkeypatch.setattr(live, "widgets", None)
    bundle = play(two_clients)._repr_mimebundle_()
    assert bundle.keys() == {"text/html", "text/plain"}
    assert live.WITHOUT_KERNEL in bundle["text/html"]
    assert 'class="run-data"' in bundle["text/html"]
    shown = progress("lock", REPOSITORY / "solutions")
    assert "In a live notebook this runs the tests of lock" in repr(shown)


def test_a_live_notebook_has_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOOK_STATIC", raising=False)
    bundle = play(two_clients)._repr_mimebundle_()
    assert live.MIME in bundle
    assert live.WITHOUT_KERNEL in bundle["text/html"]


def test_controls_run_the_cluster_again() -> None:
    controls = live.Controls(play(two_clients, seed=4), live.widgets())
    calm = controls.picture.value
    controls.loss.value = 40
    assert "40 % of messages are lost" in controls.picture.value
    controls.partition.value = True
    assert "p1 is cut off for the first 0.3 s" in controls.picture.value
    controls.partition.value, controls.loss.value = False, 0
    assert controls.picture.value == calm
    controls.seed.value = 5
    assert controls.picture.value != calm
    controls.delay.value = 100
    assert "messages are 0 to 100 ms late" in controls.picture.value


def test_a_step_shows_one_event_more() -> None:
    controls = live.Controls(play(two_clients), live.widgets())
    whole = controls.picture.value
    shown = []
    for n in range(1, 5):
        controls.button_step.click()
        assert controls.said.value.startswith(f"{n} of ")
        shown.append(controls.picture.value)
    assert len({whole, *shown}) == 5
    controls.button_run.click()
    assert controls.picture.value == whole


# ---- in a browser ------------------------------------------------------------------------------------


@contextmanager
def opened(reader: Reader, *shown: Figure, width: int = 1200, **options: Any) -> Iterator[Watched]:
    with reader.opens(
        page(*shown, theme=options.pop("theme", "light")), width, **options
    ) as watched:
        yield watched


PRESS = """(moves) => document.querySelectorAll(".orders-point").forEach((mark, i) => {
  for (const key of moves[i]) mark.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
})"""


def put(watched: Watched, orders: Orders, order: Sequence[int]) -> str:
    """Move the points of the figure into an order by the keyboard; what the figure says of it."""
    axis = axis_of(orders)
    places = points_in(axis, order)
    moves = [
        ["End"] if places[i] == axis.never and i not in order
        else ["Home"] + ["ArrowRight"] * round((places[i] - axis.start(call.first) - 6) / 10)
        for i, call in enumerate(orders.calls)
    ]  # fmt: skip
    watched.page.evaluate(PRESS, in_page_order(watched, orders, moves))
    shown = watched.page.locator(".orders-point").evaluate_all(
        "(all) => all.map((one) => one.textContent)"
    )
    expected = [
        str(order.index(i) + 1) if i in order else "\N{EN DASH}" for i in range(len(orders.calls))
    ]
    assert shown == in_page_order(watched, orders, expected)
    return watched.page.locator(".orders-verdict").inner_text()


def in_page_order(watched: Watched, orders: Orders, values: list[Any]) -> list[Any]:
    """Values of points in the order in which the points stand in the page."""
    names = watched.page.locator(".orders-point").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('aria-label'))"
    )
    labels = [f"{named(orders, i)}, moment" for i in range(len(orders.calls))]
    return [values[labels.index(name)] for name in names]


@pytest.mark.parametrize("name", HISTORIES)
def test_the_figure_judges_every_order_as_the_model_does(reader: Reader, name: str) -> None:
    operations, model, _ = HISTORIES[name]
    orders = orders_of(operations, model)
    with opened(reader, linearize(operations, model, name)) as watched:
        for order in orders.all():
            said = put(watched, orders, order)
            assert said.startswith("Wrong" if orders.wrong_in(order) else "Right"), (order, said)


@pytest.mark.parametrize("name", HISTORIES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_figure_tells_and_shows_what_the_checker_found(
    reader: Reader, name: str, width: int
) -> None:
    operations, model, explained = HISTORIES[name]
    with opened(reader, linearize(operations, model, name), width=width) as watched:
        page = watched.page
        page.get_by_role("button", name="Is there any?").click()
        said = page.locator(".orders-finding").inner_text()
        finding = check(operations, model)
        assert ("yes, there is" in said) is explained
        assert finding.sentence[1:] in said
        assert page.locator(".orders-op.evidence").count() == len(finding.evidence)
        page.get_by_role("button", name="Show one").click()
        verdict = page.locator(".orders-verdict").inner_text()
        assert verdict.startswith("Right") is explained
        page.get_by_role("button", name="Start again").click()
        assert page.locator(".orders-op.evidence").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_point_is_dragged_and_stays_in_its_interval(reader: Reader) -> None:
    operations, model, _ = HISTORIES["two writes and a read"]
    with opened(reader, linearize(operations, model)) as watched:
        page = watched.page
        verdict = page.locator(".orders-verdict")
        assert verdict.inner_text() == "Wrong. C: read must give 2 here, and gave 1."
        drag(page, 1, -2000)  # B's write to its beginning, which is after A's at first
        drag(page, 0, 2000)  # A's write to its end
        drag(page, 2, 2000)
        assert verdict.inner_text() == "Right: this order explains everything."
        for i in range(3):
            drag(page, i, 3000)
            mark = page.locator(".orders-point").nth(i).bounding_box()
            bar = page.locator(".orders-bar").nth(i).bounding_box()
            assert mark is not None
            assert bar is not None
            assert bar["x"] <= mark["x"] + mark["width"] / 2 <= bar["x"] + bar["width"]


def drag(page: Any, point: int, by: float) -> None:
    box = page.locator(".orders-point").nth(point).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by / 2, y, steps=2)
    page.mouse.move(x + by, y)
    page.mouse.up()


def test_a_point_is_dragged_by_touch(reader: Reader) -> None:
    operations, model, _ = HISTORIES["two writes and a read"]
    with opened(reader, linearize(operations, model), width=390, has_touch=True) as watched:
        page = watched.page
        box = page.locator(".orders-point").nth(0).bounding_box()
        assert box
        session = page.context.new_cdp_session(page)
        x, y = box["x"] + 12, box["y"] + 12
        for kind, points in (
            ("touchStart", [{"x": x, "y": y}]),
            ("touchMove", [{"x": x + 60, "y": y}]),
            ("touchMove", [{"x": x + 500, "y": y}]),
            ("touchEnd", []),
        ):
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        watched.settle()
        moved = page.locator(".orders-point").nth(0).bounding_box()
        assert moved
        assert moved["x"] > box["x"] + 40


def test_a_reader_hears_where_a_point_is(reader: Reader) -> None:
    operations, model, _ = HISTORIES["an answer that never came"]
    with opened(reader, linearize(operations, model)) as watched:
        point = watched.page.get_by_role("slider", name="B: put x=2 @1")
        point.focus()
        watched.press("End")
        assert point.get_attribute("aria-valuetext") == "never"
        watched.press("Home")
        text = point.get_attribute("aria-valuetext") or ""
        assert re.match(r"\d of 4, ", text)


def test_a_slider_is_moved_to_its_end(reader: Reader) -> None:
    with opened(reader, slider(FRAMES, "messages lost"), slider(FRAMES, "once more")) as watched:
        page = watched.page
        control = page.get_by_role("slider", name="messages lost")
        captions = page.locator("caption:visible")
        for n, name in enumerate(FRAMES):
            assert control.get_attribute("aria-valuetext") == name
            assert captions.all_inner_texts() == [
                f"{name} lost; right is 200",
                "0% lost; right is 200",
            ]
            control.press("ArrowRight")
            assert n < len(FRAMES)
        control.press("Home")
        assert control.get_attribute("aria-valuetext") == "0%"
        assert page.locator("input").count() == 2  # each was brought to life once


def test_a_picture_in_a_slider_lives(reader: Reader) -> None:
    with opened(reader, slider({"a": busy_run(1), "b": busy_run(4)}, "seed")) as watched:
        watched.page.get_by_role("slider", name="seed").press("End")
        watched.settle()
        shown = watched.page.locator(".slider-frame").nth(1)
        assert shown.locator(".run-live > svg .shape.message").count() > 5
        shown.get_by_role("button", name="Step forward").click()
        watched.settle()
        assert shown.locator(".run-detail").inner_text()


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


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_figures_are_accessible_and_fit(reader: Reader, theme: str, width: int) -> None:
    shown = FIGURES.values()
    with opened(reader, *shown, width=width, theme=theme) as watched:
        assert violations(watched.page) == []
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        watched.page.get_by_role("button", name="Is there any?").click()
        watched.page.locator(".event").nth(6).focus()
        assert violations(watched.page) == []


@pytest.mark.parametrize("scheme", THEMES)
def test_without_a_theme_the_system_chooses(reader: Reader, scheme: str) -> None:
    html = page(FIGURES["bars"]).replace(' data-theme="light"', "")
    with reader.opens(html, color_scheme=scheme) as watched:
        ground = watched.page.locator(".book-figure").evaluate(
            "(f) => getComputedStyle(f).backgroundColor"
        )
        assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}[scheme]


def test_without_scripts_everything_is_there(reader: Reader) -> None:
    with opened(reader, *FIGURES.values(), java_script_enabled=False) as watched:
        text = watched.page.locator("main").inner_text()
        for name in FRAMES:
            assert f"messages lost: {name}" in text
            assert f"{name} lost; right is 200" in text
        assert "Is there an order that explains everything?" in text
        assert watched.page.locator("summary:visible").count() >= 3
        assert watched.page.locator("input:visible, .orders-live button").count() == 0


def test_a_figure_that_is_shown_twice_lives_twice(reader: Reader) -> None:
    figure = FIGURES["linearize"]
    with opened(reader, figure, figure) as watched:
        assert watched.page.get_by_role("button", name="Show one").count() == 2
        watched.page.get_by_role("button", name="Show one").nth(1).click()
        verdicts = watched.page.locator(".orders-verdict").all_inner_texts()
        assert [said.split(maxsplit=1)[0] for said in verdicts] == ["Wrong.", "Right:"]


def test_the_data_of_a_figure_is_json() -> None:
    found = re.findall(r'type="application/json"[^>]*>(.*?)</script>', FIGURES["lamport"].html)
    assert json.loads(found[0])["events"][0]["causes"] == []
