"""`course.toml`: what tests are worth in a course, and how its submissions are graded."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec

from autograder.catalog import LABS, Lab
from autograder.course.terms import TIME_LIMIT, UNCONFINED, Terms
from autograder.grading.tests import list_tests
from autograder.sandbox import BEST, RUNGS
from autograder.verdict import Grade, LabVerdict, TestVerdict, Verdict

LARGEST = 1 << 20  # bytes of a course.toml
TOML = {
    "object": "a table",
    "array": "a list",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}
Text = Annotated[str, msgspec.Meta(min_length=1)]
Seeds = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
Weight = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


class SettingsError(Exception):
    """A `course.toml` that cannot be used; the text is one sentence that names the place."""


class LabSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of one lab. `weights` are points by test; tests in `left_out` count for nothing."""

    weights: dict[str, Weight] = {}
    left_out: list[str] = []
    seeds: Seeds | None = None
    time_limit: Seconds | None = None
    secret_file: Text | None = None


class CourseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of all labs, and of each. Paths are relative to `folder`, that of the file."""

    seeds: Seeds | None = None
    time_limit: Seconds = TIME_LIMIT
    secret_file: Text | None = None
    sandbox: str = BEST
    unconfined: bool = False
    labs: dict[str, LabSettings] = {}
    folder: str = "."

    def of(self, lab: str) -> LabSettings:
        """What is said of one lab."""
        return self.labs.get(lab, LabSettings())

    def terms(self, lab: Lab) -> Terms:
        """How a lab's submissions are graded."""
        own = self.of(lab.name)
        secret = own.secret_file or self.secret_file
        return Terms(
            seeds=own.seeds or self.seeds,
            time_limit=own.time_limit or self.time_limit,
            sandbox=self.sandbox,
            unconfined=self.unconfined,
            secret_file=Path(self.folder, secret) if secret else None,
        )


def read_settings(file: Path) -> CourseSettings:
    """The settings in a file; raises `SettingsError`."""
    try:
        with file.open("rb") as opened:
            text = opened.read(LARGEST).decode()
        return settings_of(tomllib.loads(text), str(file.absolute().parent))
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from None
    except SettingsError as error:
        raise SettingsError(f"{file}: {error}") from None


def settings_of(data: dict[str, Any], folder: str) -> CourseSettings:
    """The settings in what a file says; raises `SettingsError`."""
    labs = data.pop("labs", {})
    if not isinstance(labs, dict):
        raise SettingsError("labs: expected a table, [labs.NAME], for each lab.")
    if "folder" in data:
        raise SettingsError("folder: there is no such setting.")
    course: CourseSettings = converted(data, CourseSettings, "")
    if course.sandbox not in (BEST, *RUNGS):
        raise SettingsError(f"sandbox: expected one of {', '.join((BEST, *RUNGS))}.")
    if course.sandbox == UNCONFINED and not course.unconfined:
        raise SettingsError(
            'sandbox: "none" keeps submissions from nothing; if that is meant, say so with '
            "unconfined = true."
        )
    found = {name: lab_settings(name, said) for name, said in labs.items()}
    return msgspec.structs.replace(course, labs=found, folder=folder)


def lab_settings(name: str, said: Any) -> LabSettings:
    """What is said of one lab; raises `SettingsError`."""
    check_name(name, LABS, "labs", "lab")
    place = f"labs.{name}"
    tests = [test.name for test in list_tests(LABS[name])]
    if isinstance(said, dict) and isinstance(said.get("weights"), dict):
        for test, weight in said["weights"].items():
            check_name(test, tests, f"{place}.weights", "test")
            converted(weight, Weight, f"{place}.weights.{test}")
    settings: LabSettings = converted(said, LabSettings, place)
    for test in settings.left_out:
        check_name(test, tests, f"{place}.left_out", "test")
        if test in settings.weights:
            raise SettingsError(f"{place}: {test} has a weight and is left out: say one of them.")
    left = [test for test in list_tests(LABS[name]) if test.name not in settings.left_out]
    if not any(settings.weights.get(test.name, test.points) for test in left):
        raise SettingsError(f"{place}: the tests that are left are worth nothing.")
    return settings


def converted(data: Any, kind: Any, place: str) -> Any:
    """Data as a type; raises `SettingsError` with the place at which it does not fit."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `$")
        where = (place + path.rstrip("`")).lstrip(".") or place
        unknown = re.search(r"unknown field `(.*)`", said)
        if unknown:
            inside = ".".join(filter(None, [where, unknown[1]]))
            raise SettingsError(f"{inside}: there is no such setting.") from None
        raise SettingsError(f"{where}: {in_words(said)}.") from None


def in_words(said: str) -> str:
    """What msgspec says, with the words of TOML."""
    said = said[:1].lower() + said[1:].replace(" | null", "")
    return re.sub(r"`(\w+)`", lambda match: TOML.get(match[1], match[1]), said)


def check_name(name: str, known: Iterable[str], place: str, what: str) -> None:
    """Raise `SettingsError` for a name that is none of the known ones."""
    known = list(known)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "`autograder labs` lists them."
        raise SettingsError(f"{place}: there is no {what} {name!r}: {hint}")


def counted(settings: CourseSettings, lab: Lab) -> list[str]:
    """The names of the tests that count, in the order of the suite."""
    out = settings.of(lab.name).left_out
    return [test.name for test in list_tests(lab) if test.name not in out]


def apply(settings: CourseSettings, grade: Grade) -> Grade:
    """A grade with the course's weights, and without what it leaves out."""
    labs = [weighed(settings.of(lab.lab), lab) for lab in grade.labs]
    return msgspec.structs.replace(grade, labs=labs)


def weighed(settings: LabSettings, lab: LabVerdict) -> LabVerdict:
    """The verdicts of a lab with other weights. A test is worth all of its weight, or nothing."""
    tests = [
        reweighed(test, settings.weights.get(test.name, test.max_points))
        for test in lab.tests
        if test.name not in settings.left_out
    ]
    return LabVerdict(
        lab.lab, sum(test.points for test in tests), sum(test.max_points for test in tests), tests
    )


def reweighed(test: TestVerdict, weight: int) -> TestVerdict:
    """A verdict with another weight."""
    points = weight if test.verdict is Verdict.PASS else 0
    return msgspec.structs.replace(test, points=points, max_points=weight)
