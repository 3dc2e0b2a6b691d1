"""Pictures in a real browser: what a reader sees and can do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from autograder.report.picture import draw
from tests.report import scenes
from tests.report.conftest import Reader, Watched

Elements = list[tuple[str, list[float], str]]


def test_a_picture_draws_itself_without_trouble(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        assert watched.shapes("evidence") == 2
        assert watched.shapes("lost") == 2
        assert watched.page.locator(".run-static").is_hidden()
        watched.page.set_viewport_size({"width": 700, "height": 700})
        watched.settle()
        assert watched.shapes("evidence") == 2


# What is drawn, as (class, numbers, text) of every element, to compare two drawings of one window.
ELEMENTS = """(selector) => [...document.querySelectorAll(`${selector} :is(path, text)`)]
  .filter((each) => !each.matches(".run-hit, .cursor"))
  .map((each) => [`${each.parentNode.getAttribute("class")}/${each.getAttribute("class")}`,
                  (each.getAttribute("d") ?? `${each.getAttribute("x")} ${each.getAttribute("y")}`),
                  each.textContent])"""


@pytest.mark.parametrize(
    "name", ["stale_read", "lock_held_by_two", "duplicate_append", "a_part_of_many"]
)
def test_both_drawings_are_the_same(reader: Reader, name: str) -> None:
    scene = scenes.many(400) if name == "a_part_of_many" else getattr(scenes, name)()

    def elements(watched: Watched, selector: str) -> Elements:
        found = watched.page.evaluate(ELEMENTS, selector)
        number = re.compile(r"-?\d+(?:\.\d+)?")
        return [(look, [float(n) for n in number.findall(d)], text) for look, d, text in found]

    with reader.opens(draw(scene).page()) as watched:
        watched.page.evaluate("document.querySelector('.run-live').style.width = '960px'")
        watched.settle()
        static = elements(watched, ".run-static > svg")
        live = elements(watched, ".run-live > svg")
    assert len(static) > 30
    assert [(look, text) for look, _, text in static] == [(look, text) for look, _, text in live]
    for (look, drawn, _), (_, again, _) in zip(static, live, strict=True):
        assert drawn == pytest.approx(again, abs=0.11), look


# ---- moving about --------------------------------------------------------------------------------


def test_the_keyboard_zooms_and_moves(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        watched.page.locator(".run-live > svg").focus()
        first = watched.ticks
        watched.press("+")
        closer = watched.ticks
        assert closer != first
        watched.press("ArrowRight")
        assert watched.ticks != closer
        watched.press("0")
        assert watched.ticks == first
        for _ in range(6):
            watched.press("-")
        assert float(watched.ticks[0].removesuffix(" s")) == 0
        assert watched.shapes("operation") == 7
        for _ in range(60):
            watched.press("+")
        assert 0 < len(watched.ticks) <= 12
        assert (
            watched.page.locator(".run-live .run-svg :focus, .run-live .run-svg:focus").count() == 1
        )


# Whether the ticks are others than these.
CHANGED = """(first) => first !== [...document.querySelectorAll(".run-live > svg > .time")]
  .map((tick) => tick.textContent).join("")"""


def test_buttons_wheel_and_drag_do_the_same(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        page, first = watched.page, watched.ticks
        box = page.locator(".run-live > svg").bounding_box()
        assert box is not None
        page.get_by_role("button", name="Zoom in").click()
        watched.settle()
        closer = watched.ticks
        assert closer != first
        page.mouse.move(box["x"] + 500, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 300, box["y"] + 60)
        page.mouse.up()
        watched.settle()
        assert watched.ticks != closer
        page.get_by_role("button", name="Show the first window").click()
        watched.settle()
        assert watched.ticks == first
        page.mouse.move(box["x"] + 500, box["y"] + 60)
        page.keyboard.down("Control")
        page.mouse.wheel(0, -600)
        page.keyboard.up("Control")
        page.wait_for_function(CHANGED, arg="".join(first))


PINCH = """() => {
  const svg = document.querySelector(".run-live > svg"), { left, top } = svg.getBoundingClientRect();
  const at = (kind, pointerId, x) => svg.dispatchEvent(new PointerEvent(kind,
    { pointerId, clientX: left + x, clientY: top + 50, buttons: 1, bubbles: true }));
  at("pointerdown", 1, 400); at("pointerdown", 2, 500);
  at("pointermove", 1, 200); at("pointermove", 2, 700);
  at("pointerup", 1, 200); at("pointerup", 2, 700);
}"""


def test_two_fingers_pinch(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        before = watched.shapes("operation")
        watched.page.evaluate(PINCH)
        watched.settle()
        assert 0 < watched.shapes("operation") < before


def test_stepping_moves_the_cursor_and_what_is_shown(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        page = watched.page
        slider = page.get_by_role("slider", name="Step through time")
        slider.focus()
        watched.press("ArrowRight")
        assert page.locator(".run-live .cursor").count() == 1
        place, said = page.locator(".run-live .cursor").get_attribute("d"), watched.detail
        future = watched.shapes("future")
        assert future > 0
        assert page.locator(".run-live .label.lost").all_text_contents() == ["put_ok lost"]
        for _ in range(6):
            watched.press("ArrowRight")
        assert page.locator(".run-live .cursor").get_attribute("d") != place
        assert watched.detail != said
        assert watched.shapes("future") < future
        assert (
            slider.get_attribute("aria-valuetext") == page.locator(".run-live output").inner_text()
        )
        page.get_by_role("button", name="Step back").click()
        watched.settle()
        assert "s" in watched.detail
        slider.press("Home")
        watched.settle()
        assert "0.000000 s" in watched.detail
        assert "start" in watched.detail


def test_a_step_says_what_happens(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        step = watched.page.get_by_role("button", name="Step forward")
        said = []
        for _ in range(10):
            step.click()
            said.append(watched.detail)
    told = "\n".join(said)
    assert "put_ok, n1 to p2: lost is lost" not in told
    assert "put_ok, n1 to p2: lost" in told
    assert "c1: get x → b @2 begins" in told
    assert "get, p1 to n1 leaves" in told


# ---- details -------------------------------------------------------------------------------------


def test_pointing_shows_details(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        watched.page.locator(".run-live .message.hot.reply .run-hit").first.hover(force=True)
        assert "get_ok, n1 to p1" in watched.detail
        assert '"version": 2' in watched.detail
        watched.page.locator(".run-live .operation.evidence").last.hover()
        assert "② c3: get x → a @1" in watched.detail
        assert "returned 0.031 s, took 5 ms" in watched.detail


def test_the_evidence_can_be_reached_by_keyboard(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        watched.page.locator(".run-live > svg").focus()
        watched.press("Tab")
        assert "① c1: get x → b @2" in watched.detail
        watched.press("+")
        focused = watched.page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused == "① c1: get x → b @2", "drawing anew keeps the focus"
        watched.press("Tab")
        if watched.shapes("evidence") == 2:
            assert "② c3: get x → a @1" in watched.detail


def test_the_list_of_the_evidence_leads_to_it(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        for _ in range(8):
            watched.page.get_by_role("button", name="Zoom in").click()
        watched.settle()
        watched.page.get_by_role("button", name=re.compile("② c3")).click()
        watched.settle()
        assert watched.shapes("evidence", "picked") == 1
        assert "② c3: get x → a @1" in watched.detail


def test_the_list_of_simultaneous_evidence_leads_to_each(reader: Reader) -> None:
    story = scenes.started("n1", "p1")
    told = [story.asks(client, "p1", "get", "x", at=5, until=9) for client in ("c2", "c1")]
    with reader.opens(draw(story.scene("test", told)).page()) as watched:
        for number, said in enumerate(("① c1: get x", "② c2: get x")):
            watched.page.locator(".run-evidence button").nth(number).click()
            watched.settle()
            assert said in watched.detail


def test_a_tap_shows_details(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page(), 390, has_touch=True) as watched:
        watched.page.locator(".run-live .operation.evidence").first.tap()
        assert "① c1: get x → b @2" in watched.detail


def test_filters_leave_what_they_name(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        page = watched.page
        page.get_by_role("button", name="Show all").click()
        watched.settle()
        assert (watched.shapes("operation"), watched.shapes("message")) == (7, 16)
        page.get_by_role("combobox", name="key").select_option("y")
        watched.settle()
        assert (watched.shapes("operation"), watched.shapes("message")) == (2, 3)
        page.get_by_role("combobox", name="key").select_option("")
        page.get_by_role("combobox", name="client, node").select_option("c2")
        watched.settle()
        assert watched.shapes("operation") == 2
        page.get_by_role("combobox", name="client, node").select_option("")
        page.get_by_role("combobox", name="operation").select_option("get")
        page.get_by_role("combobox", name="message").select_option("put_ok")
        watched.settle()
        assert (watched.shapes("operation"), watched.shapes("message")) == (3, 3)


# ---- everywhere ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stale_read", "lock_held_by_two", "duplicate_append"])
@pytest.mark.parametrize("script", [True, False])
def test_a_phone_shows_it_without_scrolling_sideways(
    reader: Reader, name: str, script: bool
) -> None:
    html = draw(getattr(scenes, name)()).page()
    with reader.opens(html, 390, java_script_enabled=script) as watched:
        width = watched.page.locator("html").bounding_box()
        assert width is not None
        assert width["width"] == 390
        if script:
            assert watched.page.evaluate("document.documentElement.scrollWidth") == 390


# The contrast of every text with what is behind it (WCAG 2.2, section 1.4.3).
CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const clear = (colour) => colour === "none" || (rgb(colour)[3] ?? 1) === 0;
  const behind = (each) => {
    if (each.tagName === "text") {
      const bar = each.parentNode.matches("g.operation, g.band") && each.parentNode.querySelector("path");
      if (bar && !clear(getComputedStyle(bar).fill)) return getComputedStyle(bar).fill;
    }
    for (let at = each; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!clear(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const own = (each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.querySelectorAll(".run-page *")]
    .filter((each) => own(each) && each.getClientRects().length)
    .filter((each) => !each.matches("script, style, title, option"))
    .map((each) => {
      const style = getComputedStyle(each);
      const colour = each.tagName === "text" ? style.fill : style.color;
      const [a, b] = [light(rgb(colour)), light(rgb(behind(each)))].sort((x, y) => y - x);
      return [each.textContent.slice(0, 40), (a + 0.05) / (b + 0.05)];
    });
}"""


