"""Many submissions: each is graded once, and none stops the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from autograder.catalog import Lab
from autograder.course import batch
from autograder.course.batch import grade_all
from autograder.course.handed_in import handed_in
from autograder.course.one import Result, Status
from autograder.course.store import UNFINISHED, Record, Store, key_of, writing
from autograder.course.submissions import Student, students_in
from autograder.course.terms import Refused, Terms
from autograder.handin import HandIn
from autograder.report.failure import figures_in, keep
from autograder.verdict import Verdict
from tests.course.classes import HAND_IN, LOCK, TERMS, Impostor, graded, hand_in, result

NAMES = [test.name for test in graded().labs[0].tests]


@pytest.fixture
def students(tmp_path: Path) -> list[Student]:
    for name in ("ada", "bob", "cyd", "dan", "eve"):
        hand_in(tmp_path / "submitted", name, f"# by {name}\n")
    return students_in(tmp_path / "submitted")[0]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "results")


@pytest.fixture
def impostor(monkeypatch: pytest.MonkeyPatch) -> Impostor:
    made = Impostor(monkeypatch)
    made.program = made.writes("grade.json", msgspec.json.encode(graded(Verdict.FAIL)))
    return made


def grade(
    students: Sequence[Student], store: Store, terms: Terms = TERMS, again: bool = False
) -> dict[str, bool]:
    """Whether each had been graded before; raises if one is told of twice."""
    told: list[tuple[str, bool]] = []
    grade_all(students, LOCK, terms, store, 2, again, lambda who, old: told.append((who.name, old)))
    assert len(dict(told)) == len(told)
    return dict(told)


def test_each_is_graded_once(students: list[Student], store: Store, impostor: Impostor) -> None:
    assert grade(students, store) == dict.fromkeys(["ada", "bob", "cyd", "dan", "eve"], False)
    assert impostor.starts == 5
    for student in students:
        record = store.read(student)
        assert record is not None
        assert record.student == student.name
        assert record.result.grade == graded(Verdict.FAIL)
        assert record.key == key_of(handed_in(student.folder, LOCK), LOCK, TERMS)


def test_what_is_done_is_not_done_again_and_what_changed_is(
    students: list[Student], store: Store, impostor: Impostor
) -> None:
    grade(students, store)
    (students[1].folder / "lock" / "lock.py").write_text("# another\n")
    store.file(students[3]).write_text("half a rec")
    store.file(students[4]).unlink()
    assert grade(students, store) == {
        "ada": True, "bob": False, "cyd": True, "dan": False, "eve": False,
    }  # fmt: skip
    assert all(grade(students, store).values())


@pytest.mark.parametrize("other", ["seeds", "sandbox", "secret"])
def test_on_other_terms_it_is_another_grading(
    other: str, students: list[Student], store: Store, impostor: Impostor, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("mellon")
    terms = {
        "seeds": replace(TERMS, seeds=7),
        "sandbox": replace(TERMS, sandbox="landlock"),
        "secret": replace(TERMS, secret_file=tmp_path / "secret"),
    }
    grade(students, store)
    assert not any(grade(students, store, terms[other]).values())


def test_more_time_alone_is_not(students: list[Student], store: Store, impostor: Impostor) -> None:
    grade(students, store)
    assert all(grade(students, store, replace(TERMS, time_limit=5)).values())


def test_the_undecided_are_graded_again_when_that_is_asked_for(
    students: list[Student], store: Store, impostor: Impostor
) -> None:
    program, impostor.program = impostor.program, ""
    grade(students[:2], store)
    impostor.program = program
    grade(students[2:], store)
    assert all(grade(students, store).values())
    assert grade(students, store, again=True) == {
        "ada": False, "bob": False, "cyd": True, "dan": True, "eve": True,
    }  # fmt: skip
    assert all(grade(students, store, again=True).values())


def test_a_fault_with_one_does_not_stop_the_others(
    students: list[Student], store: Store, impostor: Impostor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_for_bob(folder: Path, lab: Lab) -> HandIn:
        if "bob" in folder.parts:
            raise RecursionError("too deep for us")
        return handed_in(folder, lab)

    monkeypatch.setattr(batch, "handed_in", fails_for_bob)
    grade(students, store)
    records = {student.name: store.read(student) for student in students}
    for name, record in records.items():
        assert record is not None
        expected = Status.FAULT if name == "bob" else Status.GRADED
        assert record.result.status is expected
    monkeypatch.undo()
    impostor_again = Impostor(monkeypatch, impostor.program)
    assert grade(students, store)["bob"] is False
    assert impostor_again.starts == 1


def test_as_many_as_are_wanted_run_side_by_side(
    students: list[Student], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, most = [0], [0]
    from threading import Barrier, Lock

    meeting, lock = Barrier(2, timeout=60), Lock()

    def grade_files(found: HandIn, lab: Lab, terms: Terms, pictures: Path) -> Result:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        meeting.wait()
        with lock:
            running[0] -= 1
        return result()

    monkeypatch.setattr(batch, "grade_files", grade_files)
    grade(students[:4], store)
    assert most[0] == 2


def test_of_failures_that_look_alike_the_first_is_kept_as_a_picture(
    students: list[Student], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "grade_files", drawing(Verdict.FAIL, Verdict.PASS, Verdict.FAIL))
    grade(students[:1], store)
    assert figures_in(store.pictures(students[0])) == {("lock", NAMES[0]): "a picture"}
    assert [path.suffix for path in store.pictures(students[0]).iterdir()] == [".html"]


def test_pictures_are_those_of_the_last_grading(
    students: list[Student], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "grade_files", drawing(Verdict.FAIL))
    grade(students, store)
    monkeypatch.setattr(batch, "grade_files", drawing(Verdict.PASS))
    (students[1].folder / "lock" / "lock.py").write_text("# better\n")
    assert [who for who, before in grade(students, store).items() if not before] == ["bob"]
    kept = {who.name: len(figures_in(store.pictures(who))) for who in students}
    assert kept == {"ada": 1, "bob": 0, "cyd": 1, "dan": 1, "eve": 1}


def drawing(*verdicts: Verdict) -> Callable[..., Result]:
    """Stands in for the grading: its result has these verdicts, and its failures pictures."""

    def grade_files(found: HandIn, lab: Lab, terms: Terms, pictures: Path) -> Result:
        made = result(*verdicts)
        for test in made.grade.labs[0].tests:
            if test.verdict is Verdict.FAIL:
                keep(pictures, "lock", test.name, "a picture")
                keep(pictures, "lock", test.name, "a drawing", "svg")
        return made

    return grade_files


# --- the store ------------------------------------------------------------------------------------


def test_a_file_that_was_not_finished_leaves_the_one_before(tmp_path: Path) -> None:
    with writing(tmp_path / "a") as file:
        file.write("whole")
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def interrupted(path: Path) -> None:
    with writing(path) as file:
        file.write("ha")
        raise KeyboardInterrupt


def test_what_a_kill_left_unfinished_is_removed(store: Store) -> None:
    left, drawn = (store.folder / "students" / f"{UNFINISHED}{kind}" for kind in ("x", "y"))
    left.write_text("ha")
    (drawn / "deep").mkdir(parents=True)
    with store.held():
        assert not left.exists()
        assert not drawn.exists()


def test_a_grading_that_was_interrupted_leaves_the_pictures_before(
    students: list[Student], store: Store
) -> None:
    with store.drawing(students[0]) as pictures:
        (pictures / "whole").touch()
    with pytest.raises(KeyboardInterrupt):
        draw_half(store, students[0])
    assert [path.name for path in store.pictures(students[0]).iterdir()] == ["whole"]
    assert not list(store.folder.rglob("half"))


def draw_half(store: Store, student: Student) -> None:
    with store.drawing(student) as pictures:
        (pictures / "half").touch()
        raise KeyboardInterrupt


def test_two_do_not_grade_into_one_folder(store: Store) -> None:
    with store.held(), pytest.raises(Refused, match="Another grade-class is at work"), store.held():
        pass
    with store.held():
        pass


def test_a_record_is_read_as_it_was_written(store: Store, tmp_path: Path) -> None:
    student = Student("ada", tmp_path)
    record = Record("ada", "key", "uid", result(Verdict.UNKNOWN, trouble="\x00\x1b"))
    store.write(student, record)
    assert store.read(student) == record


@pytest.mark.parametrize("findings", [["a", "b"], ["ab"], []])
def test_findings_are_part_of_the_key(findings: list[str]) -> None:
    other = HandIn(HAND_IN.files, findings)
    assert key_of(other, LOCK, TERMS) != key_of(HAND_IN, LOCK, TERMS)


def test_names_and_contents_of_files_are_part_of_the_key() -> None:
    keys = {
        key_of(HandIn(files, []), LOCK, TERMS)
        for files in ({"a": b"bc"}, {"ab": b"c"}, {"a": b"b", "c": b""}, {"abc": b""}, {})
    }
    assert len(keys) == 5
