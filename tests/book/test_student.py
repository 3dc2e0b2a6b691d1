"""A student: downloads a lab from its page, fills the stubs in, and gets the points."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.catalog import GIVEN, LABS, REPOSITORY
from tests.book.site import environment
from tests.book.test_reader import WIDE, Reading, reading
from tests.helpers import write_root

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LAB = LABS["kv"]
FILES = [file.partition("/")[2] for file in LAB.files]
NOTEBOOK = f"{LAB.name}.ipynb"
SOLUTIONS = {file: REPOSITORY / "solutions" / LAB.name / file for file in FILES}


def download(reader: Reading, name: str, folder: Path) -> Path:
    """Download a file of the lab from its page."""
    link = reader.page.locator(f"article a.download[href$='/{name}']").first
    with reader.page.expect_download() as download:
        link.evaluate("link => { link.closest('details')?.setAttribute('open', ''); }")
        link.click()
    assert download.value.suggested_filename == name
    file = folder / name
    download.value.save_as(file)
    return file


def fill_in(notebook: Path) -> None:
    """Write the solutions into the cells of the notebook that write the files."""
    read = json.loads(notebook.read_text("utf-8"))
    for file, solution in SOLUTIONS.items():
        magic = f"%%writefile {file}\n"
        (cell,) = [cell for cell in read["cells"] if cell["source"][:1] == [magic]]
        cell["source"] = [magic, solution.read_text("utf-8")]
    notebook.write_text(json.dumps(read), encoding="utf-8")


def grade(folder: Path) -> dict[str, Any]:
    """What the command line finds in the hand-ins below a folder, by student."""
    write_root(folder, {"course.toml": "seeds = 1"})
    options = ["submitted", "--lab", LAB.name, "--jobs", "2", "--course", "course.toml"]
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade-class", *options],
        cwd=folder,
        env=environment(REPOSITORY),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1, done.stdout + done.stderr  # the stubs have no points
    table = json.loads((folder / "results" / LAB.name / "class.json").read_text("utf-8"))
    return {each["student"]: each for each in table["students"]}


def test_what_is_downloaded_is_filled_in_and_gets_its_points(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    by_files, by_notebook, untouched = (
        tmp_path / "submitted" / name / LAB.name for name in ("files", "notebook", "untouched")
    )
    with reading(browser, address, WIDE, accept_downloads=True) as reader:
        reader.open(f"{LAB.name}.html")
        for name in FILES:
            stub = download(reader, name, by_files).read_bytes()
            assert stub == (GIVEN / LAB.name / name).read_bytes()
            (untouched / name).parent.mkdir(parents=True, exist_ok=True)
            (untouched / name).write_bytes(stub)
            (by_files / name).write_bytes(SOLUTIONS[name].read_bytes())
        fill_in(download(reader, NOTEBOOK, by_notebook))
    found = grade(tmp_path)
    assert {name: each["points"] for name, each in found.items()} == {
        "files": 100,
        "notebook": 100,
        "untouched": 0,
    }
