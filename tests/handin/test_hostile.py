"""Hand-ins that are made to hurt whoever collects them."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest

from autograder.handin import folder as limits
from autograder.handin.choice import FINDINGS
from autograder.handin.folder import Folder, Unread
from autograder.notebook import cells
from autograder.submission import SIZE_LIMIT
from tests.handin.helpers import (
    CLERK,
    OTHER,
    SERVER,
    SOLVED,
    STUBS,
    code,
    filled,
    said,
    save,
    take,
    write,
)

HUGE = 10 << 30  # bytes


@pytest.mark.parametrize("name", ["kv/server.py", "server.py", "kv.ipynb"])
def test_a_link_to_a_file_is_not_followed(tmp_path: Path, name: str) -> None:
    write(
        tmp_path / "alice", {"server.py": SOLVED[SERVER], "kv.ipynb": json.dumps(filled()).encode()}
    )
    write(tmp_path / "mallory", {"kv/clerk.py": OTHER[CLERK]})
    (tmp_path / "mallory" / name).symlink_to(tmp_path / "alice" / Path(name).name)
    found = take(tmp_path / "mallory")
    assert found.files == {SERVER: STUBS[SERVER], CLERK: OTHER[CLERK]}
    assert said(found, "Links are not followed", name)


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "alice", SOLVED)
    (tmp_path / "mallory").mkdir()
    (tmp_path / "mallory" / "kv").symlink_to(tmp_path / "alice" / "kv")
    found = take(tmp_path / "mallory")
    assert found.files == {}
    assert said(found, "Links are not followed", "kv")


def test_a_hand_in_that_is_a_link_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "alice", SOLVED)
    (tmp_path / "mallory").symlink_to(tmp_path / "alice")
    found = take(tmp_path / "mallory")
    assert found.files == {}
    assert said(found, "is a link")


def test_links_in_a_ring_end(tmp_path: Path) -> None:
    write(tmp_path, SOLVED)
    (tmp_path / "kv" / "again").symlink_to(tmp_path)
    (tmp_path / "a.py").symlink_to("b.py")
    (tmp_path / "b.py").symlink_to("a.py")
    assert take(tmp_path).files == SOLVED


def test_no_part_of_a_path_may_become_a_link_after_the_look(tmp_path: Path) -> None:
    write(tmp_path / "alice", SOLVED)
    write(tmp_path / "mallory", OTHER)
    folder = Folder(tmp_path / "mallory", [])
    assert ("kv", "server.py") in folder.files
    (tmp_path / "mallory" / "kv").rename(tmp_path / "mallory" / "old")
    (tmp_path / "mallory" / "kv").symlink_to(tmp_path / "alice" / "kv")
    with pytest.raises(Unread):
        folder.read(("kv", "server.py"), SIZE_LIMIT)


@pytest.mark.parametrize("name", ["server.py", "kv.ipynb"])
def test_ten_gigabytes_are_not_read(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"clerk.py": SOLVED[CLERK]})
    with (tmp_path / name).open("wb") as file:
        file.truncate(HUGE)
    tracemalloc.start()
    found = take(tmp_path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.files == {SERVER: STUBS[SERVER], CLERK: SOLVED[CLERK]}
    assert said(found, name, f"{HUGE:,} bytes")
    assert most < 10 << 20


def test_a_cell_with_too_long_a_text_is_not_taken(tmp_path: Path) -> None:
    save(tmp_path, filled({SERVER: b"x" * (SIZE_LIMIT + 1), CLERK: SOLVED[CLERK]}))
    found = take(tmp_path)
    assert found.files == {SERVER: STUBS[SERVER], CLERK: SOLVED[CLERK]}
    assert said(found, SERVER, "too long")


@pytest.mark.parametrize("name", ["server.py", "kv.ipynb", "x.py"])
def test_a_pipe_keeps_nobody_waiting(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"clerk.py": SOLVED[CLERK]})
    os.mkfifo(tmp_path / name)
    found = take(tmp_path)
    assert found.files[CLERK] == SOLVED[CLERK]
    assert said(found, "Not regular files", name)
    with pytest.raises(Unread, match="no regular file"):
        Folder(tmp_path, []).read((name,), 1)


def test_folders_named_like_files_are_no_files(tmp_path: Path) -> None:
    write(tmp_path, {"server.py/x": b"", "kv.ipynb/y": b"", "clerk.py": SOLVED[CLERK]})
    assert take(tmp_path).files == {SERVER: STUBS[SERVER], CLERK: SOLVED[CLERK]}


def test_a_file_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, SOLVED)
    save(tmp_path, filled())

    def refuse(folder: Folder, parts: limits.Parts) -> int:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(Folder, "_open", refuse)
    found = take(tmp_path)
    assert found.files == {}
    assert said(found, "kv/server.py", "Permission denied")
    assert said(found, "kv.ipynb", "Permission denied")
    assert not said(found, str(tmp_path))


def test_many_files_are_looked_at_up_to_a_number_and_the_wanted_ones_always(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_FOLDER", 30)
    monkeypatch.setattr(limits, "IN_ALL", 100)
    write(tmp_path, {f"a{n:03}/a{m:03}.py": b"" for n in range(50) for m in range(50)})
    write(tmp_path, {"zzz.py": b"", **SOLVED})
    save(tmp_path, filled())
    folder = Folder(tmp_path, ["kv", "server.py", "clerk.py", "kv.ipynb"])
    assert len(folder.files) <= 100 + 3
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, "too large to look at all of it")


def test_folders_are_looked_into_down_to_a_depth(tmp_path: Path) -> None:
    deep = "d/" * (limits.DEPTH - 1)
    write(tmp_path, {f"{deep}d/server.py": SOLVED[SERVER], f"{deep}d/d/clerk.py": SOLVED[CLERK]})
    found = take(tmp_path)
    assert found.files == {SERVER: SOLVED[SERVER], CLERK: STUBS[CLERK]}
    assert said(found, "too large to look at all of it")


def test_folders_as_deep_as_can_be_are_no_error(tmp_path: Path) -> None:
    write(tmp_path, SOLVED)
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(100):  # a path longer than the system takes
            os.mkdir("d" * 100, dir_fd=here)
            inner = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        assert take(tmp_path).files == SOLVED
    finally:
        os.close(here)


def test_names_that_are_no_text_are_shown_harmlessly(tmp_path: Path) -> None:
    write(tmp_path, SOLVED)
    for name in (b"kv/\xff\xfe.py", b"kv/\x1b[31mred.py", b"kv/" + b"n" * 200 + b"\n.py"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"")
    found = take(tmp_path)
    assert found.files == SOLVED
    for finding in found.findings:
        finding.encode()
        assert finding.isprintable()


def test_findings_are_bounded(tmp_path: Path) -> None:
    notebook = filled()
    for n in range(200):
        notebook["cells"].append(code("1", grade=True, grade_id=f"bonus-{n}" * 100))
    save(tmp_path, notebook)
    write(tmp_path, {f"x{n}/y{n}/server.py": b"x" * n for n in range(100)})
    write(tmp_path, {f"odd {n}.py": b"" for n in range(100)})
    found = take(tmp_path)
    assert len(found.findings) <= FINDINGS + 1
    assert max(map(len, found.findings)) < 2_000


def test_a_hundred_thousand_cells_are_read(tmp_path: Path) -> None:
    notebook = filled()
    notebook["cells"] += [code(f"x = {n}") for n in range(100_000)]
    save(tmp_path, notebook)
    found = take(tmp_path)
    assert found.files == SOLVED
    assert said(found, "cells", f"the first {cells.CELLS:,} were read")


def test_many_cells_are_read_in_bounded_memory(tmp_path: Path) -> None:
    notebook = filled()
    notebook["cells"] += [code(f"x = {n}") for n in range(10_000)]
    save(tmp_path, notebook)
    size = (tmp_path / "kv.ipynb").stat().st_size
    tracemalloc.start()
    found = take(tmp_path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.files == SOLVED
    assert most < 10 * size


def test_many_cells_for_one_file_are_one_file(tmp_path: Path) -> None:
    notebook = filled()
    notebook["cells"] += [code(f"%%writefile server.py\nN = {n}") for n in range(5_000)]
    notebook["cells"] += [code(f"%%writefile f{n}.py\n1") for n in range(5_000)]
    save(tmp_path, notebook)
    found = take(tmp_path)
    assert found.files[SERVER] == b"N = 4999\n"
    assert len(found.files) < 40
