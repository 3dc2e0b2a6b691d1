"""What a class came to: CSV for a spreadsheet, JSON, and a page for each student.

They are written line by line from the records, so that a large class takes no more memory than a small one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from autograder.catalog import Lab
from autograder.course.one import Status
from autograder.course.settings import CourseSettings, apply, counted
from autograder.course.store import Record, Store, writing
from autograder.course.submissions import Student
from autograder.course.terms import UNCONFINED
from autograder.report.failure import figures_in
from autograder.report.page import Pictures, grade_page
from autograder.report.text import SENTENCE, line
from autograder.verdict import Grade, Verdict

CSV_FILE, JSON_FILE = "class.csv", "class.json"
CELL = 1_000  # characters
MOST = 20  # students whose names are kept
# What makes a spreadsheet take a text for a formula, in narrow and in wide form.
FORMULA = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Test(msgspec.Struct, frozen=True):
    """One test in the tables."""

    __test__ = False

    name: str
    points: int
    max_points: int
    verdict: Verdict


class Row(msgspec.Struct, frozen=True):
    """One student in the tables. `undecided_points` are in `max_points`, and not in `points`."""

    student: str
    points: int
    max_points: int
    undecided_points: int
    status: Status
    sandbox: str
    unconfined: bool
    secret: str
    suite: str
    hand_in: str
    findings: list[str]
    trouble: str
    tests: list[Test]


@dataclass
class Sums:
    """What a class came to in all."""

    students: int = 0
    points: int = 0
    max_points: int = 0
    undecided: list[str] = field(default_factory=list)  # the first of them, with the reason
    undecided_students: int = 0
    full: int = 0

    def add(self, row: Row) -> None:
        """Count one more."""
        self.students += 1
        self.points += row.points
        self.max_points = row.max_points
        self.full += row.points == row.max_points
        if row.undecided_points:
            self.undecided_students += 1
            reason = row.trouble.partition("\n")[0] or "a test came to no verdict"
            self.undecided += [f"{row.student}: {reason}"][: MOST - len(self.undecided)]


@dataclass(frozen=True)
class Tables:
    """A class whose records are in a store; `settings` decide what its tests are worth."""

    students: Sequence[Student]
    lab: Lab
    settings: CourseSettings
    store: Store

    def write(self) -> Sums:
        """Write all of them; what they come to."""
        sums = Sums()
        tests = counted(self.settings, self.lab)
        with (
            writing(self.store.folder / CSV_FILE) as table,
            writing(self.store.folder / JSON_FILE) as whole,
        ):
            sheet = csv.writer(table, quoting=csv.QUOTE_ALL)
            sheet.writerow(heading(tests))
            whole.write(f'{{"lab": "{self.lab.name}", "students": [')
            for student, record in self.records():
                grade = apply(self.settings, record.result.grade)
                row = row_of(record, grade)
                sheet.writerow(cells(row))
                whole.write(("," if sums.students else "") + "\n" + text_of(row))
                pictures = figures_in(self.store.pictures(student))
                write_page(self.store.page(student), record, grade, pictures)
                sums.add(row)
            whole.write("\n]}\n")
        return sums

    def records(self) -> Iterator[tuple[Student, Record]]:
        """Every student once; raises `OSError` if one has no record."""
        for student in self.students:
            record = self.store.read(student)
            if record is None:
                raise OSError(f"the record of {student.shown} cannot be read")
            yield student, record


def row_of(record: Record, grade: Grade) -> Row:
    """One student's row; `grade` is that of the record by the course's weights."""
    (lab,) = grade.labs
    result = record.result
    return Row(
        student=line(record.student, SENTENCE),
        points=lab.points,
        max_points=lab.max_points,
        undecided_points=sum(t.max_points for t in lab.tests if t.verdict is Verdict.UNKNOWN),
        status=result.status,
        sandbox=record.sandbox,
        unconfined=record.sandbox == UNCONFINED,
        secret=result.secret,
        suite=grade.provenance.suite,
        hand_in=result.hand_in,
        findings=[*result.findings, *grade.problems],
        trouble=result.trouble,
        tests=[Test(t.name, t.points, t.max_points, t.verdict) for t in lab.tests],
    )


def heading(tests: Sequence[str]) -> list[str]:
    """The first line of the CSV: what stands in each column."""
    return [name for name in Row.__struct_fields__ if name != "tests"] + list(tests)


def cells(row: Row) -> list[str]:
    """A line of the CSV; a test that is undecided has a question mark for points."""
    values = [getattr(row, name) for name in heading([])]
    points = ["?" if t.verdict is Verdict.UNKNOWN else t.points for t in row.tests]
    return [safe(cell_text(value)) for value in [*values, *points]]


def cell_text(value: object) -> str:
    """A value as a cell shows it."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value if isinstance(value, Status) else value)


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, with nothing that ends it or cannot be shown."""
    shown = line(text, CELL)
    return f"'{shown}" if shown.lstrip().startswith(FORMULA) else shown


def text_of(row: Row) -> str:
    """A row as JSON."""
    return msgspec.json.encode(row).decode()


def write_page(file: Path, record: Record, grade: Grade, pictures: Pictures) -> None:
    """The report for a student: what was found, and how to repeat each failure."""
    said = [*record.result.findings, *grade.problems]
    rests_on = grade.provenance
    if record.sandbox == UNCONFINED:  # also if no node ran: then the grade does not say so
        rests_on = msgspec.structs.replace(rests_on, sandbox=UNCONFINED)
    with writing(file) as page:
        told = msgspec.structs.replace(grade, problems=said, provenance=rests_on)
        page.write(grade_page(told, pictures))
