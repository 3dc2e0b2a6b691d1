"""What leaves this project: the folder that students get, and the files that a grader elsewhere needs.

Solutions, mutants, tests of the judge and history stay here, and so does whatever is not known to belong.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.catalog import GIVEN, LABS, REPOSITORY, Lab
from autograder.course.handed_in import below
from autograder.course.terms import Refused
from autograder.stubs import StubsError, check

JUDGE = ("autograder", "labs")  # the folders without which nothing is judged
BESIDE = ("LICENSE", "pyproject.toml", "requirements.txt")
SUFFIXES = frozenset(
    {".css", ".ipynb", ".js", ".json", ".md", ".proto", ".py", ".pyi", ".svg", ".toml"}
)
README = Path(__file__).with_name("handout.md")


def judging_files() -> list[Path]:
    """The files that judge and those that are given, relative to the project, in order."""
    check_stubs()
    found = [path for folder in JUDGE for path in sources(REPOSITORY / folder)]
    found += [REPOSITORY / name for name in BESIDE]
    return sorted(path.relative_to(REPOSITORY) for path in found)


def sources(folder: Path) -> Iterator[Path]:
    """The project's own files in a folder: of known kinds, none of them hidden, none a link."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        if path.suffix in SUFFIXES and not hidden and path.is_file() and not path.is_symlink():
            yield path


def check_stubs() -> None:
    """Raise `Refused` if `labs/` is not what is released: somebody may have solved a lab there."""
    solutions = REPOSITORY / "solutions"
    if not solutions.is_dir():  # in what was exported itself
        return
    try:
        said = check(solutions, GIVEN)
    except StubsError as error:
        said = [str(error)]
    if said:
        raise Refused(
            f"labs/ is not what students get: {said[0]} (`autograder stubs` makes it so)."
        )


def hand_out(folder: Path, labs: Sequence[Lab]) -> int:
    """Write what students may have of these labs into an empty or new folder; the number of files.

    Raises `Refused` for a folder that is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not empty: name a new folder.")
    files = [path for path in judging_files() if is_handed_out(path, labs)]
    files += [Path("book", f"{lab.name}.md") for lab in labs]
    present = [path for path in files if (REPOSITORY / path).is_file()]
    for path in present:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / path, target)
    (folder / "README.md").write_text(readme(labs), encoding="utf-8")
    return len(present) + 1


def is_handed_out(path: Path, labs: Sequence[Lab]) -> bool:
    """Whether students of these labs get a file. Of the labs below them they get what is given."""
    top, *rest = path.parts
    if top != "labs" or len(rest) < 2 or rest[0] not in LABS:
        return True
    lab = LABS[rest[0]]
    if lab in labs:
        return True
    given = path.suffix == ".py" and "/".join(rest) not in lab.files
    return given and lab.name in {name for each in labs for name in below(each)}


def readme(labs: Sequence[Lab]) -> str:
    """What students read first."""
    rows = "\n".join(
        f"| [`{lab.name}`](labs/{lab.name}/README.md) | {lab.title} | {', '.join(lab.files)} |"
        for lab in labs
    )
    return README.read_text(encoding="utf-8").replace("@LABS@", rows).replace("@LAB@", labs[0].name)
