"""The built book, and the browser in which it is read."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from autograder.catalog import REPOSITORY
from tests.book.site import Site, build, served
from tests.report.conftest import browser, reader

__all__ = ["browser", "reader"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site: built by one process, where several run tests side by side."""
    if find_spec("jupyter_book") is None:
        why = "this test needs jupyter-book"
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") else pytest.skip)(why)
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    said = shared / "book.txt"
    with (shared / "book.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            built = build(REPOSITORY, shared / "book")
            said.write_text(f"{built.failed}\n{built.said}", encoding="utf-8")
    failed, _, why = said.read_text("utf-8").partition("\n")
    assert failed == "False", why[-20_000:]
    return Site(shared / "book" / "_build")


@pytest.fixture(scope="session")
def address(site: Site) -> Iterator[str]:
    """Where the site is served."""
    with served(site.html) as where:
        yield where
