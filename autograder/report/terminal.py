"""The report on a terminal: a table of verdicts, and below it what each failure broke."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.report.text import SEEN, SENTENCE, block, line
from autograder.report.words import counted
from autograder.sandbox import RUNGS
from autograder.verdict import Grade, LabVerdict, TestVerdict, Verdict

STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.UNKNOWN: "bold yellow"}


def show(grade: Grade, console: Console) -> None:
    """Print a grade."""
    for problem in grade.problems:
        console.print(Text.assemble(("problem", "bold red"), f"  {line(problem, SENTENCE)}"))
    for lab in grade.labs:
        show_lab(lab, grade.root, console)
    if said := confinement(grade.provenance.sandbox):
        console.print(said, style="bold yellow" if grade.provenance.sandbox == "none" else "dim")


def confinement(rung: str) -> str:
    """What kept the nodes from all else, in words; empty if there were none."""
    if rung == "none":
        return "NOT CONFINED: this code could read and write what the grader can"
    return f"confined by {RUNGS[rung].what}" if rung in RUNGS else ""


def show_lab(lab: LabVerdict, root: str, console: Console) -> None:
    """Print the table of one lab, and its failures; those that look alike together."""
    console.print(table(lab, root))
    for alike in grouped(lab.tests):
        show_failure(alike, console)
    console.print(summary(lab))


def grouped(tests: list[TestVerdict]) -> list[list[TestVerdict]]:
    """The tests that did not pass, put together where the finding is the same to the letter."""
    groups: dict[str, list[TestVerdict]] = {}
    for test in tests:
        if test.verdict is not Verdict.PASS:
            groups.setdefault(test.evidence.partition("\n")[0], []).append(test)
    return list(groups.values())


def table(lab: LabVerdict, root: str) -> Table:
    """The tests of a lab: points, verdict, and how long they took."""
    made = Table(
        title=Text(line(f"{lab.lab} of {root}", SENTENCE), "bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    made.add_column("test", overflow="fold")
    for heading in ("points", "verdict", "virtual s", "real s"):
        made.add_column(heading, justify="right" if heading != "verdict" else "left")
    for test in lab.tests:
        made.add_row(
            Text(line(test.name.removeprefix("test_").replace("_", " "), SENTENCE)),
            f"{test.points}/{test.max_points}",
            Text(test.verdict.value, STYLES[test.verdict]),
            f"{test.virtual_seconds:.1f}",
            f"{test.real_seconds:.2f}",
        )
    return made


def show_failure(alike: list[TestVerdict], console: Console) -> None:
    """Print what a test promises, what was seen instead, and how to repeat it."""
    test = alike[0]
    console.print(Text(f"\n{line(test.name, SENTENCE)}", style=STYLES[test.verdict]))
    grid = Table.grid(padding=(0, 2))
    for label, text in (("promised", test.promise), ("seen", test.evidence)):
        grid.add_row(Text(label, "dim"), Text(block(text, SEEN)))
    if len(alike) > 1:
        names = ", ".join(other.name for other in alike[1:])
        same = line(f"in {counted(len(alike) - 1, 'more test')}: {names}", SEEN)
        grid.add_row(Text("the same", "dim"), Text(same))
    console.print(Padding(grid, (0, 0, 0, 2)))
    if test.command:  # in one line, however long, so that it can be copied
        command = line(test.command, SEEN)
        console.print(Text.assemble(("  repeat    ", "dim"), command), soft_wrap=True)


def summary(lab: LabVerdict) -> Text:
    """The points, and the undecided ones apart."""
    style = "bold green" if lab.points == lab.max_points else "bold"
    line = Text(f"\n{lab.lab}: {lab.points} of {lab.max_points} points", style)
    undecided = sum(t.max_points for t in lab.tests if t.verdict is Verdict.UNKNOWN)
    if undecided:
        line.append(f", {undecided} undecided: our fault, please report it", "bold yellow")
    return line
