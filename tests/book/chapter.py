"""`python -m tests.book.chapter book/NAME.md`: a chapter as a notebook, run from top to bottom."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from autograder.catalog import REPOSITORY

SKIP = "skip-execution"
TIMEOUT = 120  # seconds for a cell


def notebook_of(chapter: Path) -> NotebookNode:
    """A chapter as a notebook without the cells that the book does not run."""
    notebook: NotebookNode = jupytext.reads(chapter.read_text(encoding="utf-8"), fmt="md:myst")
    notebook.cells = [cell for cell in notebook.cells if SKIP not in cell.metadata.get("tags", [])]
    return notebook


def executed(chapter: Path) -> NotebookNode:
    """A chapter with the outputs of its cells; raises `CellExecutionError`."""
    notebook = notebook_of(chapter)
    where = {"metadata": {"path": str(REPOSITORY / "book")}}
    NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3", resources=where).execute()
    return notebook


def said(output: NotebookNode) -> str:
    """An output as text."""
    if output.output_type == "stream":
        return f"{output.name}: {output.text}"
    return str(output.get("data", {}).get("text/plain", output.get("evalue", "")))


def main() -> None:
    """Run a chapter, and print what its cells say."""
    began = time.monotonic()
    try:
        notebook = executed(Path(sys.argv[1]))
    except CellExecutionError as error:
        sys.exit(str(error))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            print("-" * 100, cell.source, *map(said, cell.outputs), sep="\n")
    print(f"{time.monotonic() - began:.1f} s")
    if len(sys.argv) > 2:
        nbformat.write(notebook, sys.argv[2])


if __name__ == "__main__":
    main()
