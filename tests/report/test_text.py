"""Text from runs is bounded, harmless and legible."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET

import msgspec
import pytest

from autograder.checkers.history import Operation
from autograder.report import words
from autograder.report.text import attributes, block, escaped, line, script_json


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("a\u202eb", "a\ufffdb"),
        ("a\x00b\x7fc\x9bd", "a\ufffdb\ufffdc\ufffdd"),
        ("\ud800 alone", "\ufffd alone"),
        ("\ufffe\uffff\u2066\u200f\ufeff", "\ufffd" * 5),
        ("two\nlines\r\nand\ttab", "two⏎lines⏎and tab"),
        (
            "\N{ARABIC LETTER MEEM} é \N{GRINNING FACE}",
            "\N{ARABIC LETTER MEEM} é \N{GRINNING FACE}",
        ),
    ],
)
def test_a_line_shows_nothing_that_acts(given: str, shown: str) -> None:
    assert line(given, 60) == shown


def test_a_block_keeps_its_lines() -> None:
    assert block("a\nb\x1b[1m", 10) == "a\nb"


def test_long_text_is_cut_and_says_so() -> None:
    assert line("x" * 100, 10) == "x" * 9 + "…"
    assert line("x" * 10, 10) == "x" * 10
    assert line("\x1b[0m" * 100 + "end", 10) == "…", "what was cut away unseen is said too"


def test_a_megabyte_costs_no_more_than_a_line() -> None:
    began = time.process_time()
    for _ in range(1_000):
        assert len(line("\x1b]" * 500_000, 100)) <= 100
    assert time.process_time() - began < 1


def test_markup_is_escaped() -> None:
    assert escaped("<a href='x'>&\"") == "&lt;a href=&#x27;x&#x27;&gt;&amp;&quot;"
    hostile = '"><script>hacked()</script>'
    element = ET.fromstring(f"<g{attributes(class_=hostile, aria_label=hostile)}/>")
    assert element.attrib == {"class": hostile, "aria-label": hostile}


def test_json_in_a_script_cannot_end_it() -> None:
    data = {"</script><!--": "]]>&<script>"}
    text = script_json(data)
    assert not {"<", ">", "&"} & set(text)
    assert msgspec.json.decode(text) == data


# ---- operations in words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "answer", "said"),
    [
        ("put", ("x", "1", 3), {}, "put x=1 @3 → ok"),
        ("put", ("x", "1"), {"result": "old"}, "put x=1 → ok"),
        ("get", ("x",), {"result": {"value": "1", "version": 3}}, "get x → 1 @3"),
        ("get", ("x",), {"result": ["1", 3]}, "get x → 1 @3"),
        ("get", ("x",), {"result": ""}, "get x → ''"),
        ("append", ("x", "a b"), {"result": "old"}, "append x+='a b' → old"),
        ("acquire", ("l",), {}, "acquire l → ok"),
        ("read", (), {"result": 7}, "read → 7"),
        ("put", ("x", "1", 3), {"error": 1001}, "put x=1 @3 → Maybe"),
        ("get", ("x",), {"error": 20}, "get x → KeyDoesNotExist"),
        ("get", ("x",), {"error": 0}, "get x → CallTimeout: may have happened or not"),
        ("get", ("x",), {"error": 1999}, "get x → error 1999: may have happened or not"),
    ],
)
def test_an_operation_in_words(
    name: str, args: tuple[object, ...], answer: dict[str, object], said: str
) -> None:
    operation = Operation("c1", name, args, 0, 5)
    assert words.said(msgspec.structs.replace(operation, **answer)) == said


def test_an_operation_without_a_reply_may_have_happened() -> None:
    said = words.said(Operation("c1", "put", ("x", "1", 0), 0))
    assert said == "put x=1 @0 → no reply: may have happened or not"


def test_values_are_bounded_whatever_they_are() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for value in ("x" * 1_000_000, b"\xff" * 1_000_000, 10**5_000, [["x" * 10_000]] * 10_000, deep):
        operation = Operation("c1", "put", ("k", value), 0, 1, result=value)
        assert len(words.said(operation)) < 120
        assert len(words.in_full(operation)) < 1_200


def test_times_in_words() -> None:
    assert [words.moment(t) for t in (0, 20_000, 12_500, 3)] == [
        "0.000 s", "0.020 s", "0.0125 s", "0.000003 s",
    ]  # fmt: skip
    assert [words.duration(t) for t in (275, 26_500, 2_100_000)] == ["275 µs", "26.5 ms", "2.1 s"]
