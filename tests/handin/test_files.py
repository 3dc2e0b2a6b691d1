"""Hand-ins of `.py` files, wherever they lie and however they are encoded."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.catalog import GIVEN, LABS
from autograder.handin import HandIn, collect, write
from tests.handin.helpers import (
    CLERK,
    LAB,
    OTHER,
    SERVER,
    SOLVED,
    STUBS,
    filled,
    said,
    save,
    take,
)
from tests.handin.helpers import write as put

FILES_ALONE = [
    "Only .py files were handed in, and no notebook with cells for them: the files were taken."
]


@pytest.mark.parametrize("folder", ["kv/", ""])
def test_files_are_found_where_they_belong(tmp_path: Path, folder: str) -> None:
    put(tmp_path, {f"{folder}{Path(file).name}": text for file, text in SOLVED.items()})
    assert take(tmp_path) == HandIn(SOLVED, FILES_ALONE)


def test_files_are_found_in_a_subfolder(tmp_path: Path) -> None:
    put(tmp_path, {"home/work/server.py": SOLVED[SERVER], "home/work/clerk.py": SOLVED[CLERK]})
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, SERVER, "home/work/server.py")
    assert said(found, CLERK, "home/work/clerk.py")


def test_of_a_whole_clone_the_labs_are_taken(tmp_path: Path) -> None:
    put(tmp_path, {f"labs/{file}": text for file, text in SOLVED.items()})
    put(tmp_path, {"autograder/kv/server.py": b"x", "labs/exactly_once/server.py": b"y"})
    found = take(tmp_path)
    assert {file: found.files[file] for file in LAB.files} == SOLVED
    assert found.files["exactly_once/server.py"] == b"y\n"


def test_a_file_of_another_lab_is_not_taken_for_one_of_this(tmp_path: Path) -> None:
    put(tmp_path, {"exactly_once/server.py": b"wrong", "clerk.py": SOLVED[CLERK]})
    found = take(tmp_path)
    assert found.files[SERVER] == STUBS[SERVER]
    assert found.files[CLERK] == SOLVED[CLERK]


def test_of_several_the_one_that_was_changed_is_taken(tmp_path: Path) -> None:
    put(tmp_path, {"a/server.py": STUBS[SERVER], "b/server.py": SOLVED[SERVER]})
    put(tmp_path, {"clerk.py": SOLVED[CLERK]})
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, SERVER, "2 times", "a/server.py")


def test_a_file_that_is_missing_is_the_stub_and_said_to_be(tmp_path: Path) -> None:
    put(tmp_path, {"kv/server.py": SOLVED[SERVER]})
    found = take(tmp_path)
    assert found.files == {SERVER: SOLVED[SERVER], CLERK: STUBS[CLERK]}
    assert said(found, CLERK, "not handed in")


@pytest.mark.parametrize("names", [[], ["notes.txt", "kv/readme.md"]])
def test_nothing_at_all_is_no_files(tmp_path: Path, names: list[str]) -> None:
    put(tmp_path, dict.fromkeys(names, b"x"))
    found = take(tmp_path)
    assert found.files == {}
    assert said(found, "Nothing was handed in", SERVER, CLERK)


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert take(tmp_path / "none").files == {}


@pytest.mark.parametrize(
    ("encode", "word"),
    [
        (lambda text: text.replace(b"\n", b"\r\n"), "Windows"),
        (lambda text: b"\xef\xbb\xbf" + text, "byte order mark"),
        (lambda text: text.decode().encode("utf-16"), "UTF-16"),
        (lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"), "byte order mark"),
    ],
)
def test_texts_are_made_plain(tmp_path: Path, encode: object, word: str) -> None:
    assert callable(encode)
    put(tmp_path, {"server.py": encode(SOLVED[SERVER]), "clerk.py": SOLVED[CLERK]})
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, SERVER, word)


def test_what_is_not_utf8_is_left_and_said(tmp_path: Path) -> None:
    latin = SOLVED[SERVER] + b"# \xe9\n"
    put(tmp_path, {"server.py": latin, "clerk.py": b"# coding: latin-1\n# \xe9\n"})
    found = take(tmp_path)
    assert found.files == {SERVER: latin, CLERK: b"# coding: latin-1\n# \xe9\n"}
    assert said(found, SERVER, "not UTF-8")
    assert not said(found, CLERK, "UTF-8")


def test_a_file_named_in_capitals_is_taken(tmp_path: Path) -> None:
    put(tmp_path, {"kv/Server.py": SOLVED[SERVER], "kv/clerk.py": SOLVED[CLERK]})
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, SERVER, "kv/Server.py")


def test_what_a_student_added_comes_along_and_what_is_given_does_not(tmp_path: Path) -> None:
    put(tmp_path, SOLVED)
    put(tmp_path, {"kv/helper.py": b"HELP = 1\n", "kv/my helper.py": b"", "kv/messages.py": b"x\n"})
    found = take(tmp_path)
    assert found.files == {**SOLVED, "kv/helper.py": b"HELP = 1\n"}
    assert said(found, "kv/messages.py", "given")
    assert said(found, "kv/my helper.py", "not taken")


def test_a_given_file_as_it_was_given_is_not_worth_a_word(tmp_path: Path) -> None:
    put(tmp_path, SOLVED)
    put(tmp_path, {"kv/messages.py": (GIVEN / "kv" / "messages.py").read_bytes()})
    assert take(tmp_path) == HandIn(SOLVED, FILES_ALONE)


def test_files_of_other_labs_come_along_where_they_lie_in_their_folders(tmp_path: Path) -> None:
    put(tmp_path, {"lock.py": b"LOCK = 1\n", **SOLVED})
    found = collect(tmp_path, LABS["lock"])
    assert found.files == {"lock/lock.py": b"LOCK = 1\n", **SOLVED}


# --- files and cells ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "cell", "taken", "words"),
    [
        (SOLVED, SOLVED, SOLVED, []),
        (SOLVED, STUBS, SOLVED, ["only the file"]),
        (STUBS, SOLVED, SOLVED, ["only the cell"]),
        (STUBS, STUBS, STUBS, []),
        (OTHER, SOLVED, OTHER, ["both changed", "the file was taken"]),
    ],
)
def test_between_a_file_and_a_cell_the_changed_one_wins_and_then_the_file(
    tmp_path: Path,
    file: dict[str, bytes],
    cell: dict[str, bytes],
    taken: dict[str, bytes],
    words: list[str],
) -> None:
    put(tmp_path, {"server.py": file[SERVER], "clerk.py": SOLVED[CLERK]})
    save(tmp_path, filled({SERVER: cell[SERVER], CLERK: SOLVED[CLERK]}))
    found = take(tmp_path)
    assert found.files == {SERVER: taken[SERVER], CLERK: SOLVED[CLERK]}
    assert len(found.findings) == len(words[:1])
    assert not words or said(found, SERVER, *words)


def test_line_ends_alone_are_no_difference_between_file_and_cell(tmp_path: Path) -> None:
    put(tmp_path, {Path(f).name: t.replace(b"\n", b"\r\n") + b"\r\n" for f, t in SOLVED.items()})
    save(tmp_path, filled())
    assert not said(take(tmp_path), "differ")


# --- writing --------------------------------------------------------------------------------------


def test_what_was_collected_is_written_below_an_empty_root(tmp_path: Path) -> None:
    put(tmp_path / "in", {**SOLVED, "kv/helper.py": b"HELP = 1\n"})
    (tmp_path / "root").mkdir()
    write(take(tmp_path / "in"), tmp_path / "root")
    found = {p.relative_to(tmp_path / "root").as_posix() for p in tmp_path.glob("root/**/*.*")}
    assert found == {SERVER, CLERK, "kv/helper.py"}
    assert (tmp_path / "root" / SERVER).read_bytes() == SOLVED[SERVER]


def test_a_root_that_holds_something_is_refused(tmp_path: Path) -> None:
    put(tmp_path, SOLVED)
    with pytest.raises(ValueError, match="not empty"):
        write(take(tmp_path), tmp_path)
