"""A browser for the tests of pictures; without one they are skipped, unless REQUIRE_BROWSER is set."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Where an attack that ran leaves a trace.
TRAP = "window.ran = []; window.hacked = (what) => window.ran.push(String(what));"


@dataclass
class Watched:
    """A page of the browser, and whatever it should not have done."""

    page: Page
    trouble: list[str] = field(default_factory=list)

    def shapes(self, *looks: str) -> int:
        """How many shapes of a look the live drawing shows."""
        selector = "".join(f".{look}" for look in looks)
        return self.page.locator(f".run-live > svg .shape{selector}").count()

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.page.evaluate(
            "new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.settle()

    @property
    def ticks(self) -> list[str]:
        return self.page.locator(".run-live > svg > .time").all_text_contents()

    @property
    def detail(self) -> str:
        return self.page.locator(".run-live .run-detail").inner_text()


@dataclass
class Reader:
    """Opens pages in a browser, and fails the test if one of them errs or asks the network."""

    browser: Browser
    folder: Path

    @contextmanager
    def opens(self, html: str, width: int = 1100, **options: Any) -> Iterator[Watched]:
        file = self.folder / "page.html"
        file.write_text(html, encoding="utf-8")
        context = self.browser.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(10_000)
        try:
            watched = Watched(context.new_page())
            page, trouble = watched.page, watched.trouble
            page.add_init_script(TRAP)
            page.on("console", lambda said: trouble.append(f"console: {said.text}"))
            page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
            page.on("dialog", lambda dialog: trouble.append(f"dialog: {dialog.message}"))
            page.on("request", lambda request: trouble.append(request.url))
            page.goto(file.as_uri())
            if options.get("java_script_enabled", True):
                watched.settle()
            yield watched
            assert [said for said in trouble if said != file.as_uri()] == []
        finally:
            context.close()


@pytest.fixture(scope="module")  # it keeps an event loop running, and other tests need theirs
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None or find_spec("playwright") is None:
        said = f"this test needs Python's playwright and one of {', '.join(NAMES)}"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(said)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def reader(browser: Browser, tmp_path: Path) -> Reader:
    return Reader(browser, tmp_path)
