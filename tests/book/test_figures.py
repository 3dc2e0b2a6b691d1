"""Figures: what they say is what the library says, and a reader can move them to their ends."""

from __future__ import annotations

import re

import pytest

from autograder.catalog import LABS, REPOSITORY
from autograder.grading.tests import list_tests
from book.figures import (
    Figure,
    bars,
    clocks,
    curve,
    linearize,
    live,
    play,
    progress,
    slider,
    stack,
    suite_table,
)
from book.figures.curve import ticks
from tests.book.figures import (
    HISTORIES,
    THEMES,
    WIDTHS,
    busy_run,
    opened,
    page,
    two_clients,
    violations,
)
from tests.report.conftest import Reader

NUMBERS = {"at most once": 190, "at least once": 205, "exactly once": 200}
FRAMES = {
    name: bars({"all": n}, 200, f"{name} lost")
    for name, n in (("0%", 200), ("5%", 190), ("10%", 170))
}
LINES = {"one server": {0: 2, 10: 2.4, 20: 3.1}, "three": {0: 6, 10: 7.5, 20: 9.9}}


def figures() -> dict[str, Figure]:
    """Each kind of figure once."""
    busy = busy_run()
    return {
        "bars": bars(NUMBERS, 200, "5% lost"),
        "slider": slider({**FRAMES, "a run": busy}, "messages lost"),
        "stack": stack(*FRAMES.values()),
        "suite_table": suite_table("lock"),
        "linearize": linearize(*HISTORIES["a Maybe"][:2], "A Maybe"),
        "lamport": clocks(busy),
        "vector": clocks(busy, "vector"),
        "curve": curve(LINES, "messages lost, %", "messages per operation"),
        "play": play(two_clients, seed=4).figure(),
    }


FIGURES = figures()


# ---- what they say ------------------------------------------------------------------------------


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


def test_a_stack_holds_all_figures_and_each_asset_once() -> None:
    figure = stack(*FRAMES.values())
    assert [frame.html in figure.html for frame in FRAMES.values()] == [True] * len(FRAMES)
    assert len(set(figure.assets)) == len(figure.assets)
    assert repr(figure) == "\n".join(map(repr, FRAMES.values()))


@pytest.mark.parametrize("lab", LABS)
def test_the_table_of_a_suite_has_all_tests_and_all_points(lab: str) -> None:
    figure, tests = suite_table(lab), list_tests(LABS[lab])
    named = [
        name.replace("<wbr>", "") for name in re.findall(r'row"><code>(.*?)</code>', figure.html)
    ]
    assert named == [test.name for test in tests]
    assert all(test.promise in figure.words for test in tests)
    assert "`" not in figure.html
    points = re.findall(r"<td>(\d+)</td></tr>(?!<tr class)", figure.html)
    assert sum(map(int, re.findall(r"^ +(\d+)  ", figure.words, re.MULTILINE))) == 100
    assert points[-1] == "100"


def test_a_figure_is_the_same_each_time() -> None:
    again = figures()
    assert {name: figure._repr_html_() for name, figure in again.items()} == {
        name: figure._repr_html_() for name, figure in FIGURES.items()
    }


# ---- curves and controls ------------------------------------------------------------------------


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


# ---- in a browser -------------------------------------------------------------------------------


def test_a_slider_is_moved_to_its_end(reader: Reader) -> None:
    with opened(reader, slider(FRAMES, "messages lost"), slider(FRAMES, "once more")) as watched:
        page = watched.page
        control = page.get_by_role("slider", name="messages lost")
        captions = page.locator("caption:visible")
        for name in FRAMES:
            assert control.get_attribute("aria-valuetext") == name
            assert captions.all_inner_texts() == [
                f"{name} lost; right is 200",
                "0% lost; right is 200",
            ]
            control.press("ArrowRight")
        assert control.get_attribute("aria-valuetext") == list(FRAMES)[-1]
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
