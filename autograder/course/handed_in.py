"""What a student handed in for a lab, with what other labs' files its tests may need."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.catalog import GIVEN, LABS, SUITES, Lab
from autograder.course.submissions import is_folder
from autograder.handin import HandIn, collect

IMPORTED = re.compile(r"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)


def handed_in(student: Path, lab: Lab) -> HandIn:
    """What is in a student's folder for a lab: in nbgrader's `<student>/<lab>/`, or anywhere else."""
    inner = student / lab.name
    found = collect_with_others(inner, lab) if is_folder(inner) else None
    return found if found is not None and found.files else collect_with_others(student, lab)


def collect_with_others(folder: Path, lab: Lab) -> HandIn:
    """The files for a lab in a folder.

    If it is nbgrader's `<student>/<lab>/`, then with the student's own files of the labs below that were
    handed in beside it: tests of the lock, say, run over the student's own store.
    """
    found = collect(folder, lab)
    if folder.name != lab.name or not found.files:
        return found
    files, findings = dict(found.files), list(found.findings)
    for name in sorted(below(lab)):
        beside = folder.parent / name
        if is_folder(beside) and not any(file in files for file in LABS[name].files):
            own = {
                file: text
                for file, text in collect(beside, LABS[name]).files.items()
                if file.startswith(f"{name}/")
            }
            if own:
                findings.append(f"Your own {name}/ was used where tests of this lab need it.")
            files |= own
    return HandIn(files, findings)


def below(lab: Lab) -> set[str]:
    """The labs whose files a lab's own, or the programs of its suite, import."""
    found: set[str] = set()
    waiting = {lab.name}
    while waiting:
        name = waiting.pop()
        found.add(name)
        paths = [*(GIVEN / name).rglob("*.py"), *(SUITES / name / "apps").glob("*.py")]
        texts = [path.read_text(encoding="utf-8") for path in paths]
        waiting |= {each for text in texts for each in IMPORTED.findall(text)} & LABS.keys() - found
    return found - {lab.name}
