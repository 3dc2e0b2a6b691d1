"""Whose hand-ins there are: folders with whatever names students and systems give them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.catalog import Lab
from autograder.course.handed_in import collect_with_others, handed_in
from autograder.course.submissions import LONGEST, PLAIN, Student, file_name, students_in
from autograder.course.terms import Refused
from autograder.handin import HandIn
from tests.course.classes import LOCK, hand_in

HOSTILE = [
    b"ada",
    b"-rf",
    b"%2Drf",
    b"=HYPERLINK(1)",
    b"new\nline",
    b"\x1b[2Jgone",
    b"caf\xe9",
    "café".encode(),
    b"con.json",
    b"~",
    b"%",
    b"x" * 255,
    b"x" * 254 + b"y",
    b"..x",
]


def test_every_folder_is_a_student_and_nothing_else_is(tmp_path: Path) -> None:
    for name in HOSTILE:
        (tmp_path / os.fsdecode(name)).mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "roster.csv").write_text("ada")
    (tmp_path / "shortcut").symlink_to("ada")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    students, passed_over = students_in(tmp_path)
    seen = [os.fsencode(student.name) for student in students]
    assert sorted(seen) == sorted(name for name in HOSTILE if not name.startswith(b"."))
    assert sorted(passed_over) == [
        "broken was passed over: it is a link.",
        "loop was passed over: it is a link.",
        "pipe was passed over: it is no folder.",
        "roster.csv was passed over: it is no folder.",
        "shortcut was passed over: it is a link.",
    ]


def test_every_student_has_files_that_can_be_written_and_are_nobody_elses(tmp_path: Path) -> None:
    students = [Student(os.fsdecode(name), tmp_path) for name in HOSTILE]
    for student in students:
        (tmp_path / f"{student.file_name}.json").write_text(student.shown, encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == len(students)


@given(st.binary(min_size=1, max_size=255), st.binary(min_size=1, max_size=255))
def test_names_of_files_are_plain_short_and_apart(one: bytes, other: bytes) -> None:
    made = file_name(one)
    assert set(made.encode()) <= PLAIN | set(b"%~")
    assert made[0] not in ".-"
    assert len(made) <= LONGEST
    assert (made == file_name(other)) == (one == other)


@pytest.mark.parametrize("what", ["empty", "missing", "a file"])
def test_a_folder_without_students_is_refused(what: str, tmp_path: Path) -> None:
    if what == "a file":
        (tmp_path / what).write_text("")
    elif what == "empty":
        (tmp_path / what).mkdir()
        (tmp_path / what / "file").write_text("")
    with pytest.raises(Refused, match=r"cannot be read|holds no folder"):
        students_in(tmp_path / what)


@pytest.mark.parametrize("file", ["lock.py", "lock/lock.py", "labs/lock/lock.py", "mine/lock.py"])
def test_a_hand_in_lies_anywhere_in_the_students_folder(file: str, tmp_path: Path) -> None:
    hand_in(tmp_path, "ada", "lock = 1\n", file)
    (tmp_path / "ada" / "lock").mkdir(exist_ok=True)
    assert handed_in(tmp_path / "ada", LOCK).files == {"lock/lock.py": b"lock = 1\n"}


def test_a_labs_own_folder_goes_before_others(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada", "lock = 1\n", "lock/lock.py")
    hand_in(tmp_path, "ada", "lock = 2\n", "labs/lock/lock.py")
    assert handed_in(tmp_path / "ada", LOCK).files == {"lock/lock.py": b"lock = 1\n"}


def test_a_folder_that_is_a_link_is_none(tmp_path: Path) -> None:
    hand_in(tmp_path, "bob", "lock = 1\n", "lock/lock.py")
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "lock").symlink_to("../bob/lock")
    found = handed_in(tmp_path / "ada", LOCK)
    assert found.files == {}
    assert "Links are not followed: lock." in found.findings


def of_the_folder_alone(student: Path, lab: Lab) -> HandIn:
    return collect_with_others(student / lab.name, lab)


@pytest.mark.parametrize("collected", [handed_in, of_the_folder_alone])
def test_the_students_own_store_is_found_beside_the_lock(
    collected: Callable[[Path, Lab], HandIn], tmp_path: Path
) -> None:
    hand_in(tmp_path, "ada", "lock = 1\n")
    hand_in(tmp_path, "ada", "server = 1\n", "kv/server.py")
    hand_in(tmp_path, "ada", "task = 1\n", "mapreduce/worker.py")
    found = collected(tmp_path / "ada", LOCK)
    assert found.files["lock/lock.py"] == b"lock = 1\n"
    assert found.files["kv/server.py"] == b"server = 1\n"
    assert "mapreduce/worker.py" not in found.files
    assert "Your own kv/ was used where tests of this lab need it." in found.findings


def test_nobody_elses_store_is_found(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada", "lock = 1\n")
    hand_in(tmp_path, "bob", "server = 1\n", "kv/server.py")
    (tmp_path / "ada" / "kv").symlink_to("../bob/kv")
    assert handed_in(tmp_path / "ada", LOCK).files.keys() == {"lock/lock.py"}
