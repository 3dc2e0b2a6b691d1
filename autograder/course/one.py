"""Grades one submission, in a process of its own, and comes to one result, whatever happens."""

from __future__ import annotations

import enum
import hashlib
import os
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from autograder.catalog import Lab
from autograder.course.handed_in import collect_with_others
from autograder.course.process import Ended, run
from autograder.course.terms import Terms
from autograder.grading.tests import lab_verdict
from autograder.handin import HandIn, write
from autograder.report.text import SEEN, SENTENCE, block, line
from autograder.sandbox import scratch_folder
from autograder.verdict import Grade, Provenance, TestVerdict, Verdict

SHOWN = "labs"  # the folder in which a student keeps the files, and repeats a failure
LARGEST = 64 << 20  # bytes of what the grading process writes
MOST = 100  # findings
STOPPED = "the grading ended before this test came to a verdict"


class Status(enum.Enum):
    """How a grading ended.

    `OVERTIME`: it was stopped at the time limit; what was decided until then counts, the rest is
    undecided. `FAULT`: it failed, and that is our fault.
    """

    GRADED = "graded"
    OVERTIME = "overtime"
    FAULT = "fault"


class Result(msgspec.Struct, frozen=True):
    """What one submission came to.

    `grade` holds one lab with all tests of its suite, worth what the suite says: `settings.apply` weighs
    them. `findings` are sentences for the student, `trouble` is for the instructor. `hand_in` is the
    SHA-256 of the files that were found, `secret` the fingerprint of what the seeds came from.
    """

    lab: str
    status: Status
    grade: Grade
    findings: list[str]
    trouble: str
    hand_in: str
    secret: str

    @property
    def undecided(self) -> bool:
        """Whether an instructor has to look: some test came to no verdict."""
        return any(t.verdict is Verdict.UNKNOWN for lab in self.grade.labs for t in lab.tests)


def grade_one(submission: Path, lab: Lab, terms: Terms, pictures: Path | None = None) -> Result:
    """Grade what a student handed in for a lab. Raises nothing that a student can cause, nor any fault.

    `pictures` names an empty folder for pictures of the failures, to be read by
    `autograder.report.failure.figures_in` or `drawings_in`.
    """
    try:
        hand_in = collect_with_others(submission, lab)
    except Exception as error:  # ours: it stops nobody else's grading, and costs no points
        return failed(error, HandIn({}, []), lab, terms)
    return grade_files(hand_in, lab, terms, pictures)


def grade_files(hand_in: HandIn, lab: Lab, terms: Terms, pictures: Path | None = None) -> Result:
    """The same for files that were collected before."""
    try:
        with scratch_folder(os.path.realpath(tempfile.gettempdir())) as folder:
            folder.chmod(0o711)  # for nodes on the rung on which they are another user
            root = folder / "root"
            root.mkdir(0o755)
            write(hand_in, root)
            ended = run(folder, arguments(folder, lab, terms, pictures), terms)
            rename_root(pictures, root)
            return read(folder, ended, hand_in, lab, terms)
    except Exception as error:
        return failed(error, hand_in, lab, terms)


def failed(error: Exception, hand_in: HandIn, lab: Lab, terms: Terms) -> Result:
    """The result if something went wrong outside of the grading process."""
    said = "".join(traceback.format_exception(error, limit=-3))
    return result(Status.FAULT, undecided(lab, {}), said, hand_in, lab, terms)


def arguments(folder: Path, lab: Lab, terms: Terms, pictures: Path | None) -> list[str]:
    """The command line of the grading process."""
    options = ["--lab", lab.name, "--jobs", str(terms.jobs), "--sandbox", terms.sandbox]
    options += ["--json", str(folder / "grade.json"), "--journal", str(folder / "journal")]
    options += ["--shown", SHOWN]
    options += [] if terms.seeds is None else ["--seeds", str(terms.seeds)]
    options += [] if pictures is None else ["--figures", str(pictures.absolute())]
    return ["grade", str(folder / "root"), *options]


def rename_root(pictures: Path | None, root: Path) -> None:
    """Have pictures name files as the student knows them, and the same in every grading."""
    for path in [] if pictures is None else pictures.iterdir():
        path.write_bytes(path.read_bytes().replace(bytes(root), SHOWN.encode()))


def read(folder: Path, ended: Ended, hand_in: HandIn, lab: Lab, terms: Terms) -> Result:
    """What the grading process left, made a result."""
    if ended.code is None:
        said = f"The grading took longer than {terms.time_limit:g} s and was stopped."
        grade = undecided(lab, journal(folder / "journal"))
        return result(Status.OVERTIME, grade, said, hand_in, lab, terms)
    try:
        data = bounded(folder / "grade.json").replace(bytes(folder / "root"), SHOWN.encode())
        grade = msgspec.json.decode(data, type=Grade)
    except (OSError, ValueError) as error:
        said = f"The grading ended with code {ended.code} and no verdict ({error}).\n{ended.said}"
        grade = undecided(lab, journal(folder / "journal"))
        return result(Status.FAULT, grade, said, hand_in, lab, terms)
    return result(Status.GRADED, complete(lab, grade), "", hand_in, lab, terms)


def result(
    status: Status, grade: Grade, trouble: str, hand_in: HandIn, lab: Lab, terms: Terms
) -> Result:
    """A result, of bounded size."""
    return Result(
        lab.name,
        status,
        grade,
        [line(finding, SENTENCE) for finding in hand_in.findings[:MOST]],
        block(trouble, SEEN),
        digest(hand_in.files),
        terms.fingerprint(),
    )


def complete(lab: Lab, grade: Grade) -> Grade:
    """The grade with every test of the suite once, in its order, and texts of bounded length."""
    decided = {
        test.name: test for each in grade.labs if each.lab == lab.name for test in each.tests
    }
    whole = undecided(lab, decided)
    problems = [line(problem, SENTENCE) for problem in grade.problems[:MOST]]
    return Grade(SHOWN, whole.labs, problems, grade.provenance)


def undecided(lab: Lab, decided: Mapping[str, TestVerdict]) -> Grade:
    """A grade in which all tests but the decided ones came to no verdict."""
    known = {name: brief(test) for name, test in decided.items()}
    found = lab_verdict(lab, known, lambda name: STOPPED)
    return Grade(SHOWN, [found], [], Provenance("", "", "", {}))


def brief(test: TestVerdict) -> TestVerdict:
    """A verdict whose evidence can be kept for a whole class."""
    return msgspec.structs.replace(test, evidence=block(test.evidence, SEEN))


def journal(file: Path) -> dict[str, TestVerdict]:
    """The verdicts that were there when the grading was stopped; the last line may be half of one."""
    try:
        lines = bounded(file).split(b"\n")[:-1]
        found = [msgspec.json.decode(each, type=TestVerdict) for each in lines]
    except (OSError, ValueError):
        return {}
    return {test.name: test for test in found}


def bounded(file: Path) -> bytes:
    """What a file holds; raises `ValueError` if that is more than a grade can be."""
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"{file.name} is too large")
    return data


def digest(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of some files, their names included."""
    sha = hashlib.sha256()
    for part in parts(files):
        sha.update(len(part).to_bytes(8, "big") + part)
    return sha.hexdigest()


def parts(files: Mapping[str, bytes]) -> Iterable[bytes]:
    """Names and contents, in the order of the names."""
    for name in sorted(files):
        yield name.encode("utf-8", "surrogateescape")
        yield files[name]
