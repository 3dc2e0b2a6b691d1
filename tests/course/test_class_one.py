"""One submission: one result, whatever the grading process does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import psutil
import pytest

from autograder.catalog import REPOSITORY
from autograder.course import one, process
from autograder.course.one import Status, grade_files, grade_one
from autograder.course.terms import Refused, Terms
from autograder.grading.tests import list_tests
from autograder.handin import HandIn
from autograder.report.failure import figures_in
from autograder.verdict import Verdict
from tests.course.classes import HAND_IN, LOCK, TERMS, Impostor, environment, graded, hand_in

TESTS = [test.name for test in list_tests(LOCK)]


def names(result: one.Result) -> list[str]:
    (lab,) = result.grade.labs
    return [test.name for test in lab.tests]


def verdicts(result: one.Result) -> list[Verdict]:
    return [test.verdict for test in result.grade.labs[0].tests]


# --- for real -------------------------------------------------------------------------------------


def test_a_submission_is_graded_confined_and_its_failures_are_repeated_by_their_commands(
    tmp_path: Path,
) -> None:
    stub = (REPOSITORY / "labs" / "lock" / "lock.py").read_text()
    hand_in(tmp_path, "ada", f"{stub}\n\nprint('I am', __file__)\n")
    (tmp_path / "pictures").mkdir()
    terms = Terms(seeds=1).settled()
    result = grade_one(tmp_path / "ada" / "lock", LOCK, terms, tmp_path / "pictures")
    assert (result.status, result.trouble) == (Status.GRADED, "")
    assert set(verdicts(result)) == {Verdict.FAIL}
    assert names(result) == TESTS
    assert result.grade.provenance.sandbox == terms.sandbox != "none"
    test = result.grade.labs[0].tests[0]
    assert test.command == f"pytest labs/lock::{test.name} --seed {test.seed}"
    again = subprocess.run(
        [sys.executable, "-m", *test.command.split()],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert again.returncode == 1
    assert test.evidence.partition("\n")[0] in again.stdout
    pictures = [path.read_text() for path in (tmp_path / "pictures").iterdir()]
    assert any(test.command in picture for picture in pictures)
    for text in (msgspec.json.encode(result).decode(), *pictures):
        assert f"{tempfile.gettempdir()}/" not in text
        assert str(tmp_path) not in text
    assert "I am labs/lock/lock.py" in test.evidence
    assert figures_in(tmp_path / "pictures").keys() == {("lock", name) for name in TESTS}


def test_nothing_handed_in_is_graded_too(tmp_path: Path) -> None:
    result = grade_one(tmp_path, LOCK, TERMS)
    assert result.status is Status.GRADED
    assert set(verdicts(result)) == {Verdict.FAIL}
    assert "Nothing was handed in" in result.findings[0]


def test_the_secret_decides_the_seeds_and_is_not_told(tmp_path: Path) -> None:
    found = {}
    for secret in ("one", "two"):
        (tmp_path / secret).write_text(f"{secret}-of-the-secrets\n")
        terms = replace(TERMS, secret_file=tmp_path / secret)
        found[secret] = [grade_one(tmp_path / "nobody", LOCK, terms) for _ in range(2)]
    same, again, other, _ = (*found["one"], *found["two"])
    assert [t.seed for t in same.grade.labs[0].tests] == [t.seed for t in again.grade.labs[0].tests]
    assert not {t.seed for t in same.grade.labs[0].tests} & {
        t.seed for t in other.grade.labs[0].tests
    }
    assert same.secret == again.secret == same.grade.provenance.secret != other.secret
    assert b"of-the-secrets" not in msgspec.json.encode([same, other])


# --- with an impostor -----------------------------------------------------------------------------


def test_the_secret_is_in_the_environment_and_not_among_the_arguments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("mellon")
    impostor = Impostor(monkeypatch)
    grade_files(HAND_IN, LOCK, Terms(secret_file=tmp_path / "secret"))
    assert impostor.environment["AUTOGRADER_SECRET_FILE"] == str(tmp_path / "secret")
    assert not any("mellon" in word or "secret" in word for word in impostor.arguments)


def test_what_it_writes_is_the_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    impostor = Impostor(monkeypatch)
    grade = graded(Verdict.FAIL)
    impostor.program = impostor.writes("grade.json", msgspec.json.encode(grade))
    result = grade_files(HAND_IN, LOCK, TERMS)
    assert result.status is Status.GRADED
    assert result.grade == grade
    assert result.findings == HAND_IN.findings
    assert not impostor.folder.exists()


FAULTS = {
    "no verdict": ("", "code 0 and no verdict"),
    "a crash": ("import sys; sys.exit('out of luck')", "out of luck"),
    "a kill": ("import os; os.kill(os.getpid(), 9)", "code -9"),
    "no JSON": ("open(folder + '/grade.json', 'w').write('{')", "no verdict"),
    "another shape": ("open(folder + '/grade.json', 'w').write('{\"labs\": 3}')", "no verdict"),
    "a link to nowhere": ("import os; os.symlink('/none', folder + '/grade.json')", "no verdict"),
    "far too much": ("open(folder + '/grade.json', 'w').truncate(1 << 40)", "is too large"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_ours_costs_no_points_silently(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, said = FAULTS[fault]
    Impostor(monkeypatch, program)
    result = grade_files(HAND_IN, LOCK, TERMS)
    assert result.status is Status.FAULT
    assert said in result.trouble
    assert set(verdicts(result)) == {Verdict.UNKNOWN}
    assert names(result) == TESTS
    assert result.undecided


def test_what_a_crash_says_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    Impostor(monkeypatch, "import sys; sys.stderr.write('x' * 10_000_000 + 'last words')")
    result = grade_files(HAND_IN, LOCK, TERMS)
    assert result.trouble.endswith("last words")
    assert len(result.trouble) < 3_000


def test_tests_that_it_forgot_are_undecided_and_others_are_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grade = graded()
    first, second, *_ = grade.labs[0].tests
    strange = msgspec.structs.replace(first, name="test_of_its_own", points=1_000)
    lab = msgspec.structs.replace(grade.labs[0], tests=[second, second, strange])
    impostor = Impostor(monkeypatch)
    impostor.program = impostor.writes(
        "grade.json", msgspec.json.encode(msgspec.structs.replace(grade, labs=[lab]))
    )
    result = grade_files(HAND_IN, LOCK, TERMS)
    assert names(result) == TESTS
    assert result.grade.labs[0].points == second.points
    assert verdicts(result).count(Verdict.PASS) == 1


def test_at_the_time_limit_what_was_decided_counts_and_everything_is_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed = graded().labs[0].tests[0]
    impostor = Impostor(monkeypatch)
    impostor.stdout = subprocess.PIPE
    impostor.program = (
        impostor.writes("journal", msgspec.json.encode(passed) + b'\n{"name": "test_o')
        + "import subprocess, sys, threading\n"
        + "child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait()'])\n"
        + "import os\nos.chdir(folder + '/scratch')\n"
        + "for _ in range(2000): os.mkdir('deep'); os.chdir('deep')\n"
        + "print(child.pid, flush=True)\n"
        + "threading.Event().wait()"
    )
    children: list[int] = []

    def wait(process: subprocess.Popen[bytes], limit: float) -> None:
        assert process.stdout is not None
        with process.stdout as said:
            children.append(int(said.readline()))

    monkeypatch.setattr(process, "wait", wait)
    result = grade_files(HAND_IN, LOCK, Terms(time_limit=4))
    assert result.status is Status.OVERTIME
    assert result.trouble == "The grading took longer than 4 s and was stopped."
    assert verdicts(result) == [Verdict.PASS, *[Verdict.UNKNOWN] * (len(TESTS) - 1)]
    assert result.grade.labs[0].points == passed.points
    assert is_dead(children[0])
    assert not impostor.folder.exists()


def test_nodes_that_spin_are_dead_when_the_grading_was_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[psutil.Process] = []

    def wait_for_nodes(process: subprocess.Popen[bytes], limit: float) -> None:
        while not any(map(is_busy, seen)):
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
            assert process.returncode is None
            seen[:] = nodes_of(process.pid)

    monkeypatch.setattr(process, "wait", wait_for_nodes)
    spins = HandIn({"lock/lock.py": b"while True:\n    pass\n"}, [])
    result = grade_files(spins, LOCK, Terms(seeds=1).settled())
    assert result.status is Status.OVERTIME
    assert seen
    assert all(is_dead(each.pid) for each in seen)


def nodes_of(pid: int) -> list[psutil.Process]:
    """The processes that the zygotes of a grading process have forked, if they still run."""
    try:
        zygotes = psutil.Process(pid).children()
        return [node for zygote in zygotes for node in zygote.children()]
    except psutil.NoSuchProcess:
        return []


def is_busy(node: psutil.Process) -> bool:
    try:
        return bool(node.cpu_times().user > 0.5)
    except psutil.NoSuchProcess:
        return False


def test_the_time_limit_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    Impostor(monkeypatch, "import threading; threading.Event().wait()")
    result = grade_files(HAND_IN, LOCK, Terms(time_limit=0.01))
    assert result.status is Status.OVERTIME
    assert set(verdicts(result)) == {Verdict.UNKNOWN}


def is_dead(pid: int) -> bool:
    try:
        found = psutil.Process(pid)
        _, alive = psutil.wait_procs([found], timeout=30)
        return not alive or found.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_fault_in_collecting_is_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def collect(*_: object) -> None:
        raise MemoryError("none left")

    monkeypatch.setattr(one, "collect_with_others", collect)
    result = grade_one(tmp_path, LOCK, TERMS)
    assert result.status is Status.FAULT
    assert "none left" in result.trouble
    assert set(verdicts(result)) == {Verdict.UNKNOWN}


def test_a_machine_without_room_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(one, "write", write)
    result = grade_files(HAND_IN, LOCK, TERMS)
    assert result.status is Status.FAULT
    assert "No space left" in result.trouble


# --- its leash ------------------------------------------------------------------------------------


def test_the_grading_process_dies_with_whoever_started_it(tmp_path: Path) -> None:
    root, folder = tmp_path / "root", tmp_path / "folder"
    shutil.copytree(REPOSITORY / "solutions" / "lock", root / "lock")
    folder.mkdir()
    started = subprocess.Popen(
        [sys.executable, "-m", "autograder.course.leash", str(folder), "grade", str(root),
         "--seeds", "1000", "--sandbox", "none", "--journal", str(tmp_path / "journal")],
        cwd=REPOSITORY, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    assert started.stdin is not None
    try:
        started.stdin.close()
        assert started.wait(60) == -signal.SIGKILL
        assert not folder.exists()
    finally:
        try:
            os.killpg(started.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


# --- terms ----------------------------------------------------------------------------------------


def test_unconfined_is_refused_unless_it_is_said() -> None:
    with pytest.raises(Refused, match="not graded unconfined"):
        Terms(sandbox="none").settled()
    assert Terms(sandbox="none", unconfined=True).settled().sandbox == "none"


def test_a_machine_that_confines_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.course.terms.RUNGS", {"mounts": None, "none": None})
    monkeypatch.setattr("autograder.sandbox.rungs.Rung.confinement", cannot)
    with pytest.raises(Refused, match="can confine no submission"):
        Terms().settled()


def cannot(*_: object) -> object:
    from labs.node.hosts.confine import Confinement

    return Confinement(namespaces=True, files="mounts", readable=("/nowhere",))


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_secret_that_is_empty_or_missing_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(text)
    for name in ("empty", "missing"):
        with pytest.raises(Refused, match="secret cannot be read"):
            Terms(sandbox="none", unconfined=True, secret_file=tmp_path / name).settled()
