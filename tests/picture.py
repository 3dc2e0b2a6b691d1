"""Draws docs/report.svg, the picture in the README: a real report on a wrong solution.

.venv/bin/python -m tests.picture
"""

from __future__ import annotations

import io
import re
import shutil

from rich.console import Console

from autograder.catalog import LABS, REPOSITORY
from autograder.commands.options import default_jobs
from autograder.grading.grade import Order, grade
from autograder.report import terminal
from tests.mutants.mutants import HERE, apply, read

MUTANT = "reassignment_after_five_seconds"
ROOT = REPOSITORY / "submissions" / "one"
PICTURE = REPOSITORY / "docs" / "report.svg"
WEB_FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def main() -> None:
    """Grade a mutant, and save what the terminal shows."""
    shutil.rmtree(ROOT, ignore_errors=True)
    try:
        apply(read(HERE / "mapreduce" / f"{MUTANT}.toml"), REPOSITORY / "solutions", ROOT)
        found = grade(Order(ROOT, [LABS["mapreduce"]], jobs=default_jobs()))
    finally:
        shutil.rmtree(ROOT, ignore_errors=True)
    console = Console(record=True, width=112, file=io.StringIO(), color_system="truecolor")
    terminal.show(found, console)
    drawn = console.export_svg(title=f"autograder grade {found.root}", unique_id="report")
    PICTURE.write_text(WEB_FONT.sub("", drawn))


if __name__ == "__main__":
    main()
