"""The tree of stubs: `labs/` made what `solutions/` and the notebooks' texts give, or compared with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.stubs.markers import MarkerError, StubsError
from autograder.stubs.source import stub_source

WRITTEN_BY_HAND = frozenset({"node"})  # the folders of labs/ that no solution gives


@dataclass(frozen=True)
class Change:
    """A file of `labs/` that is not what `solutions/` gives; None stands for no file."""

    path: Path
    found: bytes | None = field(repr=False)
    derived: bytes | None = field(repr=False)

    def __str__(self) -> str:
        if self.found is None:
            return f"{self.path} is missing."
        if self.derived is None:
            return f"{self.path} is stale: no solution gives it."
        return f"{self.path} is not what its solution gives."

    def apply(self) -> None:
        if self.derived is None:
            self.path.unlink()
        else:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(self.derived)


def build(solutions: Path, labs: Path) -> list[Change]:
    """Make the lab folders of `labs` what `solutions` gives, and return what had to change.

    A lab that has a text in `book/`, beside `solutions`, gets its notebook, too. Files of a lab folder
    that nothing gives are removed. The node library, the files directly in `labs`, and folders that are
    no lab of `solutions` stay as they are. A StubsError leaves all as it was.
    """
    changes = _changes(solutions, labs)
    for change in changes:
        change.apply()
    return changes


def check(solutions: Path, labs: Path) -> list[str]:
    """What keeps `labs` from being what `solutions` gives, a sentence each; raises StubsError.

    Beside what `build` would change, that is every folder that no solution gives.
    """
    known = WRITTEN_BY_HAND | {lab.name for lab in _labs(solutions)}
    strange = [lab for lab in _folders(labs) if lab.name not in known]
    return [
        *map(str, _changes(solutions, labs)),
        *(f"{lab} has no counterpart in {solutions}; remove it by hand." for lab in strange),
    ]


def _changes(solutions: Path, labs: Path) -> list[Change]:
    derived: dict[Path, bytes] = {}
    found: dict[Path, bytes] = {}
    for lab in _labs(solutions):
        derived |= {labs / file.relative_to(solutions): _stub(file) for file in _files(lab)}
        found |= {file: file.read_bytes() for file in _files(labs / lab.name)}
    derived |= _notebooks(solutions.parent / "book", labs, derived)
    return [
        Change(file, found.get(file), derived.get(file))
        for file in sorted(derived.keys() | found.keys())
        if found.get(file) != derived.get(file)
    ]


def _notebooks(book: Path, labs: Path, derived: Mapping[Path, bytes]) -> dict[Path, bytes]:
    """The notebooks of the labs that have a text in `book`."""
    if not book.is_dir():
        return {}
    from autograder.notebook.build import notebooks  # a second of imports

    stubs = {file.relative_to(labs).as_posix(): content for file, content in derived.items()}
    return {labs / name: content for name, content in notebooks(book, stubs).items()}


def _stub(file: Path) -> bytes:
    content = file.read_bytes()
    if file.suffix != ".py":
        return content
    try:
        return stub_source(content.decode(), str(file)).encode()
    except UnicodeDecodeError:
        raise MarkerError(str(file), 1, "this file is not UTF-8.") from None


def _labs(solutions: Path) -> list[Path]:
    """The lab folders; refuses a tree without any, which is a wrong path."""
    labs = _folders(solutions)
    if not labs:
        raise StubsError(f"{solutions} holds no lab.")
    for lab in labs:
        if lab.name in WRITTEN_BY_HAND:
            raise StubsError(f"{lab} cannot be a lab: labs/{lab.name} is written by hand.")
    return labs


def _folders(root: Path) -> list[Path]:
    """The folders in `root` that hold files."""
    return sorted(path for path in root.glob("*") if path.is_dir() and any(_files(path)))


def _files(folder: Path) -> list[Path]:
    """The files at any depth, caches and hidden ones aside."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and all(map(_is_kept, [folder.name, *path.relative_to(folder).parts]))
    )


def _is_kept(name: str) -> bool:
    return not name.startswith(".") and name != "__pycache__"
