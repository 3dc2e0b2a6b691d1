"""The cells of a lab's notebook: which is which file, and which is worth points.

A notebook that was handed in is hostile. It is decoded by schema, its outputs are skipped, and nothing in
it decides what anything is worth.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import msgspec

from autograder.catalog import LABS, Lab

CELLS = 100_000  # that are looked at
MENDED_LIMIT = 4 << 20  # bytes of a notebook that is read again if it is no strict JSON
SOURCE_LIMIT = 4 << 20  # bytes of one cell's source; a longer one counts as empty
PYTHON_FILE = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,99}\.py")
MAGICS = ("%%writefile", "%%file")


class Unreadable(Exception):
    """Bytes that are no notebook; the rest of a sentence that begins with its name says why."""


@dataclass(frozen=True)
class Cell:
    """One cell; `id` is nbgrader's, and empty if it has none."""

    is_code: bool
    source: str
    id: str
    graded: bool
    has_outputs: bool


@dataclass(frozen=True)
class Notebook:
    """What of a notebook matters here. `total` counts all its cells, `cells` are the first of them."""

    cells: Sequence[Cell]
    total: int
    language: str  # of its kernel; empty if it does not say
    stubs: Mapping[str, str]  # the fingerprints of the stubs that it was built with, by file


class Header(NamedTuple):
    """The first line of a cell that writes a file."""

    name: str  # of the file, as it stands there
    append: bool


# --- names ----------------------------------------------------------------------------------------


def file_id(file: str) -> str:
    """The id, in nbgrader's metadata, of the cell that writes a lab's file."""
    return f"file-{PurePosixPath(file).stem}"


def check_id(module: str) -> str:
    """The id of the graded cell that runs a module of a suite, such as `test_losses`."""
    return f"check-{module}"


def fingerprint(text: str) -> str:
    """What a notebook knows the text of a stub by; empty lines at its end do not count."""
    return hashlib.sha256(f"{text.rstrip()}\n".encode("utf-8", "replace")).hexdigest()


def expected_ids(lab: Lab) -> list[str]:
    """The ids of the cells that a student fills in or that are worth points, in their order.

    Files come first; where each file has a module of its name in the suite, it is checked below it.
    """
    files = [file_id(file) for file in lab.files]
    checks = [check_id(path.stem) for path in lab.suite]
    if checks == [check_id(f"test_{PurePosixPath(file).stem}") for file in lab.files]:
        return [id for pair in zip(files, checks, strict=True) for id in pair]
    return [*files, *checks]


def file_of(name: str, lab: Lab) -> str | None:
    """The file that a cell means which writes to `name`: a lab's, or one beside them; None if neither.

    Only the end of the name counts: `../kv/server.py` is `kv/server.py`, wherever the notebook stood.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    folder, base = parts[-2] if len(parts) > 1 else lab.name, parts[-1] if parts else ""
    if folder in LABS and folder != lab.name:
        file = f"{folder}/{base}"
        return file if file in LABS[folder].files else None
    file = f"{lab.name}/{base}"
    if file in lab.files or (folder == lab.name and PYTHON_FILE.fullmatch(base)):
        return file
    return None


def split_header(source: str) -> tuple[Header | None, str]:
    """The `%%writefile` line of a cell and the text below it; all of it if there is no such line."""
    first, _, rest = source.lstrip("\r\n\t ").partition("\n")
    magic, *words = first[:1_000].split()[:20] or [""]
    if magic not in MAGICS:
        return None, source
    append = any(word in ("-a", "--append") for word in words)
    name = " ".join(word for word in words if word not in ("-a", "--append"))
    return Header(name.strip("'\""), append), rest


# --- decoding -------------------------------------------------------------------------------------

EMPTY = msgspec.Raw(b"{}")


class RawCell(msgspec.Struct):
    """A cell as it stands in the file, most of it not decoded. The one field that must be there keeps
    a list of very many tiny cells from taking much more memory than its file has bytes.
    """

    cell_type: str
    source: msgspec.Raw = EMPTY
    metadata: msgspec.Raw = EMPTY
    outputs: msgspec.Raw = EMPTY


class RawNotebook(msgspec.Struct):
    """A notebook as it stands in the file."""

    cells: list[RawCell]
    metadata: msgspec.Raw = EMPTY


class Grading(msgspec.Struct, frozen=True):
    """What nbgrader keeps of a cell, as far as it is used here."""

    grade_id: str = ""
    grade: bool = False


class CellMetadata(msgspec.Struct, frozen=True):
    """The metadata of a cell."""

    nbgrader: Grading = Grading()


class Kernel(msgspec.Struct, frozen=True):
    """What a notebook says of its kernel."""

    name: str = ""
    language: str = ""


class Language(msgspec.Struct, frozen=True):
    """What a notebook says of its language."""

    name: str = ""


class Built(msgspec.Struct, frozen=True):
    """What the notebook was built from. Students' own checks read it; no grade does."""

    stubs: dict[str, str] = {}


