"""Decides what of a hand-in is taken, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.catalog import LABS, Lab
from autograder.handin.folder import Folder
from autograder.handin.sources import Source, Sources, best, changed, find
from autograder.handin.texts import released

FINDINGS = 40


@dataclass(frozen=True)
class HandIn:
    """What a student handed in for a lab.

    `files` maps names such as `kv/server.py` to their text, with LF at the ends of lines and no byte order
    mark: the lab's own files, Python files that were added beside them, and files of other labs that
    lay in folders of their names. A file of the lab that was not handed in is the released stub, so that
    the rest is graded; if none was, there are no files. `findings` says in sentences what was odd,
    and what was done about it.
    """

    files: dict[str, bytes]
    findings: list[str]


def collect(folder: Path, lab: Lab) -> HandIn:
    """A student's files for a lab, from `.py` files, notebooks or both; never raises for what is there."""
    wanted = [file.split("/")[1] for file in lab.files]
    inside = Folder(folder, [*wanted, f"{lab.name}.ipynb", "labs", *LABS])
    found = find(inside, lab)
    findings: list[str] = []  # what matters most comes first
    files: dict[str, bytes] = {}
    for file in dict.fromkeys([*lab.files, *found.files, *found.cells]):
        taken, said = decide(found, file)
        findings += said if file.startswith(f"{lab.name}/") else []
        if taken is not None:
            files[file] = taken.text
    findings += [*whence(found, lab), *inside.findings, *found.findings]
    return HandIn(completed(files, lab, findings), shortened(findings))


def write(hand_in: HandIn, root: Path) -> None:
    """Write the files below `root`, which must be empty."""
    if any(root.iterdir()):
        raise ValueError(f"{root} is not empty")
    for file, text in hand_in.files.items():
        path = root / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)


def decide(found: Sources, file: str) -> tuple[Source | None, list[str]]:
    """The text of a file to take, and what to say.

    Whichever is not the stub wins. If both are not, and differ, the file does: it is what the student's own
    checks ran.
    """
    stub = released(file)
    beside, cell = best(found.files, file, stub), best(found.cells, file, stub)
    taken, said = beside or cell, []
    if beside and cell and beside.text.rstrip() != cell.text.rstrip():
        if not changed(beside, stub):
            taken = cell
            said.append(f"{file}: only the cell was changed, and was taken; the file is the stub.")
        elif not changed(cell, stub):
            said.append(f"{file}: only the file was changed, and was taken; the cell is the stub.")
        else:
            said.append(
                f"{file}: the file {beside.place} and the cell in {cell.place} were both changed and "
                "differ: the file was taken, since it is what your own checks ran."
            )
    if taken is None:
        return None, said
    subject = f"A cell of {file} in {taken.place}" if taken is cell else file
    said += [f"{subject} {note}." for note in taken.notes]
    return taken, [*said, *others(found.files, file, beside), *others(found.cells, file, cell)]


def others(sources: dict[str, list[Source]], file: str, best: Source | None) -> Iterator[str]:
    """Say that there were other texts of the same kind."""
    differ = [each for each in sources.get(file, []) if best and each.text != best.text]
    if best and differ:
        places = ", ".join(dict.fromkeys(each.place for each in differ[:5]))
        yield f"{file} is there {len(differ) + 1} times: of {places}, others were not taken."


def whence(found: Sources, lab: Lab) -> Iterator[str]:
    """Say where the files came from, if from one kind of place alone."""
    files = any(file in found.files for file in lab.files)
    cells = any(file in found.cells for file in lab.files)
    if files and not cells:
        yield "Only .py files were handed in, and no notebook with cells for them: the files were taken."
    if cells and not files:
        yield "Only a notebook was handed in, and no .py files: its cells were taken."


def completed(files: dict[str, bytes], lab: Lab, findings: list[str]) -> dict[str, bytes]:
    """The files with stubs for those that are missing, if there are any of the lab."""
    if not any(file in files for file in lab.files):
        findings.insert(0, f"Nothing was handed in: expected is {', '.join(lab.files)}.")
        return {}
    for file in lab.files:
        if file not in files:
            findings.insert(0, f"{file} was not handed in: the stub stands in for it.")
            files[file] = released(file)
    return files


def shortened(findings: list[str]) -> list[str]:
    """At most so many findings, each once."""
    once = list(dict.fromkeys(findings))
    more = len(once) - FINDINGS
    return once if more <= 0 else [*once[:FINDINGS], f"There is more: {more:,} findings."]
