"""The report of a grade as a page."""

from __future__ import annotations

import dataclasses
import re

from autograder.report.page import HELD, grade_page
from autograder.report.picture import Scene, draw
from autograder.verdict import Grade, LabVerdict, TestVerdict, Verdict
from tests.report import scenes
from tests.report.conftest import Reader


def verdict(scene: Scene, found: Verdict = Verdict.FAIL, evidence: str = "") -> TestVerdict:
    points = 3 if found is Verdict.PASS else 0
    seen = "" if found is Verdict.PASS else evidence or scene.seen
    return TestVerdict(
        scene.title, points, 3, found, scene.promise, seen, 1, scene.command, 1.0, 1.0
    )


def named(title: str) -> Scene:
    return dataclasses.replace(scenes.stale_read(), title=title)


def report() -> str:
    stale, lock = scenes.stale_read(), scenes.lock_held_by_two()
    tests = [
        verdict(named("test_that_passes"), Verdict.PASS), verdict(stale), verdict(lock),
        verdict(named("test_like_the_first")),
        verdict(named("test_undecided"), Verdict.UNKNOWN, "our fault: x"),
    ]  # fmt: skip
    grade = Grade("submissions/one", [LabVerdict("kv", 3, 15, tests)], ["kv/clerk.py is missing"])
    return grade_page(grade, {("kv", s.title): draw(s, HELD).figure() for s in (stale, lock)})


def test_a_page_says_what_the_verdicts_say() -> None:
    page = report()
    text = re.sub(
        r"<[^>]*>", " ", re.sub(r"<(script|style|svg).*?</\1>", "", page, flags=re.DOTALL)
    )
    for said in (
        "submissions/one", "kv/clerk.py is missing", "3 of 15 points", "3 undecided: our fault",
        "Once a value was read, no later get returns an older one.", "the same in 1 more test",
        "autograder grade solutions --lab lock --seed 3", "that passes", "our fault: x",
    ):  # fmt: skip
        assert said in text


def test_failures_come_before_the_table() -> None:
    page = report()
    assert page.index("test_reads_are_never_stale</p>") < page.index("<table")
    assert page.count("<figure") == 2


def test_the_assets_stand_once() -> None:
    page = report()
    assert page.count("<style>") == 1
    assert page.count('"use strict"') == 1


def test_every_link_of_a_page_leads_somewhere() -> None:
    page = report()
    links = set(re.findall(r'href="#([^"]*)"', page))
    assert len(links) == 4
    assert links <= set(re.findall(r'id="([^"]*)"', page))
    assert len(re.findall(r'id="', page)) == len(set(re.findall(r'id="([^"]*)"', page)))


def test_a_page_without_failures_is_a_table() -> None:
    lab = LabVerdict("kv", 3, 3, [verdict(named("test_that_passes"), Verdict.PASS)])
    page = grade_page(Grade("solutions", [lab]), {})
    assert "what did not pass" not in page
    assert "<table" in page


def test_a_page_fits_a_phone_and_its_pictures_live(reader: Reader) -> None:
    for width in (390, 1100):
        with reader.opens(report(), width) as watched:
            assert watched.page.evaluate("document.documentElement.scrollWidth") == width
            assert watched.page.locator("figure[data-live]").count() == 2
