"""Histories to linearize by hand: an order is judged as the checkers judge it, a point stays in its bar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, pairwise, permutations
from typing import Any

import pytest

from autograder.checkers import Operation, Register, VersionedStore, check
from autograder.checkers.calls import Call, is_open
from autograder.verdict import Verdict
from book.figures import linearize, op, run
from book.figures.axis import axis_of, points_in
from book.figures.linearize import named
from book.figures.orders import Orders, orders_of
from tests.book.figures import HISTORIES, WIDTHS, opened
from tests.report.conftest import Reader, Watched

# A checker cannot be told where an open operation took effect.
CLOSED = [
    name for name, (operations, _, _) in HISTORIES.items() if not any(map(is_open, operations))
]


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


# ---- in a browser -------------------------------------------------------------------------------

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
