"""The parts of which `nbgrader autograde` is made here, one by one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.catalog import LABS, REPOSITORY
from autograder.course.one import undecided
from autograder.course.settings import settings_of
from autograder.handin import HandIn
from autograder.nbgrading.answers import answers_in
from autograder.nbgrading.inert import entities, plain, preformatted
from autograder.nbgrading.worth import checks, is_undecided, score, worths
from autograder.verdict import TestVerdict, Verdict
from tests.helpers import write_root

LOCK = LABS["lock"]


# --- texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<script>hacked()</script>",
        "</pre><img src=x onerror=hacked()>",
        "[a](javascript:hacked())",
        "![a](http://example.org/a.png)",
        r"$\href{javascript:hacked()}{a}$ \(a\) \[a\] \begin{equation}a\end{equation}",
        "\n\n<div>\n\n    code\n\n```\nfence\n```\n",
        "&lt;script&gt; &#60;",
        "a\tb \N{RIGHT-TO-LEFT OVERRIDE} c \x1b[31m",
    ],
)
def test_a_text_is_shown_and_does_nothing(text: str) -> None:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    shown = MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(preformatted(text))
    inside = re.fullmatch(r"\s*<pre>((?:[A-Za-z0-9]|&#\d+;)*)</pre>\s*", shown)
    assert inside is not None


def test_a_shown_text_is_the_same_letter_by_letter() -> None:
    import html

    assert html.unescape(entities("a <b> é\n$x$")) == "a <b> é\n$x$"


def test_a_shown_text_is_bounded() -> None:
    assert len(plain("x" * 1_000_000)) <= 50_000
    assert plain("a\r\nb\rc") == "a\nb\nc"


# --- answers --------------------------------------------------------------------------------------


def notebook(*cells: tuple[str, str]) -> str:
    made = [
        {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": id}}, "source": text}
        for id, text in cells
    ]
    return json.dumps({"cells": made})


def test_answers_are_found_by_their_ids(tmp_path: Path) -> None:
    text = notebook(("why", "short"), ("why", "the longest"), ("how", "so"), ("other", "no"))
    write_root(tmp_path, {"deep/inside/lock.ipynb": text, "kv.ipynb": notebook(("how", "not so"))})
    assert answers_in(tmp_path, LOCK, ["why", "how"]) == {"why": "the longest", "how": "so"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": [{}]}', '{"cells": 1}', "[" * 100_000])
def test_there_are_no_answers_in_what_is_no_notebook(text: str, tmp_path: Path) -> None:
    write_root(tmp_path, {"lock.ipynb": text})
    assert answers_in(tmp_path, LOCK, ["why"]) == {}


def test_answers_do_not_come_through_links(tmp_path: Path) -> None:
    write_root(tmp_path, {"other/a.txt": notebook(("why", "another's"))})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lock.ipynb").symlink_to("../other/a.txt")
    assert answers_in(tmp_path / "mine", LOCK, ["why"]) == {}


# --- points ---------------------------------------------------------------------------------------


def verdict(name: str, points: int, most: int, found: Verdict) -> TestVerdict:
    return TestVerdict(name, points, most, found, "", "", 0, "", 0.0, 0.0)


def test_every_test_of_a_lab_belongs_to_one_cell() -> None:
    for lab in LABS.values():
        grade = undecided(lab, {})
        found = [test for tests in checks(lab, grade).values() for test in tests]
        assert found == grade.labs[0].tests


def test_cells_have_the_weights_of_the_course() -> None:
    settings = settings_of(
        {"labs": {"lock": {"weights": {"test_pace": 12}, "left_out": ["test_long_hold"]}}}, "."
    )
    plain, weighed = worths(LOCK, settings_of({}, ".")), worths(LOCK, settings)
    assert sum(plain.values()) == 100
    assert weighed["check-test_pace"] == plain["check-test_pace"] + 8
    assert weighed["check-test_holders"] == plain["check-test_holders"] - 4
    assert weighed["check-test_locks"] == plain["check-test_locks"]


def test_notebooks_say_what_their_cells_are_worth() -> None:
    for lab in LABS.values():
        source = REPOSITORY / "labs" / lab.name / f"{lab.name}.ipynb"
        cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
        graders = [each["metadata"].get("nbgrader", {}) for each in cells]
        said = {each["grade_id"]: each["points"] for each in graders if each.get("grade")}
        assert said == worths(lab, settings_of({}, "."))


@pytest.mark.parametrize(("points", "worth", "expected"), [(3, 10, 3.0), (10, 5, 5.0), (1, 4, 0.4)])
def test_a_score_is_a_share_of_what_the_notebook_says(
    points: int, worth: int, expected: float
) -> None:
    tests = [
        verdict("a", points, points, Verdict.PASS),
        verdict("b", 0, 10 - points, Verdict.UNKNOWN),
    ]
    assert score(tests, worth) == expected
    assert is_undecided(tests) == (points < 11)


def test_a_cell_without_tests_earns_nothing() -> None:
    assert score([], 10) == 0
    assert not is_undecided([])


# --- what nbgrader is told ------------------------------------------------------------------------


def cell(id: str, points: float = 10) -> Any:
    from nbformat.v4 import new_code_cell

    made = new_code_cell("check()")
    made.metadata.nbgrader = {"grade_id": id, "grade": True, "solution": False, "points": points}
    return made


def test_nbgrader_reads_the_score_that_was_meant() -> None:
    from nbgrader.utils import determine_grade

    from autograder.nbgrading.preprocessors import fill

    tests = {
        "check-test_locks": [verdict("a", 1, 1, Verdict.PASS), verdict("b", 0, 3, Verdict.FAIL)]
    }
    known, unknown = cell("check-test_locks"), cell("bonus")
    assert fill(known, tests, {})
    assert determine_grade(known) == (2.5, 10)
    assert not fill(unknown, tests, {})
    assert determine_grade(unknown) == (0, 10)


def test_a_cell_says_that_points_are_undecided() -> None:
    from autograder.nbgrading.preprocessors import fill

    tests = {"check-test_pace": [verdict("a", 0, 3, Verdict.UNKNOWN)]}
    made = cell("check-test_pace")
    assert not fill(made, tests, {})
    assert "3 points are undecided" in made.outputs[0].data["text/html"]


def test_no_setting_switches_the_suite_off() -> None:
    from traitlets.config import Config

    from autograder.nbgrading.preprocessors import FlagUndecided, RunSuite

    config = Config({name: {"enabled": False} for name in ("NbGraderPreprocessor", "RunSuite")})
    assert RunSuite(config=config).enabled
    assert FlagUndecided(config=config).enabled


def test_a_preprocessor_with_a_kernel_is_refused() -> None:
    from nbgrader.converters import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    from autograder.nbgrading.converter import SuiteAutograde

    converter = SuiteAutograde(coursedir=CourseDirectory(assignment_id="lock"))
    with pytest.raises(NbGraderException, match="Execute would run students' code"):
        converter.start()
    converter = SuiteAutograde(coursedir=CourseDirectory(assignment_id="locks"))
    with pytest.raises(NbGraderException, match="no lab 'locks'"):
        converter.start()


# --- the folder that nbgrader reads ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-01-02 03:04:05 UTC\n", "2030-01-02 03:04:05"),
        ("2030-01-02T03:04:05.5+02:00", "2030-01-02 01:04:05.500000"),
        ("", None),
        ("soon", None),
        ("9" * 90, None),
        ("2030-01-02" + " " * 1_000, None),
    ],
)
def test_a_moment_is_read_if_it_is_one(text: str, expected: str | None, tmp_path: Path) -> None:
    from autograder.nbgrading.stage import timestamp_of

    write_root(tmp_path, {"timestamp.txt": text})
    found = timestamp_of(tmp_path)
    assert (found and str(found)) == expected


def test_a_moment_is_not_read_from_what_is_no_file(tmp_path: Path) -> None:
    from autograder.nbgrading.stage import timestamp_of

    os.mkfifo(tmp_path / "timestamp.txt")
    assert timestamp_of(tmp_path) is None


def test_a_submission_is_staged_in_the_instructors_notebook(tmp_path: Path) -> None:
    from autograder.nbgrading.stage import complete, prepare

    sources = {"lock.ipynb": REPOSITORY / "labs" / "lock" / "lock.ipynb"}
    write_root(tmp_path, {"in/lock.ipynb": "{", "in/secret.txt": "x"})
    prepare(tmp_path / "in", tmp_path / "out" / "ann", sources)
    files = {"lock/lock.py": b"print(1)\n", "lock/more.py": b"", "kv/server.py": b"print(2)\n"}
    complete(tmp_path / "in", tmp_path / "out" / "ann", sources, LOCK, HandIn(files, []))
    found = {path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.*")}
    assert {str(path) for path in found} == {
        "ann/lock.ipynb", "ann/lock.py", "ann/more.py", "ann/kv/server.py"
    }  # fmt: skip
    given = json.loads(sources["lock.ipynb"].read_text("utf-8"))["cells"]
    made = json.loads((tmp_path / "out" / "ann" / "lock.ipynb").read_text("utf-8"))["cells"]
    assert [each["metadata"] for each in made] == [each["metadata"] for each in given]
    differ = [
        "".join(new["source"])
        for new, old in zip(made, given, strict=True)
        if new["source"] != old["source"]
    ]
    assert differ == ["%%writefile lock.py\nprint(1)"]


@pytest.mark.parametrize("start", ["import autograder.plugin", "import autograder.course.one"])
def test_nothing_but_nbgrader_itself_loads_nbgrader(start: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", f"import sys; {start}; print(*sys.modules)"],
        cwd=REPOSITORY, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    loaded = {name.partition(".")[0] for name in said.stdout.split()}
    assert "autograder" in loaded
    assert loaded & {"nbgrader", "nbformat", "nbconvert", "IPython", "sqlalchemy"} == set()
