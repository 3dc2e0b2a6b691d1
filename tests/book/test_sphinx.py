"""What the book adds to Sphinx, on little books."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from autograder.catalog import REPOSITORY
from book.sphinx import fingerprint
from tests.book.site import Built, build
from tests.helpers import write_root

CHAPTER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

# A chapter

Of two, $L(a) < \\frac{1}{2}$, and

$$
V(e)_i = \\max_j V(j)_i
$$
"""


def little_book(folder: Path, chapter: str, **settings: str) -> Built:
    """Build a book of one chapter with the settings of this one, and others."""
    config = (REPOSITORY / "_config.yml").read_text(encoding="utf-8")
    for old, new in {"execute_notebooks: cache": "execute_notebooks: off", **settings}.items():
        assert old in config
        config = config.replace(old, new)
    (folder / "book").mkdir(parents=True)
    for name in ("sphinx.py", "__init__.py", "static"):
        copy = shutil.copytree if (REPOSITORY / "book" / name).is_dir() else shutil.copy2
        copy(REPOSITORY / "book" / name, folder / "book" / name)
    toc = "format: jb-book\nroot: intro\n"
    write_root(folder, {"book/_toc.yml": toc})
    (folder / "_config.yml").write_text(config, encoding="utf-8")
    (folder / "book" / "intro.md").write_text(chapter, encoding="utf-8")
    return build(folder, folder)


@pytest.fixture(autouse=True)
def _book() -> None:
    pytest.importorskip("jupyter_book")


def test_a_fork_gets_buttons_and_formulas_need_no_script(tmp_path: Path) -> None:
    settings = {
        '  url: ""': '  url: "https://github.com/somebody/fork"',
        '  binderhub_url: ""': '  binderhub_url: "https://hub.example.org"',
        "use_repository_button: false": "use_repository_button: true",
    }
    built = little_book(tmp_path, CHAPTER, **settings)
    assert not built.failed, built.said
    page = BeautifulSoup((built.folder / "html" / "intro.html").read_text("utf-8"), "html.parser")
    links = [str(link.get("href")) for link in page.select(".article-header-buttons a")]
    hub = "https://hub.example.org/v2/gh/somebody/fork/main?urlpath=lab/tree/book/intro.md"
    assert hub in links
    assert "https://github.com/somebody/fork" in links
    assert [formula.get("display") for formula in page.find_all("math")] == ["inline", "block"]
    assert [script for script in page.find_all("script") if "mathjax" in str(script).lower()] == []
    assert "\\" not in "".join(formula.get_text() for formula in page.find_all("math"))


def test_warnings_are_errors(tmp_path: Path) -> None:
    built = little_book(tmp_path, CHAPTER + "\nSee [](nowhere.md), $\\nosuchcommand$.\n")
    assert built.failed
    assert "nowhere.md" in built.said
    assert "This formula is not drawn: \\nosuchcommand" in built.said


def test_what_cells_have_shown_goes_with_the_code_that_they_run(tmp_path: Path) -> None:
    write_root(tmp_path, {"book/programs/a.py": "1", "autograder/b.py": "2", "book/c.md": "3"})
    first = fingerprint(tmp_path)
    write_root(tmp_path, {"book/c.md": "4", "autograder/__pycache__/b.pyc": "5"})
    assert fingerprint(tmp_path) == first
    write_root(tmp_path, {"book/programs/a.py": "6"})
    assert fingerprint(tmp_path) != first
