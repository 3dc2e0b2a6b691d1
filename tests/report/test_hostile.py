"""Nothing that a student's program writes leaves its place in a picture: not as markup, not as script."""

from __future__ import annotations

import io
import re
import time
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser

import pytest
from rich.console import Console

from autograder.report import terminal
from autograder.report.page import grade_page
from autograder.report.picture import draw
from autograder.report.text import UNFIT
from autograder.verdict import Grade, LabVerdict, TestVerdict, Verdict
from tests.report.conftest import Reader
from tests.report.scenes import ATTACKS, hostile

MEGABYTE = 1_000_000
STYLING = re.compile(r"\x1b\[[\d;]*m")  # what a report on a terminal itself is styled with


class Tags(HTMLParser):
    """Counts the elements and the names of their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.update([tag, *(f"{tag} {name}" for name, _ in attrs)])


def verdict(text: str) -> TestVerdict:
    return TestVerdict(
        text,
        0,
        3,
        Verdict.FAIL,
        text,
        f"{text}\n{text}",
        1,
        text,
        virtual_seconds=1,
        real_seconds=1,
    )


def report(text: str, *, with_picture: bool) -> str:
    pictures = {("kv", text): draw(hostile(text)).figure()} if with_picture else {}
    return grade_page(Grade(text, [LabVerdict("kv", 0, 3, [verdict(text)])], [text]), pictures)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_adds_no_element_and_no_attribute(attack: str) -> None:
    harmless = "x" * len(attack)
    for made, same in zip(forms(attack), forms(harmless), strict=True):
        found, expected = Tags(made).found, Tags(same).found
        assert set(found) <= set(expected)
        assert found["script"] == expected["script"]


def forms(text: str) -> list[str]:
    picture = draw(hostile(text))
    return [picture.page(), picture._repr_html_(), report(text, with_picture=False)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_static_picture_of_an_attack_is_well_formed(attack: str) -> None:
    root = ET.fromstring(draw(hostile(attack)).svg())
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "style", "g", "path", "text", "title"}
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_character_of_an_attack_acts(attack: str) -> None:
    picture = draw(hostile(attack))
    for made in (picture.svg(), picture.page(), report(attack, with_picture=True)):
        assert not UNFIT.search(made)
        assert "\x1b" not in made
        made.encode()  # no half of a surrogate pair


def test_json_of_an_attack_stays_in_its_element() -> None:
    for attack in ATTACKS:
        data = re.search(
            r'class="run-data">(.*?)</script>', draw(hostile(attack)).figure(), re.DOTALL
        )
        assert data is not None
        assert not {"<", ">", "&"} & set(data[1])


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_character_of_an_attack_acts_on_a_terminal(attack: str) -> None:
    shown = {}
    for text in (attack, "x"):
        console = Console(file=io.StringIO(), force_terminal=True, width=200)
        terminal.show(Grade(text, [LabVerdict("kv", 0, 3, [verdict(text)])], [text]), console)
        assert isinstance(console.file, io.StringIO)
        shown[text] = console.file.getvalue()
    own = set(STYLING.findall(shown["x"]))
    assert set(STYLING.findall(shown[attack])) <= own
    assert not UNFIT.search(STYLING.sub("", shown[attack]))


def test_megabytes_stay_small_and_quick() -> None:
    began = time.process_time()
    picture = draw(hostile("<" * MEGABYTE))
    assert len(picture.svg().encode()) < 100_000
    assert len(picture.page().encode()) < 300_000
    assert time.process_time() - began < 2


def test_ten_thousand_long_messages_stay_bounded() -> None:
    from tests.report.scenes import started

    story = started("n1", "n2")
    for n in range(10_000):
        story.sends(
            n, "n1", "n2", {"type": "put", "msg_id": n, "key": "k", "value": "<" * 1_000}, n + 1
        )
    assert len(draw(story.scene("test")).page().encode()) < 16_000_000


# ---- in a browser --------------------------------------------------------------------------------

# Does everything that a reader can do: steps through all events, points at all shapes, tries all filters.
EXPLORE = """async () => {
  const frame = () => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
  for (const figure of document.querySelectorAll("figure.run-picture")) {
    const range = figure.querySelector("input[type=range]");
    for (let n = 0; n <= Number(range.max); n += 1) {
      range.value = n;
      range.dispatchEvent(new Event("input"));
    }
    figure.querySelectorAll("button, summary").forEach((each) => each.click());
    await frame();
    figure.querySelectorAll("[data-shape]").forEach((each) => {
      for (const kind of ["pointerover", "mouseover", "click"]) {
        each.dispatchEvent(new MouseEvent(kind, { bubbles: true }));
      }
    });
    for (const select of figure.querySelectorAll("select")) {
      for (const option of [...select.options]) {
        select.value = option.value;
        select.dispatchEvent(new Event("change"));
        await frame();
      }
    }
  }
  await frame();
  return window.ran;
}"""


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_runs(reader: Reader, attack: str) -> None:
    bare = (
        f"<!doctype html><meta charset=utf-8>{draw(hostile(attack)).html()}"  # no policy helps it
    )
    with reader.opens(bare) as watched:
        assert watched.page.evaluate(EXPLORE) == []
        assert watched.page.locator("img, iframe, script:not(.run-data)").count() == 1
        assert not UNFIT.search(watched.page.locator("body").inner_text())


def test_no_attack_runs_in_the_report_of_a_grade(reader: Reader) -> None:
    lab = LabVerdict("kv", 0, 3, [verdict(attack) for attack in ATTACKS])
    pictures = {("kv", attack): draw(hostile(attack)).figure() for attack in ATTACKS[:3]}
    with reader.opens(grade_page(Grade(ATTACKS[0], [lab], ATTACKS), pictures)) as watched:
        assert watched.page.evaluate("window.ran") == []
        assert watched.page.locator("img, iframe, script:not(.run-data)").count() == 1
        assert watched.page.locator("[data-live]").count() == 3


def test_a_page_runs_its_own_script_and_no_other(reader: Reader) -> None:
    page = draw(hostile("x")).page()
    injected = page.replace("</main>", "</main><script>hacked('policy')</script>")
    assert injected != page
    with reader.opens(injected) as watched:
        assert watched.page.evaluate("window.ran") == []
        assert watched.page.locator("[data-live]").count() == 1
        blocked = [said for said in watched.trouble if "Content Security Policy" in said]
        assert len(blocked) == 1
        watched.trouble.remove(blocked[0])


LEAK = """<base href="http://127.0.0.1:9/">
<form action="http://127.0.0.1:9/"><button id=leak>more</button></form>"""


def test_no_form_and_no_base_leads_out_of_a_page(reader: Reader) -> None:
    injected = draw(hostile("x")).page().replace("</main>", f"</main>{LEAK}")
    with reader.opens(injected) as watched:
        watched.page.evaluate("document.querySelector('#leak').click()")
        watched.settle()
        assert watched.page.evaluate("document.baseURI").startswith("file:")
        for directive in ("base-uri 'none'", "form-action 'none'"):
            blocked = [said for said in watched.trouble if f'"{directive}"' in said]
            assert len(blocked) == 1, directive
            watched.trouble.remove(blocked[0])
