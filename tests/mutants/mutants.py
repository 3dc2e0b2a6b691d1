"""Mutants: wrong solutions, each a small edit of the right one, and the tests that must catch them.

A mutant of a lab is a file `tests/mutants/LAB/NAME.toml`:

    title = "What this student got wrong, in a sentence."
    caught_by = ["test_a_promise_that_it_breaks"]

    [[edits]]
    file = "LAB/worker.py"
    old = "text that stands exactly once in the solution"
    new = "what stands there instead"

To look at one, or to run other tests on it, write it to a folder:

    python -m tests.mutants.mutants mapreduce/no_reassignment FOLDER
    pytest FOLDER/mapreduce
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import msgspec

from autograder.catalog import LABS, REPOSITORY

HERE = Path(__file__).parent
SOLUTIONS = REPOSITORY / "solutions"


class MutantError(Exception):
    """A mutant cannot be read or applied; one sentence that names it and says why."""


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In `file`, relative to the root: `new` in the place of `old`, which occurs there once."""

    file: str
    old: str
    new: str


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mutant's file holds."""

    title: str
    caught_by: list[str]
    edits: list[Edit]


class Mutant(msgspec.Struct, frozen=True):
    """A wrong solution of a lab."""

    lab: str
    name: str
    recipe: Recipe

    def __str__(self) -> str:
        return f"{self.lab}/{self.name}"


def read(path: Path) -> Mutant:
    """The mutant of a file; raises `MutantError` if it is none."""
    name = f"{path.parent.name}/{path.stem}"
    try:
        recipe = msgspec.toml.decode(path.read_bytes(), type=Recipe)
    except msgspec.DecodeError as error:
        raise MutantError(f"mutant {name}: {error}") from None
    mutant = Mutant(path.parent.name, path.stem, recipe)
    if not (recipe.title and recipe.caught_by and recipe.edits):
        raise MutantError(f"mutant {name} needs a title, a test in caught_by, and an edit")
    return mutant


def mutants_of(lab: str, folder: Path = HERE) -> list[Mutant]:
    """The mutants of a lab, by name."""
    return [read(path) for path in sorted((folder / lab).glob("*.toml"))]


def all_mutants() -> list[Mutant]:
    """The mutants of all labs."""
    return [mutant for lab in LABS for mutant in mutants_of(lab)]


def apply(mutant: Mutant, solutions: Path, target: Path) -> Path:
    """Make `target` a root with the mutant in it; raises `MutantError` if an edit does not fit."""
    shutil.copytree(solutions, target, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in mutant.recipe.edits:
        make(edit, mutant, target)
    for file in {edit.file for edit in mutant.recipe.edits}:
        check_syntax(file, mutant, target)
    return target


def make(edit: Edit, mutant: Mutant, root: Path) -> None:
    """Change one place of one file that is a student's own."""
    if edit.file not in LABS[mutant.lab].files:
        raise MutantError(f"mutant {mutant} edits {edit.file}, which is no file of a student's")
    path = root / edit.file
    text = path.read_text(encoding="utf-8")
    if (count := text.count(edit.old)) != 1 or not edit.old:
        shown = edit.old.strip().partition("\n")[0]
        raise MutantError(
            f"mutant {mutant} does not apply: in {edit.file}, the text to replace must occur once, "
            f"and occurs {count} times: {shown!r}. Has the solution changed?"
        )
    path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")


def check_syntax(file: str, mutant: Mutant, root: Path) -> None:
    """Raise `MutantError` for a file that the edits have made no Python."""
    try:
        compile((root / file).read_text(encoding="utf-8"), file, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise MutantError(f"mutant {mutant} leaves no Python in {file}: {error}") from None


def main(arguments: list[str]) -> None:
    """Write a mutant, named as in the docstring above, to a folder that is not there yet."""
    if len(arguments) != 2:
        raise SystemExit("usage: python -m tests.mutants.mutants LAB/NAME FOLDER")
    name, folder = arguments
    try:
        found = next(mutant for mutant in all_mutants() if str(mutant) == name)
        apply(found, SOLUTIONS, Path(folder))
    except StopIteration:
        raise SystemExit(f"there is no mutant {name}") from None
    except (MutantError, FileExistsError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main(sys.argv[1:])