class NotebookMetadata(msgspec.Struct, frozen=True):
    """The metadata of a notebook."""

    kernelspec: Kernel = Kernel()
    language_info: Language = Language()
    autograder: Built = Built()


def parse(data: bytes) -> Notebook:
    """A notebook from the bytes of its file; raises `Unreadable`."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    raw = decode_notebook(data.removeprefix(b"\xef\xbb\xbf"))
    metadata = decode(raw.metadata, NotebookMetadata, NotebookMetadata())
    cells = [cell_of(each) for each in islice(raw.cells, CELLS)]
    kernel = metadata.kernelspec
    language = kernel.language or metadata.language_info.name or kernel.name
    return Notebook(cells, len(raw.cells), language, metadata.autograder.stubs)


def decode_notebook(data: bytes) -> RawNotebook:
    """A notebook whose cells are not decoded; raises `Unreadable`."""
    try:
        try:
            return msgspec.json.decode(data, type=RawNotebook)
        except (msgspec.MsgspecError, UnicodeError):
            if len(data) > MENDED_LIMIT:
                raise
            return msgspec.json.decode(mended(data), type=RawNotebook)
    except RecursionError:
        raise Unreadable("is no notebook: its lists are nested too deep") from None
    except ValueError as error:
        raise Unreadable(f"is no notebook: {error}") from None


def mended(data: bytes) -> bytes:
    """The same in strict JSON: Jupyter writes NaN, and texts that were cut inside a character."""
    loose = json.loads(data.decode("utf-8", "replace"), parse_constant=lambda name: None)
    return json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace")


def cell_of(raw: RawCell) -> Cell:
    """A cell, decoded as far as it can be."""
    large = len(memoryview(raw.source)) > SOURCE_LIMIT
    source = "" if large else decode(raw.source, str | list[str], "")
    grading = decode(raw.metadata, CellMetadata, CellMetadata()).nbgrader
    return Cell(
        is_code=raw.cell_type == "code",
        source=source if isinstance(source, str) else "".join(source),
        id=grading.grade_id,
        graded=grading.grade,
        has_outputs=bytes(memoryview(raw.outputs)[:3]) not in (b"{}", b"[]"),
    )


def decode(raw: msgspec.Raw, type: Any, otherwise: Any) -> Any:
    """A part of a notebook if it is what it ought to be."""
    try:
        return msgspec.json.decode(raw, type=type)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return otherwise


# --- files ----------------------------------------------------------------------------------------


@dataclass
class Written:
    """A text for a file: as one cell has it, or several that belong together.

    Each of `notes` says what was odd, as the rest of a sentence that begins "A cell of".
    """

    file: str
    id: str
    parts: list[str]
    notes: list[str]

    @property
    def text(self) -> str:
        """The parts together, each from a new line on."""
        return "\n".join(part.removesuffix("\n") for part in self.parts) + "\n"


def written(notebook: Notebook, lab: Lab) -> list[Written]:
    """The texts that the cells of a notebook have for files, in the order of the cells."""
    ids = {file_id(file): file for file in lab.files}
    found: list[Written] = []
    latest: dict[str, Written] = {}
    last: Written | None = None  # what the code cell before wrote
    for cell in notebook.cells:
        if not cell.is_code:
            continue
        header, text = split_header(cell.source)
        file = (file_of(header.name, lab) if header else None) or ids.get(cell.id)
        if last and header is None and continues(cell, last):
            last.parts.append(text)
            last.notes.append("was split, and its parts were put together")
        elif file is None or not text.strip():
            last = None
        elif header and header.append and file in latest:
            latest[file].parts.append(text)
        else:
            last = latest[file] = Written(file, cell.id, [text], notes(header, cell, lab, file))
            found.append(last)
    return found


def continues(cell: Cell, last: Written) -> bool:
    """Whether a cell is the rest of one that an editor split: it keeps the id, or begins inside a block."""
    if cell.source == last.parts[0]:
        return False
    blank = cell.source[: len(cell.source) - len(cell.source.lstrip())]
    return (cell.id != "" and cell.id == last.id) or blank.endswith((" ", "\t"))


def notes(header: Header | None, cell: Cell, lab: Lab, file: str) -> list[str]:
    """What is odd about the cell of a file."""
    base = PurePosixPath(file).name
    if header is None:
        return ["has lost its first line, %%writefile, and was taken by its id"]
    if header.name not in (base, file):
        return ["writes a file of another name, and was taken for this one"]
    if file in lab.files and cell.id != file_id(file):
        return ["has lost its id, and was taken by its first line"]
    return []
