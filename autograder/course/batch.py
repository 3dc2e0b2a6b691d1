"""Grades the hand-ins of a class side by side, each once, whatever happens to one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from autograder.catalog import Lab
from autograder.course.handed_in import handed_in
from autograder.course.one import Result, failed, grade_files
from autograder.course.store import Record, Store, key_of
from autograder.course.submissions import Student
from autograder.course.terms import Terms
from autograder.handin import HandIn
from autograder.report.failure import keep_few

Progress = Callable[[Student, bool], None]  # whose record is there now, and whether it was before


def grade_all(
    students: Sequence[Student],
    lab: Lab,
    terms: Terms,
    store: Store,
    jobs: int,
    again: bool,
    progress: Progress,
) -> None:
    """Leave a record of every student in the store, `jobs` hand-ins side by side.

    A thread waits for each; what grades is a process, which dies when this one does. What has a record
    under the same key is not graded, unless it is undecided and `again` is set.
    """
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="submission")
    try:
        futures = {
            pool.submit(grade_student, student, lab, terms, store, again): student
            for student in students
        }
        for future in as_completed(futures):
            progress(futures.pop(future), future.result())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def grade_student(student: Student, lab: Lab, terms: Terms, store: Store, again: bool) -> bool:
    """Leave a record of a student; whether it was there before."""
    try:
        hand_in = handed_in(student.folder, lab)
    except Exception as error:  # ours: it stops nobody else's grading, and costs no points
        nothing = failed(error, HandIn({}, []), lab, terms)
        keep(student, lambda pictures: nothing, "", terms, store)
        return False
    key, before = key_of(hand_in, lab, terms), store.read(student)
    if before is not None and before.key == key and not (again and before.result.undecided):
        return True
    keep(student, lambda pictures: grade_files(hand_in, lab, terms, pictures), key, terms, store)
    return False


def keep(
    student: Student, grade: Callable[[Path], Result], key: str, terms: Terms, store: Store
) -> None:
    """Put a result into the store, and before it the pictures: what has a record is complete."""
    with store.drawing(student) as pictures:
        result = grade(pictures)
        for lab in result.grade.labs:
            keep_few(pictures, lab)
    store.write(student, Record(student.shown, key, terms.sandbox, result))
