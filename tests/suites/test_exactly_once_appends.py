"""What is said of a value to which clerks have appended."""

from __future__ import annotations

import pytest

from autograder.checkers.history import Operation
from autograder.suites.exactly_once.appends import check_appends, unique
from autograder.violation import Violation


def append(client: str, number: int, old: str | None, key: str = "k") -> Operation:
    """An append that returned `old`, or was not answered."""
    return Operation(
        client,
        "append",
        (key, unique(client, number)),
        invoked=number,
        returned=None if old is None else number + 1,
        result=old,
    )


FIRST, OTHER, SECOND = append("c1", 0, ""), append("c2", 0, "c1:0;"), append("c1", 1, "c1:0;c2:0;")
OPEN = append("c3", 0, None)
ELSEWHERE = append("c1", 2, "", key="j")


@pytest.mark.parametrize(
    ("history", "value"),
    [
        ([], ""),
        ([ELSEWHERE], ""),
        ([FIRST, OTHER, SECOND], "c1:0;c2:0;c1:1;"),
        ([FIRST, OPEN, OTHER, SECOND, ELSEWHERE], "c1:0;c2:0;c1:1;"),
        ([FIRST, OPEN, OTHER, SECOND], "c1:0;c2:0;c1:1;c3:0;"),
    ],
)
def test_each_once_in_order_is_right(history: list[Operation], value: str) -> None:
    check_appends(history, "k", value)


@pytest.mark.parametrize(
    ("history", "value", "sentence", "evidence"),
    [
        (
            [FIRST, OTHER],
            "c1:0;c2:0;c1:0;",
            "c1's append('k', 'c1:0;') was executed twice: 'c1:0;' is in the value two times",
            (FIRST,),
        ),
        (
            [FIRST, OPEN],
            "c1:0;c3:0;c3:0;",
            "c3's append('k', 'c3:0;') was executed twice: 'c3:0;' is in the value two times",
            (OPEN,),
        ),
        (
            [FIRST, OTHER],
            "c1:0;",
            "c2's append('k', 'c2:0;') was answered, and is not in the value",
            (OTHER,),
        ),
        (
            [FIRST, OTHER],
            "",
            "c1's append('k', 'c1:0;') was answered, and is not in the value",
            (FIRST,),
        ),
        (
            [FIRST, append("c1", 1, "")],
            "c1:1;c1:0;",
            "c1's append('k', 'c1:0;') returned '', and what stands before it in the value is 'c1:1;'",
            (FIRST,),
        ),
        (
            [append("c1", 0, "c1:1;"), append("c1", 1, "")],
            "c1:1;c1:0;",
            (
                "c1's append('k', 'c1:0;') was answered before c1's append('k', 'c1:1;') began, "
                "and stands behind it"
            ),
            (append("c1", 0, "c1:1;"), append("c1", 1, "")),
        ),
        ([FIRST], "c1:0;c9:0;", "the value of 'k' holds 'c9:0;', which nobody appended", ()),
        ([FIRST], "c1:0;c1", "the value of 'k' holds 'c1', which nobody appended", ()),
        ([FIRST], ";c1:0;", "the value of 'k' holds ';', which nobody appended", ()),
        ([ELSEWHERE], "c1:2;", "the value of 'k' holds 'c1:2;', which nobody appended", ()),
    ],
)
def test_anything_else_is_a_violation(
    history: list[Operation], value: str, sentence: str, evidence: tuple[Operation, ...]
) -> None:
    with pytest.raises(Violation) as raised:
        check_appends(history, "k", value)
    assert (str(raised.value), raised.value.evidence) == (sentence, evidence)
