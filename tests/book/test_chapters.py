"""Chapters: their cells show the same each time, and their texts keep to what all chapters have."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import NotebookNode

from autograder.catalog import GIVEN, LABS, REPOSITORY
from book.sphinx import KERNEL
from tests.book.site import Site, chapters, environment

BOOK = REPOSITORY / "book"
LOOKED_UP = {"glossary", "guarantees", "references"}  # read in no order, so without questions
PARTS = 2  # for as many processes
LINE = 120  # characters
# nbval runs a notebook in the notebook's folder, and the cells of the book stand in the book's.
IN_THE_BOOK = f'c.IPKernelApp.exec_lines = ["import os; os.chdir({str(BOOK)!r}); del os"]\n'


def text_of(name: str) -> str:
    return (BOOK / f"{name}.md").read_text(encoding="utf-8")


# --- cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(PARTS))
def test_cells_show_again_what_the_site_shows(site: Site, tmp_path: Path, part: int) -> None:
    """nbval runs each notebook, and compares with the outputs in it."""
    notebooks = [(name, found) for name in chapters() if (found := site.notebook(name))]
    shown = [to_compare(found) for _, found in notebooks]
    assert any(cell.get("outputs") for notebook in shown for cell in notebook.cells)
    for name, notebook in notebooks[part::PARTS]:
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    profile = tmp_path / ".ipython" / "profile_default" / "ipython_kernel_config.py"
    profile.parent.mkdir(parents=True)
    profile.write_text(KERNEL + IN_THE_BOOK, encoding="utf-8")
    options = ["--nbval", "--nbval-cell-timeout=600", "-q", "--tb=short", "--color=no"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "nbval.plugin", "-p", "no:nbval", *options],
        cwd=tmp_path,
        env=environment(REPOSITORY) | {"IPYTHONDIR": str(tmp_path / ".ipython")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1_200,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout


def to_compare(notebook: NotebookNode) -> NotebookNode:
    """A chapter's notebook, in which nbval leaves out what the book leaves out, and nothing else."""
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "skip-execution" in tags:
            cell.metadata["tags"] = [*tags, "nbval-skip"]
        elif cell.cell_type == "code":
            assert cell.execution_count, "nbval would not compare a cell that was never run"
    return notebook


def test_no_picture_shows_a_fault_of_ours(site: Site) -> None:
    """A run whose verdict is UNKNOWN, or whose program is not there, would be drawn as any other."""
    for name, page in site.pages.items():
        words = [each.get_text() for each in page.select(".run-title, .run-finding")]
        assert [said for said in words if re.search("UNKNOWN|our fault|there is no", said)] == [], (
            name
        )


# --- texts ----------------------------------------------------------------------------------------


def test_every_text_is_a_chapter() -> None:
    assert sorted(chapters()) == sorted(path.stem for path in BOOK.glob("*.md"))


@pytest.mark.parametrize("name", chapters())
def test_lines_are_short_and_the_title_is_one(name: str) -> None:
    lines = text_of(name).splitlines()
    assert [line for line in lines if len(line) > LINE and "http" not in line] == []
    assert text_of(name).endswith("\n")


@pytest.mark.parametrize("name", sorted(set(chapters()) - LOOKED_UP))
def test_a_chapter_ends_with_three_questions(name: str) -> None:
    _, _, last = text_of(name).rpartition("\n## ")
    assert re.match(r"(Three )?[Qq]uestions\n", last)
    assert re.findall(r"^(\d)\. ", last, re.MULTILINE) == ["1", "2", "3"]


@pytest.mark.parametrize("lab", LABS)
def test_the_notebook_of_a_lab_can_be_downloaded_with_its_files(lab: str) -> None:
    files = [f"{lab}.ipynb", *(file.partition("/")[2] for file in LABS[lab].files)]
    missing = [file for file in files if f"<../labs/{lab}/{file}>`" not in text_of(lab)]
    assert missing == []


# --- solutions ------------------------------------------------------------------------------------


def test_no_solution_is_published(site: Site) -> None:
    """No page, notebook or download holds a telling line of a solution that is not given anyway."""
    published = "\n".join(text_in(file) for file in sorted(site.html.rglob("*")))
    found = {
        f"{file.parent.name}/{file.name}: {line}"
        for file in sorted((REPOSITORY / "solutions").rglob("*.py"))
        for line in kept_back(file)
        if line in published
    }
    assert len(found) == 0, found


def text_in(file: Path) -> str:
    """What a published file says; nothing of binary ones and of the theme's."""
    if (
        not file.is_file()
        or "_static" in file.parts
        or file.suffix not in (".html", ".md", ".py", ".ipynb")
    ):
        return ""
    said = file.read_text(encoding="utf-8")
    if file.suffix == ".html":
        return BeautifulSoup(said, "html.parser").get_text()
    if file.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(said)["cells"])
    return said


def kept_back(solution: Path) -> list[str]:
    """The long lines of a solution that nothing given has."""
    given = "".join(path.read_text(encoding="utf-8") for path in GIVEN.rglob("*.py"))
    lines = {line.strip() for line in solution.read_text(encoding="utf-8").splitlines()}
    return sorted(line for line in lines if len(line) > 60 and line not in given)
