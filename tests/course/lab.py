"""JupyterLab as a student has it: a server of its own in a folder, and a page in a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PATIENCE = 120_000  # milliseconds: a kernel on a busy machine takes its time
SERVES = re.compile(r"http://127\.0\.0\.1:(\d+)/")
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--port=0",
    "--IdentityProvider.token=",
    "--ServerApp.password=",
    "--LabApp.news_url=",
)


@contextmanager
def jupyter_lab(folder: Path, home: Path) -> Iterator[int]:
    """Serve a folder; the port. Settings and kernels are kept in `home`, and nobody else's are used."""
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter", "lab", *OPTIONS, f"--ServerApp.root_dir={folder}"],
        env={**os.environ, **{place: str(home / place) for place in places}},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        said = next(filter(None, map(SERVES.search, server.stderr)), None)
        assert said is not None, "JupyterLab does not start"
        yield int(said[1])
    finally:
        server.terminate()
        server.communicate()


class OpenNotebook:
    """A notebook that stands open in JupyterLab."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def cell(self, text: str) -> Locator:
        """The code cell whose source holds a text."""
        source = self._page.locator(".cm-content", has_text=text)
        return self._page.locator(".jp-CodeCell").filter(has=source)

    def run(self, text: str) -> Locator:
        """Run a cell; where its output will be."""
        self.cell(text).locator(".cm-content").click()
        self._page.keyboard.press("Shift+Enter")
        return self.cell(text).locator(".jp-OutputArea")

    def fill(self, text: str, source: str) -> None:
        """Put other source into a cell, and run it."""
        self.cell(text).locator(".cm-content").click()
        self._page.keyboard.press("Control+a")
        self._page.keyboard.insert_text(source)
        self._page.keyboard.press("Shift+Enter")


@contextmanager
def opened(browser: Browser, port: int, path: str) -> Iterator[OpenNotebook]:
    """A notebook of the served folder, opened in a browser."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/lab/tree/{path}")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.get_by_text("| Idle").wait_for()  # of the kernel, in the line at the foot
        yield OpenNotebook(page)
    finally:
        context.close()
