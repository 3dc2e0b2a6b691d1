"""A history to linearize by hand: the reader moves the point at which each operation takes effect.

    linearize(
        [
            op("A", "write", 1, at=(0, 4)),
            op("B", "read", at=(1, 3), gives=1),
            op("C", "read", at=(5, 6), gives=None),
        ],
        Register,
        title="A value that is gone again",
    )

Times are milliseconds. `op` makes an ordinary `Operation`, so a history that was recorded may be shown as
well: `linearize(run(scenario).outcome.history, VersionedStore)`. Any model of the checkers will do.
What is said of an order comes from the model; whether there is any right one, from `check`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograder.checkers import Model, Operation, Register
from autograder.checkers.calls import Call
from autograder.checkers.model import REFUSED, Refused
from autograder.report import words
from autograder.report.text import script_json
from autograder.verdict import Verdict
from book.figures.axis import Axis, Bar, axis_of
from book.figures.orders import WAITS, Orders, State, orders_of
from book.figures.page import Figure, assets, text
from labs.node.errors import RPCError

RULE = (
    "Each operation takes effect at one moment, somewhere between its call and its return: "
    "so its point can lie only inside its bar."
)
SCALE = "Time runs from left to right, in milliseconds."
TWICE = (
    "A put that ended with Maybe was sent more than once, and has two points: one where it took effect, "
    "if it ever did, and one where it was refused."
)
OPEN = (
    "A bar with an open end got no answer that says whether it was done: it may take effect at any later "
    "moment, or never."
)


def op(
    client: str,
    name: str,
    *args: Any,
    at: tuple[float, float | None],
    gives: Any = None,
    error: type[RPCError] | int | None = None,
) -> Operation:
    """One operation: who asked what, from when to when in milliseconds, and what the answer was.

    `at=(3, None)` got no answer. `error` is the error that was the answer: `error=KeyDoesNotExist`.

        op("A", "put", "x", "1", 0, at=(0, 3))                             # versioned store: acknowledged
        op("B", "get", "x", at=(2, 5), gives=("1", 1))                     # read "1", version 1
        op("C", "put", "x", "2", 0, at=(4, 6), error=PreconditionFailed)   # another version was there
        op("D", "put", "x", "3", 1, at=(5, 9), error=1001)                 # Maybe
    """
    start, end = at
    returned = None if end is None else round(end * 1000)
    code = error if error is None or isinstance(error, int) else error.code
    return Operation(client, name, args, round(start * 1000), returned, gives, code)


def linearize(
    operations: Iterable[Operation], model: Model = Register, title: str = "Which order was it?"
) -> Figure:
    """The history as bars, a point in each bar, and at once what is wrong with the order of the points.

    At most 8 operations. Buttons tell what the checker found, and show a right order if there is one.
    """
    orders = orders_of(operations, model)
    axis = axis_of(orders)
    drawn = "".join(lane(client, rows) for client, rows in axis.lanes(labels(orders, model)))
    data = script_json(as_data(orders, axis, model))
    ticks = "".join(f'<span style="left: {at / 10:.2f}%">{said}</span>' for at, said in axis.ticks)
    scale = ticks or '<span style="left: 0">time, not to scale</span>'
    never = '<span class="orders-never">never</span>' if axis.never else ""
    return Figure(
        f'<figure class="book-figure book-orders" role="group" aria-label="{text(title)}">'
        f'<p class="figure-title">{text(title)}</p><p class="figure-note">{text(rule(orders, axis))}</p>'
        f'<div class="orders-plot"{" data-never" if axis.never else ""}>{drawn}'
        f'<div class="orders-axis" aria-hidden="true"><div>{scale}{never}</div></div></div>'
        f'<div class="orders-live"></div>{answer(orders, model)}'
        f'<script type="application/json" class="orders-data">{data}</script></figure>',
        in_words(title, orders, model),
        assets("orders"),
    )


# ---- what is drawn -----------------------------------------------------------------------------------


def lane(client: str, rows: list[list[Bar]]) -> str:
    """The operations of a client, in as many rows as their words need."""
    drawn = "".join(
        f'<div class="orders-row">{"".join(bar(each) for each in row)}</div>' for row in rows
    )
    return (
        f'<div class="orders-lane" role="group" aria-label="client {text(client)}">'
        f'<div class="orders-client">{text(client)}</div><div class="orders-track">{drawn}</div></div>'
    )


def bar(drawn: Bar) -> str:
    """One operation: what was asked and answered, above a bar from its call to its return."""
    looks = [
        "orders-op",
        *(["open"] if drawn.open else []),
        *(["end"] if drawn.end_wide else []),
        *(["end-narrow"] if drawn.end_narrow else []),
    ]
    start, end = f"{drawn.start / 10:.2f}%", f"{drawn.end / 10:.2f}%"
    place = (
        f"left: {start}; width: {(drawn.end - drawn.start) / 10:.2f}%; --from: {start}; --to: {end}"
    )
    mark = ""
    if drawn.returned is not None:
        at = 100 * (drawn.returned - drawn.start) / (drawn.end - drawn.start)
        mark = f'<i class="orders-return" style="left: {at:.2f}%"></i>'
    return (
        f'<div class="{" ".join(looks)}" data-op="{drawn.number}" data-start="{drawn.start:g}" '
        f'data-end="{drawn.end:g}" style="{place}">'
        f'<span class="orders-said">{text(drawn.said)}</span><div class="orders-bar">{mark}</div></div>'
    )


def answer(orders: Orders, model: Model) -> str:
    """What the checker found, folded: where no script runs, and for whoever prints the page."""
    shown = ""
    if orders.witness is not None:
        steps = "".join(f"<li>{text(named(orders, i))}</li>" for i in orders.witness)
        shown = f"<p>One such order:</p><ol>{steps}</ol>"
    return (
        '<details class="orders-answer"><summary>Is there an order that explains everything?</summary>'
        f"<p>{text(found(orders))}</p>{shown}</details>"
    )


# ---- what is said ------------------------------------------------------------------------------------


def rule(orders: Orders, axis: Axis) -> str:
    """What a reader must know of this picture."""
    twice = len(orders.owners) > len(set(orders.owners))
    told = [RULE, OPEN if axis.never else "", TWICE if twice else "", SCALE if axis.ticks else ""]
    return " ".join(filter(None, told))


def found(orders: Orders) -> str:
    """What the checker says of the history."""
    if orders.finding.verdict is Verdict.PASS:
        return "The checker: yes, there is an order that explains everything."
    return f"The checker: no, there is none. {capital(orders.finding.sentence)}."


def capital(said: str) -> str:
    """A sentence with its first letter in capitals."""
    return said[:1].upper() + said[1:]


def labels(orders: Orders, model: Model) -> list[str]:
    """What stands above each bar."""
    return [f"{words.asked(each)} → {given(each, model)}" for each in orders.operations]


def given(operation: Operation, model: Model) -> str:
    """What a client was told."""
    if operation.returned is None:
        return "no answer"
    if operation.error is not None:
        return words.outcome(operation).removesuffix(": may have happened or not")
    return response(model.response(operation), operation, model)


def response(answer: Any, operation: Operation, model: Model) -> str:
    """An answer that a model gives."""
    if answer is WAITS:
        return "no answer yet"
    if isinstance(answer, Refused):
        return words.error(answer.code)
    if answer is None and operation.name in model.reads:
        return "nothing"
    return words.result(answer)


def named(orders: Orders, point: int) -> str:
    """A point, as sentences name it."""
    call = orders.calls[point]
    asked = told(call.operation)
    alike = [i for i, each in enumerate(orders.operations) if told(each) == asked]
    if len(alike) > 1:
        asked += f" ({alike.index(orders.owners[point]) + 1})"
    twin = orders.owners.count(orders.owners[point]) > 1
    return f"{asked}, sent again" if twin and not call.optional else asked


def told(operation: Operation) -> str:
    """Who asked what."""
    return f"{operation.client}: {words.asked(operation)}"


def complaint(call: Call, answer: Any, model: Model) -> str:
    """Why an answer is wrong, said of a point that comes now."""
    operation = call.operation
    if answer is WAITS:
        return "cannot be done here, and was"
    must = response(answer, operation, model)
    if isinstance(answer, Refused):
        must = f"be refused here ({must})"
    elif operation.name in model.reads:
        must = f"give {must} here"
    else:
        must = f"give {must} here" if must != "ok" else "be done here"
    return f"must {must}, and {got(call, model)}"


def got(call: Call, model: Model) -> str:
    """What came instead, in the past tense."""
    operation = call.operation
    if operation.error is not None:
        return f"was refused ({given(operation, model)})"
    gave = given(operation, model)
    return "was done" if gave == "ok" else f"gave {gave}"


def holds(state: State, model: Model) -> str:
    """A state in words."""
    return ", ".join(
        f"{words.value(key) if model.keyed else 'the value'} is {held(value, model)}"
        for key, value in state
    )


def held(value: Any, model: Model) -> str:
    """What there is under one key."""
    if value == model.initial and (value is None or isinstance(value, tuple)):
        return ("free" if model.personal else "missing") if model.keyed else "nothing"
    return words.result(value) if isinstance(value, tuple) else words.value(value)


def in_words(title: str, orders: Orders, model: Model) -> str:
    """The figure where there is none."""
    said = [
        f"  {one.client}: {label}, from {one.invoked / 1000:g} "
        + ("ms on" if one.returned is None else f"to {one.returned / 1000:g} ms")
        for one, label in zip(orders.operations, labels(orders, model), strict=True)
    ]
    return "\n".join([title, *said, found(orders)])


# ---- what the script gets ----------------------------------------------------------------------------


def as_data(orders: Orders, axis: Axis, model: Model) -> dict[str, Any]:
    """Points, and all that happens in all orders. Texts stand in a list, since many are the same."""
    said: dict[str, int] = {}
    steps: dict[str, dict[str, list[int]]] = {}
    for (state, point), step in orders.steps.items():
        why = "" if step.right else complaint(orders.calls[point], step.answer, model)
        number = said.setdefault(why, len(said))
        steps.setdefault(str(state), {})[str(point)] = [step.state, int(step.right), number]
    places = {id(operation): i for i, operation in enumerate(orders.operations)}
    return {
        "points": [
            {
                "op": orders.owners[i],
                "name": named(orders, i),
                "gave": "refused"
                if call.pure and call.response is REFUSED
                else given(call.operation, model),
                "from": axis.start(call.first),
                "to": axis.end_of_time if call.optional else axis.ends[orders.owners[i]],
                "optional": call.optional,
                "at": axis.begin[i],
            }
            for i, call in enumerate(orders.calls)
        ],
        "never": axis.never,
        "steps": steps,
        "said": list(said),
        "states": [holds(state, model) for state in orders.states],
        "witness": axis.witness,
        "found": found(orders),
        "evidence": [places[id(each)] for each in orders.finding.evidence],
    }
