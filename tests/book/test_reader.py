"""A reader in a real browser without a network: from the start page on, by the next button, to the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.book.site import chapters

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

PLAYING = Path(__file__).with_name("playing.js").read_text(encoding="utf-8")
WIDEST = Path(__file__).with_name("widest.js").read_text(encoding="utf-8")
SERIOUS = ("serious", "critical")
FIGURES = (".run-picture", ".book-figure")
LOOKED_INTO = "networks"  # where axe looks at each word of code and figures, too, which takes long
WIDE, PHONE = 1280, 390
BAD = ("error", "warning", "assert")  # kinds of what stands in the console
NEXT = ".prev-next-footer a.right-next"
# Until folds that open and colours that change have done so: axe sees a page as it is at one moment.
STILL = "Promise.allSettled(document.getAnimations().map((each) => each.finished))"


@dataclass
class Reading:
    """A browser that is open at the book, and what should not have happened."""

    page: Page
    address: str
    trouble: list[str] = field(default_factory=list)

    def open(self, name: str) -> None:
        self.page.goto(f"{self.address}{name}")

    @property
    def here(self) -> str:
        """The name of the page."""
        return self.page.url.removeprefix(self.address).partition(".html")[0]

    def faults(self) -> list[str]:
        """What keeps some people from reading the page, as axe finds it."""
        from axe_playwright_python.base import AXE_SCRIPT

        left_out = [".run-svg"] if self.here == LOOKED_INTO else [".highlight", *FIGURES]
        self.page.evaluate(f"() => {STILL}.then(() => null)")
        self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate(
            "exclude => axe.run({ exclude }, { resultTypes: ['violations'], preload: false })",
            left_out,
        )
        return [
            f"{self.here}: {each['id']}: {node['html'][:200]}: {node['failureSummary'][:300]}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"][:3]
        ]


@contextmanager
def reading(browser: Browser, address: str, width: int, **options: Any) -> Iterator[Reading]:
    """A browser that reaches nothing but the site; fails if a page errs or asks for anything else."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(30_000)
    with context:
        reader = Reading(context.new_page(), address)
        page, trouble = reader.page, reader.trouble

        def answer(route: Route) -> None:
            if route.request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                trouble.append(f"asked for {route.request.url}")
                route.abort()

        context.route("**/*", answer)
        page.on("console", lambda said: trouble.append(said.text) if said.type in BAD else None)
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("response", lambda said: trouble.append(said.url) if said.status >= 400 else None)
        yield reader
        assert trouble == []


def through_the_book(reader: Reading) -> Iterator[str]:
    """Go through the chapters by the next button."""
    reader.open("index.html")
    reader.page.wait_for_url("**/intro.html")
    while True:
        yield reader.here
        following = reader.page.locator(NEXT)
        if not following.count():
            return
        with reader.page.expect_navigation():
            following.click()


def test_every_chapter_is_read_and_played(browser: Browser, address: str) -> None:
    with reading(browser, address, WIDE, color_scheme="light") as reader:
        read, faults, played = [], [], 0
        for name in through_the_book(reader):
            read.append(name)
            said = reader.page.evaluate(PLAYING)
            played += said["played"]
            faults += [f"{name}: {each}" for each in said["wrong"]] + reader.faults()
    assert read == chapters()
    assert faults == []
    assert played > len(read)


def test_every_chapter_is_read_on_a_phone_in_the_dark(browser: Browser, address: str) -> None:
    dark = {"color_scheme": "dark", "has_touch": True, "is_mobile": True}
    with reading(browser, address, PHONE, **dark) as reader:
        faults, wide = [], []
        for name in through_the_book(reader):
            assert reader.page.locator("html").get_attribute("data-theme") == "dark"
            found = reader.page.evaluate(WIDEST)
            wide += [f"{name}: {found}"] if found else []
            faults += reader.faults()
    assert wide == []
    assert faults == []


def test_the_dark_is_switched_on_and_stays(browser: Browser, address: str) -> None:
    with reading(browser, address, WIDE, color_scheme="light") as reader:
        reader.open("networks.html")
        page, html = reader.page, reader.page.locator("html")
        assert html.get_attribute("data-theme") == "light"
        page.locator(".theme-switch-button:visible").first.click()
        assert html.get_attribute("data-theme") == "dark"
        ground = "getComputedStyle(document.querySelector('.run-picture')).backgroundColor"
        assert page.evaluate(ground) == "rgb(20, 24, 29)"
        page.locator(NEXT).click()
        assert html.get_attribute("data-theme") == "dark"


def test_a_word_is_found(browser: Browser, address: str) -> None:
    with reading(browser, address, WIDE) as reader:
        reader.open("intro.html")
        page = reader.page
        page.keyboard.press("Control+k")
        page.keyboard.type("linearizability")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=linearizability")
        with page.expect_navigation():
            page.locator("#search-results li a[href^='linearizability.html']").first.click()
        assert "lineariz" in str(page.text_content("article")).lower()


def test_the_keyboard_leads_to_the_text_and_on(browser: Browser, address: str) -> None:
    with reading(browser, address, WIDE) as reader:
        reader.open("networks.html")
        page = reader.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("Boolean(document.activeElement.closest('main'))")
        steps = page.locator(".run-picture input[type=range]").first
        steps.focus()
        page.keyboard.press("End")
        assert steps.input_value() == steps.get_attribute("max")
        page.locator(NEXT).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/order.html")


def test_on_a_phone_the_chapters_are_a_touch_away(browser: Browser, address: str) -> None:
    with reading(browser, address, PHONE, has_touch=True, is_mobile=True) as reader:
        reader.open("intro.html")
        page = reader.page
        entry = page.locator("#pst-primary-sidebar-modal a", has_text="Why networks lie")
        assert not entry.is_visible()
        page.locator("button.primary-toggle:visible").first.tap()
        entry.wait_for()
        entry.tap()
        page.wait_for_url("**/networks.html")


def test_without_scripts_every_picture_is_there(browser: Browser, address: str) -> None:
    with reading(browser, address, WIDE, java_script_enabled=False) as reader:
        reader.open("networks.html")
        pictures = reader.page.locator(".run-picture")
        assert pictures.count() == reader.page.locator(".run-static > svg:visible").count() > 0
