"""The texts that a hand-in has of each file: as `.py` files, and in the cells of its notebooks."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from autograder.catalog import GIVEN, LABS, Lab, own_files
from autograder.handin.folder import Folder, Parts, Unread, names, shown
from autograder.handin.texts import normalised, released
from autograder.notebook import cells
from autograder.report.text import line
from autograder.submission import SIZE_LIMIT

NOTEBOOK_LIMIT = 32 << 20  # bytes of one notebook, its pictures included
NOTEBOOKS = 3  # that are read
CANDIDATES = 8  # files of one name that are read
BESIDE = 30  # files that a student added


@dataclass(frozen=True)
class Source:
    """One text of a file, and where it was found."""

    text: bytes
    path: Parts
    notes: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it was found, as a finding says it."""
        return shown(self.path)


@dataclass
class Sources:
    """All that was found: by file, the best first; `findings` are sentences for the student."""

    files: dict[str, list[Source]] = field(default_factory=dict)
    cells: dict[str, list[Source]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def find(folder: Folder, lab: Lab) -> Sources:
    """All texts in a folder for a lab's files, for files beside them, and for those of other labs."""
    found = Sources()
    python = [path for path in folder.files if path[-1].lower().endswith(".py")]
    notebooks = [path for path in folder.files if is_notebook_for(path, lab)]
    notebooks.sort(key=lambda path: (path[-1] != f"{lab.name}.ipynb", len(path), path))
    for other in LABS.values():
        for file in other.files:
            for path in candidates(python, file, anywhere=other is lab):
                read_file(folder, path, file, found)
    taken = [best(found.files, file, released(file)) for file in lab.files]
    homes = {each.path[:-1] for each in taken if each} or {path[:-1] for path in notebooks[:1]}
    read_beside(folder, lab, [path for path in python if path[:-1] in homes], found)
    for number, path in enumerate(notebooks[:NOTEBOOKS]):
        read_notebook(folder, lab, path, found, is_main=number == 0)
    if notebooks[NOTEBOOKS:]:
        found.findings.append(f"Too many notebooks; not read: {names(notebooks[NOTEBOOKS:])}.")
    return found


# --- files ----------------------------------------------------------------------------------------


def candidates(python: list[Parts], file: str, anywhere: bool) -> list[Parts]:
    """The paths that may be a lab's file, the best first.

    Those in `labs/kv/` alone, if there are any; or else those in a folder `kv/`; or else, with
    `anywhere`, all in folders that are of no other lab.
    """
    lab, base = file.split("/")
    named = [path for path in python if path[-1].lower() == base]
    named.sort(key=lambda path: (path[-1] != base, len(path), path))
    ways: list[Callable[[Parts], bool]] = [
        lambda path: path[-3:-1] == ("labs", lab),
        lambda path: path[-2:-1] == (lab,),
        lambda path: anywhere and not LABS.keys() & set(path[-2:-1]),
    ]
    for way in ways:
        if fitting := [path for path in named if way(path)]:
            return fitting[:CANDIDATES]
    return []


def read_file(folder: Folder, path: Parts, file: str, found: Sources) -> None:
    """Read one candidate for a file."""
    try:
        data = folder.read(path, SIZE_LIMIT)
    except Unread as problem:
        found.findings.append(f"{shown(path)} {problem}, and was not taken.")
        return
    text, notes = normalised(data)
    lab, base = file.split("/")
    if file in own_files() and path not in ((lab, base), (base,)):
        notes = (*notes, f"was found as {shown(path)}")
    found.files.setdefault(file, []).append(Source(text, path, notes))


def read_beside(folder: Folder, lab: Lab, near: list[Parts], found: Sources) -> None:
    """Read the files that a student added beside the lab's own, which they may import."""
    added: list[Parts] = []
    unused: list[Parts] = []
    for path in near:
        file = f"{lab.name}/{path[-1]}"
        if (GIVEN / file).is_file():
            if file not in lab.files:
                note_given(folder, path, file, found)
        elif file.lower() in lab.files:
            continue  # a candidate for one of them
        elif cells.PYTHON_FILE.fullmatch(path[-1]) and len(added) < BESIDE:
            added.append(path)
            read_file(folder, path, file, found)
        else:
            unused.append(path)
    if unused:
        found.findings.append(f"Not among the lab's files, and not taken: {names(unused)}.")


def note_given(folder: Folder, path: Parts, file: str, found: Sources) -> None:
    """Say that a copy of a given file plays no part, if it was changed."""
    try:
        same = normalised(folder.read(path, SIZE_LIMIT))[0] == released(file)
    except Unread:
        same = False
    if not same:
        found.findings.append(f"{shown(path)} is given: the lab's own was used, and not yours.")


# --- notebooks ------------------------------------------------------------------------------------


def is_notebook_for(path: Parts, lab: Lab) -> bool:
    """Whether a notebook may hold cells for this lab: it is not named after another."""
    stem, _, suffix = path[-1].rpartition(".")
    return suffix.lower() == "ipynb" and (stem == lab.name or stem not in LABS)


def read_notebook(folder: Folder, lab: Lab, path: Parts, found: Sources, is_main: bool) -> None:
    """Read the texts in the cells of a notebook, and of the main one, what is odd about its cells."""
    place = shown(path)
    try:
        notebook = cells.parse(folder.read(path, NOTEBOOK_LIMIT))
    except (Unread, cells.Unreadable) as problem:
        found.findings.append(line(f"{place} {problem}; its cells were not read.", 300))
        return
    texts: dict[str, list[Source]] = defaultdict(list)
    for each in cells.written(notebook, lab):
        text, notes = normalised(each.text.encode("utf-8", "replace"))
        if len(text) > SIZE_LIMIT:
            found.findings.append(f"A cell for {each.file} in {place} is too long, and not taken.")
        elif len(texts) < BESIDE or each.file in texts:
            texts[each.file].append(Source(text, path, (*each.notes, *notes)))
    for file, sources in texts.items():
        found.cells.setdefault(file, []).extend(reversed(sources))
    if is_main:
        found.findings += odd_cells(notebook, lab, place)


def odd_cells(notebook: cells.Notebook, lab: Lab, place: str) -> Iterator[str]:
    """What is odd about a notebook's cells, and of no consequence for the points."""
    expected = cells.expected_ids(lab)
    count = Counter(cell.id for cell in notebook.cells if cell.id)
    kept = [cell.id for cell in notebook.cells if cell.id in expected]
    known = {*expected, *handed_out(lab)}
    extra = [cell.id for cell in notebook.cells if cell.graded and cell.id not in known]
    code = [cell for cell in notebook.cells if cell.is_code]
    if place != shown((lab.name + ".ipynb",)):
        yield f"The notebook is {place}, not {lab.name}.ipynb."
    if notebook.total > len(notebook.cells):
        yield f"{place} has {notebook.total:,} cells: the first {len(notebook.cells):,} were read."
    if missing := [each for each in expected if not count[each]]:
        yield f"Cells were deleted or lost their id: {some(missing)}."
    if doubled := [each for each in expected if count[each] > 1]:
        yield f"Cells are there more than once: {some(doubled)}."
    if (once := list(dict.fromkeys(kept))) != [each for each in expected if each in count]:
        yield f"Cells were moved; they now stand as {some(once)}."
    if extra:
        yield f"Graded cells that the lab does not have are worth nothing: {some(extra)}."
    if code and not any(cell.has_outputs for cell in code):
        yield f"{place} has no outputs: none are needed."
    if (
        notebook.language.lower() not in ("", "python")
        and "python" not in notebook.language.lower()
    ):
        yield f"{place} names another kernel, {line(notebook.language, 40)}: no kernel was run."


@functools.cache
def handed_out(lab: Lab) -> frozenset[str]:
    """The ids of the lab's notebook, to which an instructor may have added cells."""
    path = GIVEN / lab.name / f"{lab.name}.ipynb"
    known = cells.parse(path.read_bytes()).cells if path.is_file() else []
    return frozenset(cell.id for cell in known)


def some(ids: Iterable[str]) -> str:
    """Some ids of cells."""
    return names([(each,) for each in dict.fromkeys(ids)])


def changed(source: Source | None, stub: bytes) -> bool:
    """Whether this is more than the stub."""
    return source is not None and source.text.rstrip() != stub.rstrip()


def best(sources: Mapping[str, list[Source]], file: str, stub: bytes) -> Source | None:
    """The first text of a file that is not the stub, or else the first."""
    found = sources.get(file, [])
    return next((source for source in found if changed(source, stub)), found[0] if found else None)
