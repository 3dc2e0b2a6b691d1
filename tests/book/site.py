"""The book as a site: built once for all tests, and served on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
import yaml
from bs4 import BeautifulSoup
from jupyter_cache import get_cache
from nbformat import NotebookNode

from autograder.catalog import REPOSITORY
from book.sphinx import fingerprint

BUILD = "from jupyter_book.cli.main import main; main()"
TIMEOUT = 1_200  # seconds to build in


@dataclass(frozen=True)
class Built:
    """What came of building a book."""

    folder: Path  # with the site in `html`
    said: str
    failed: bool


def build(project: Path, folder: Path) -> Built:
    """Build the book of a project, as `make book` does."""
    options = ["--path-output", str(folder), "-W", "-n", "--keep-going", "-q"]
    done = subprocess.run(
        [sys.executable, "-c", BUILD, "build", str(project / "book"), *options],
        cwd=project,
        env=environment(project),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
    )
    return Built(folder / "_build", done.stdout, done.returncode != 0)


def environment(project: Path) -> dict[str, str]:
    """What a process for a book sees, as `book.sphinx` has it: nothing of this test."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "AUTOGRADER"))}
    return kept | {"PYTHONPATH": str(project), "BOOK_STATIC": "1"}


@dataclass(frozen=True)
class Site:
    """A built book."""

    folder: Path

    @property
    def html(self) -> Path:
        return self.folder / "html"

    @cached_property
    def pages(self) -> Mapping[str, BeautifulSoup]:
        """The pages of the chapters, in their order."""
        return {
            name: BeautifulSoup((self.html / f"{name}.html").read_text("utf-8"), "html.parser")
            for name in chapters()
        }

    def notebook(self, name: str) -> NotebookNode | None:
        """A chapter as a notebook, with the outputs that the site shows; None if it has no cells.

        They are those that were kept: the copy that Sphinx leaves has them only if its cells have just run.
        """
        plain = self.folder / "jupyter_execute" / f"{name}.ipynb"
        if not plain.exists():
            return None
        kept = REPOSITORY / "_build" / ".outputs" / fingerprint(REPOSITORY)
        notebook = nbformat.read(plain, as_version=4)
        shown: NotebookNode = get_cache(kept).merge_match_into_notebook(notebook)[1]
        return shown


def chapters() -> list[str]:
    """The names of the chapters, in the order of the book."""
    toc: dict[str, Any] = yaml.safe_load((REPOSITORY / "book" / "_toc.yml").read_text("utf-8"))
    return [toc["root"], *(each["file"] for part in toc["parts"] for each in part["chapters"])]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder is served meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
