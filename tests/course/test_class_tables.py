"""The tables of a class, and the pages: nothing in them does anything to their reader."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pytest

from autograder.course.one import Result, Status
from autograder.course.settings import CourseSettings, LabSettings
from autograder.course.store import Record, Store
from autograder.course.submissions import Student
from autograder.course.tables import CSV_FILE, JSON_FILE, Sums, Tables, safe
from autograder.report.failure import keep
from autograder.verdict import Verdict
from tests.course.classes import LOCK, graded, result

FIRST, SECOND = (test.name for test in graded().labs[0].tests[:2])
WORTH = {test.name: test.max_points for test in graded().labs[0].tests}


def written(
    folder: Path, results: dict[str, Result], sandbox: str = "uid", **settings: Any
) -> tuple[Sums, list[dict[str, str]], dict[str, Any]]:
    """The sums, the CSV and the JSON of a class with these results."""
    store = Store(folder)
    students = [Student(name, folder / name) for name in results]
    for student in students:
        store.write(student, Record(student.shown, "key", sandbox, results[student.name]))
    lab = LabSettings(**settings)
    sums = Tables(students, LOCK, CourseSettings(labs={"lock": lab}), store).write()
    with (folder / CSV_FILE).open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    return sums, rows, json.loads((folder / JSON_FILE).read_text(encoding="utf-8"))


def test_each_student_is_in_each_table_once(tmp_path: Path) -> None:
    results = {"ada": result(), "bob": result(Verdict.FAIL), "eve": result(Verdict.UNKNOWN)}
    sums, rows, whole = written(tmp_path, results)
    lost = WORTH[FIRST]
    assert [(row["student"], row["points"]) for row in rows] == [
        ("ada", "100"), ("bob", str(100 - lost)), ("eve", str(100 - lost)),
    ]  # fmt: skip
    assert [row["undecided_points"] for row in rows] == ["0", "0", str(lost)]
    assert [row[FIRST] for row in rows] == [str(lost), "0", "?"]
    assert whole["lab"] == "lock"
    assert [entry["student"] for entry in whole["students"]] == ["ada", "bob", "eve"]
    assert [entry["points"] for entry in whole["students"]] == [100, 100 - lost, 100 - lost]
    assert (sums.students, sums.full, sums.points, sums.undecided_students) == (
        3,
        1,
        300 - 2 * lost,
        1,
    )
    assert all((tmp_path / "students" / f"{name}.html").is_file() for name in results)


def test_nobody_is_left_out_in_silence(tmp_path: Path) -> None:
    store = Store(tmp_path)
    students = [Student(name, tmp_path / name) for name in ("ada", "bob")]
    store.write(students[0], Record("ada", "key", "uid", result()))
    with pytest.raises(OSError, match="the record of bob cannot be read"):
        Tables(students, LOCK, CourseSettings(), store).write()
    assert not (tmp_path / CSV_FILE).exists()


def test_weights_change_the_tables_without_grading_again(tmp_path: Path) -> None:
    results = {"ada": result(Verdict.PASS, Verdict.FAIL)}
    _, (row,), whole = written(tmp_path, results, weights={FIRST: 60}, left_out=[SECOND])
    most = 100 - WORTH[FIRST] - WORTH[SECOND] + 60
    assert (row["points"], row["max_points"], row[FIRST]) == (str(most), str(most), "60")
    assert SECOND not in row
    assert SECOND not in [test["name"] for test in whole["students"][0]["tests"]]
    assert SECOND not in (tmp_path / "students" / "ada.html").read_text()


def test_a_page_shows_the_pictures_that_were_kept(tmp_path: Path) -> None:
    keep(Store(tmp_path).pictures(Student("ada", tmp_path)), "lock", FIRST, "<p>a picture</p>")
    written(tmp_path, {"ada": result(Verdict.FAIL), "bob": result(Verdict.FAIL)})
    pages = [(tmp_path / "students" / f"{name}.html").read_text() for name in ("ada", "bob")]
    assert ["<p>a picture</p>" in page for page in pages] == [True, False]
    assert all("two holders" in page for page in pages[1:])


FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\x00=1", "\u200b=1",
    "\uff1dcmd|' /C calc'!A0", "|calc", "%0A=1", '"=1', "\ufeff=1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_as_a_formula_does(text: str, tmp_path: Path) -> None:
    hostile = result(findings=[text], trouble=text)
    _, rows, _ = written(tmp_path, {text.replace("/", "-").replace("\x00", "0"): hostile})
    (row,) = rows
    begins = {cell.lstrip()[:1] for cell in row.values()}
    assert not begins & set("=+-@|%\t\r\n\uff0b\uff0d\uff1d\uff20")
    assert row["findings"].endswith(text[-1])


def test_numbers_and_words_are_left_as_they_are() -> None:
    for text in ("12", "Ada Lovelace", "o'neill", "x=1", "a-b", ""):
        assert safe(text) == text


def test_a_name_or_finding_is_text_in_a_page(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    written(tmp_path, {"ada": result(Verdict.FAIL, findings=[hostile])})
    page = (tmp_path / "students" / "ada.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img" not in page
    assert f"pytest labs/lock::{FIRST} --seed 7" in page


def test_bytes_that_are_no_text_are_written_out(tmp_path: Path) -> None:
    _, (row,), whole = written(tmp_path, {os.fsdecode(b"caf\xe9"): result()})
    assert row["student"] == whole["students"][0]["student"] == "caf\\xe9"


def test_every_report_says_that_nothing_was_confined(tmp_path: Path) -> None:
    _, (row,), whole = written(tmp_path, {"ada": result()}, sandbox="none")
    assert (row["sandbox"], row["unconfined"]) == ("none", "yes")
    assert whole["students"][0]["unconfined"] is True
    assert "NOT CONFINED" in (tmp_path / "students" / "ada.html").read_text()


def test_no_report_says_so_where_they_were(tmp_path: Path) -> None:
    results = {"ada": result(status=Status.OVERTIME)}
    _, (row,), whole = written(tmp_path, results, sandbox="landlock")
    assert (row["sandbox"], row["unconfined"]) == ("landlock", "no")
    assert whole["students"][0]["unconfined"] is False


def test_trouble_is_told_of_the_first_and_counted_of_all(tmp_path: Path) -> None:
    results = {f"s{n}": result(Verdict.UNKNOWN, trouble=f"at {n}\nmore") for n in range(30)}
    sums, _, _ = written(tmp_path, results)
    assert sums.undecided_students == 30
    assert len(sums.undecided) == 20
    assert sums.undecided[3] == "s3: at 3"