def contrasts(watched: Watched) -> list[tuple[str, float]]:
    watched.page.locator(".run-legend summary").click()
    found: list[Any] = watched.page.evaluate(CONTRAST)
    return [(text, ratio) for text, ratio in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["stale_read", "lock_held_by_two"])
def test_text_has_contrast(reader: Reader, scheme: str, name: str) -> None:
    with reader.opens(draw(getattr(scenes, name)()).page(), color_scheme=scheme) as watched:
        found = contrasts(watched)
    assert len(found) > 40
    assert [(text, ratio) for text, ratio in found if ratio < 4.5] == []


PAPER = "getComputedStyle(document.querySelector('.run-picture')).backgroundColor"


def test_a_theme_around_it_overrules_the_system(reader: Reader) -> None:
    html = draw(scenes.stale_read()).page()
    papers = {}
    for theme in ("", "light", "dark"):
        for scheme in ("light", "dark"):
            themed = html.replace("<html", f'<html data-theme="{theme}"' if theme else "<html", 1)
            with reader.opens(themed, color_scheme=scheme) as watched:
                papers[theme, scheme] = watched.page.evaluate(PAPER)
    assert papers["", "light"] != papers["", "dark"]
    assert papers["light", "light"] == papers["light", "dark"] == papers["", "light"]
    assert papers["dark", "light"] == papers["dark", "dark"] == papers["", "dark"]


def test_pictures_on_one_page_leave_each_other_alone(reader: Reader) -> None:
    pictures = [
        draw(scene()).html()
        for scene in (scenes.stale_read, scenes.duplicate_append, scenes.stale_read)
    ]
    with reader.opens(f"<!doctype html><meta charset=utf-8>{''.join(pictures)}") as watched:
        page = watched.page
        assert page.locator("figure[data-live]").count() == 3
        drawings = page.locator(".run-live > svg")
        before = [drawings.nth(n).inner_html() for n in range(3)]
        drawings.nth(0).focus()
        watched.press("+")
        page.locator("figure").nth(0).get_by_role("button", name="Step forward").click()
        watched.settle()
        after = [drawings.nth(n).inner_html() for n in range(3)]
        assert after[0] != before[0]
        assert after[1:] == before[1:]


def test_a_notebook_shows_it_in_a_frame_of_its_own(reader: Reader) -> None:
    cells = draw(scenes.stale_read())._repr_html_() + draw(scenes.duplicate_append())._repr_html_()
    with reader.opens(
        f"<!doctype html><meta charset=utf-8><style>path {{ display: none; }}</style>{cells}"
    ) as watched:
        watched.trouble[:] = [said for said in watched.trouble if said != "about:srcdoc"]
        watched.page.locator("iframe").nth(1).scroll_into_view_if_needed()
        for number, title in enumerate(("test_reads_are_never_stale", "test_appends_happen_once")):
            frame = watched.page.frame_locator("iframe").nth(number)
            assert title in frame.locator(".run-title").inner_text()
            assert frame.locator(".run-live .evidence path").first.is_visible()
        assert watched.page.locator("figure").count() == 0
        watched.trouble[:] = [said for said in watched.trouble if said != "about:srcdoc"]


def test_without_script_the_static_drawing_stands(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page(), java_script_enabled=False) as watched:
        assert watched.page.locator(".run-static > svg .evidence").first.is_visible()
        assert watched.page.locator(".run-live").is_hidden()


def test_print_shows_the_static_drawing(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        watched.page.emulate_media(media="print")
        assert watched.page.locator(".run-static > svg .evidence").first.is_visible()
        assert watched.page.locator(".run-live").is_hidden()


def test_nothing_moves_by_itself(reader: Reader) -> None:
    with reader.opens(draw(scenes.stale_read()).page()) as watched:
        watched.page.get_by_role("button", name="Zoom in").click()
        assert watched.page.evaluate("document.getAnimations().length") == 0


def test_ten_thousand_messages_are_drawn_in_part(reader: Reader) -> None:
    with reader.opens(draw(scenes.many(10_000)).page()) as watched:
        assert watched.shapes("evidence") == 2
        watched.page.get_by_role("button", name="Show all").click()
        watched.settle()
        assert watched.shapes() < 700
        assert watched.shapes("evidence") == 2
        assert "not drawn at this scale" in watched.page.locator(".run-live").inner_text()
