"""The pytest plugin: suites run against a root, on the cluster's clock, over several seeds.

pytest solutions/            the suites of all labs, against the reference
pytest labs/mapreduce        one lab, against a student's files
pytest labs/mapreduce -k crash --seed 7 --host inline
"""

from __future__ import annotations

import argparse
import inspect
import os
import shlex
from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.catalog import GIVEN, LABS, REPOSITORY, Lab
from autograder.cluster.errors import Unsupported
from autograder.points import points_of
from autograder.report.failure import keep_figure, keep_page
from autograder.report.text import SEEN, block
from autograder.run import CLOCKS, Outcome, Runner, Settings, seeds_for, shortest_failure
from autograder.sandbox import BEST, RUNGS
from autograder.secret import course_secret
from autograder.submission import problems_of
from autograder.verdict import PROPERTY, SANDBOX, TestVerdict, Verdict

SEEDS = 3
OWN_HOST = "process" if os.name == "posix" else "inline"
# Folders that have subfolders named as labs are, and are no roots.
NO_ROOTS = (REPOSITORY / "autograder", REPOSITORY / "tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("autograder", "labs")
    group.addoption("--root", metavar="DIR", help="folder with the files under test")
    group.addoption("--seed", type=int, help="the seed of a test's first run")
    group.addoption("--seeds", type=int, help=f"runs of each test (default {SEEDS}; 1 with --seed)")
    group.addoption("--clock", choices=("virtual", "wall"), help="default: the host's own")
    group.addoption("--host", choices=tuple(CLOCKS), default=OWN_HOST, help="what runs the nodes")
    group.addoption(
        "--sandbox",
        choices=(BEST, *RUNGS),
        default=BEST,
        help="what keeps nodes from all else: the best that this machine can do, or this",
    )
    group.addoption("--pictures", metavar="DIR", help="draw every failure: one page each, in DIR")
    group.addoption("--figures", help=argparse.SUPPRESS)  # the same, for the page of a grade
    group.addoption("--shown", help=argparse.SUPPRESS)  # the root as a student knows it


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Replace roots on the command line by suites, so that pytest never looks into a root."""
    options = early_config.known_args_namespace
    named = list(options.file_or_dir)
    if options.root and not named and (whole := read_root(options.root)):
        args += whole[1]
        options.file_or_dir += whole[1]
    found = {argument: found for argument in named if (found := read_root(argument))}
    roots = {str(root) for root, _ in found.values()}
    if len(roots) > 1:
        raise pytest.UsageError(f"one root at a time, please, not {' and '.join(sorted(roots))}")
    for argument, (_, suites) in found.items():
        for place in (args, options.file_or_dir):
            position = place.index(argument)
            place[position : position + 1] = suites
    if roots and not options.root:
        args.append(f"--root={roots.pop()}")


def read_root(argument: str) -> tuple[Path, list[str]] | None:
    """The root that an argument names and the tests to run; None if it is something else.

    `solutions`, `labs/mapreduce` or `labs/mapreduce::test_word_count`.
    """
    folder, _, test = argument.partition("::")
    path = Path(os.path.abspath(folder))
    if not path.is_dir() or any(path.is_relative_to(own) for own in NO_ROOTS):
        return None
    if path.name in LABS:
        return path.parent, tests_named(LABS[path.name], test)
    labs = [lab for lab in LABS.values() if (path / lab.name).is_dir()]
    found = [place for lab in labs for place in tests_named(lab, test)]
    return (path, found) if labs else None


def tests_named(lab: Lab, test: str) -> list[str]:
    """The modules of a lab's suite; or the test of that name, in the form that pytest takes."""
    if not test:
        return [str(module) for module in lab.suite]
    places = [f"{module}::{test}" for module in lab.suite if f"def {test}(" in module.read_text()]
    if not places:
        raise pytest.UsageError(f"{lab.name} has no {test}: `autograder labs` lists its tests")
    return places


def pytest_configure(config: pytest.Config) -> None:
    root = config.option.root
    if root and config.inipath and config.inipath.is_relative_to(os.path.abspath(root)):
        raise pytest.UsageError(
            f"{config.inipath} holds settings for pytest, and those of a root are never used: "
            f"remove it, or name the root with --root={root}"
        )


def pytest_report_header(config: pytest.Config) -> list[str]:
    option = config.option
    clock = option.clock or CLOCKS[option.host][0]
    lines = [f"root: {option.root}, host: {option.host}, clock: {clock}"] if option.root else []
    if OWN_HOST == "inline":
        lines.append(
            "this system has no processes to fork: the nodes run inline, and some tests cannot"
        )
    if option.usepdb:
        lines.append(
            "--pdb stops in the grader: to debug a node, write breakpoint() there, and --host inline"
        )
    return lines


class Judge:
    """What a session needs to run tests of a cluster; made when the first one comes."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self.settings = Settings(
            Path(os.path.abspath(option.root or REPOSITORY / "solutions")),
            GIVEN,
            option.host,
            option.clock or CLOCKS[option.host][0],
            tuple(RUNGS) if option.sandbox == BEST else (option.sandbox,),
        )
        if problem := self.settings.problem():
            raise pytest.UsageError(problem)
        self.seed: int | None = option.seed
        self.number: int = option.seeds or (SEEDS if option.seed is None else 1)
        self.shown: str | None = option.shown
        self.secret = course_secret()
        self.runner = Runner(self.settings, processor(config))

    def command(self, item: pytest.Item, seed: int) -> str:
        """What repeats a run, typed in the project's folder."""
        root, lab = self.settings.root, item.path.parent.name
        if self.shown is not None:
            where = f"{self.shown}/{lab}::{item.name}"
        elif root.is_relative_to(REPOSITORY):
            where = f"{root.relative_to(REPOSITORY) / lab}::{item.name}"
        else:
            test = f"{item.path.relative_to(REPOSITORY)}::{item.name}"
            where = f"{test} --root {shlex.quote(str(root))}"
        options = [f"--seed {seed}"]
        options += [f"--host {self.settings.host}"] if self.settings.host != "process" else []
        own_clock = CLOCKS[self.settings.host][0]
        options += [f"--clock {self.settings.clock}"] if self.settings.clock != own_clock else []
        return f"pytest {where} {' '.join(options)}"


def processor(config: pytest.Config) -> int | None:
    """The processor for this session's tests: sessions side by side take one each."""
    worker = getattr(config, "workerinput", {}).get("workerid")
    if worker is None or not hasattr(os, "sched_getaffinity"):
        return None
    processors = sorted(os.sched_getaffinity(0))
    return processors[int(worker.removeprefix("gw")) % len(processors)]


JUDGE = pytest.StashKey[Judge]()


def judge_of(config: pytest.Config) -> Judge:
    """The session's judge."""
    if JUDGE not in config.stash:
        config.stash[JUDGE] = Judge(config)
    return config.stash[JUDGE]


def pytest_unconfigure(config: pytest.Config) -> None:
    if JUDGE in config.stash:
        config.stash[JUDGE].runner.close()


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> None:
    """The cluster of a test. The plugin makes one for each run, and hands it to the coroutine."""
    if not inspect.iscoroutinefunction(request.function):
        raise pytest.UsageError("a test that takes the cluster must be an async def")


class Broken(Exception):
    """A test of a suite did not pass; the text is for its reader."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test of the cluster over its seeds."""
    if "cluster" not in pyfuncitem.fixturenames:
        return None
    judge = judge_of(pyfuncitem.config)
    try:
        outcomes = judge_test(judge, pyfuncitem)
    except Unsupported as reason:
        pytest.skip(str(reason))
    verdict = make_verdict(judge, pyfuncitem, outcomes)
    pyfuncitem.user_properties.append((PROPERTY, msgspec.to_builtins(verdict)))
    if any(outcome.trace.events for outcome in outcomes):
        pyfuncitem.user_properties.append((SANDBOX, judge.runner.sandbox()))
    if verdict.verdict is not Verdict.PASS:
        picture = draw_failure(pyfuncitem, verdict, shortest_failure(outcomes))
        raise Broken(explain(verdict, picture))
    return True


def judge_test(judge: Judge, item: pytest.Function) -> list[Outcome]:
    """Run one test over its seeds, unless the submission cannot be run at all."""
    lab = LABS.get(item.path.parent.name)
    problems = problems_of(judge.settings.root, lab) if lab else []
    if problems:
        seed = seeds_for(item.name, judge.seed, 1, judge.secret)[0]
        return [Outcome(seed, Verdict.FAIL, "; ".join(problems), 0, 0.0, 0.0)]
    extra = {name: value for name, value in item.funcargs.items() if name in arguments(item)}
    run_seeds = seeds_for(item.name, judge.seed, judge.number, judge.secret)
    return judge.runner.run(lambda cluster: item.obj(**{**extra, "cluster": cluster}), run_seeds)


def draw_failure(item: pytest.Function, verdict: TestVerdict, outcome: Outcome) -> Path | None:
    """Draw a failure if that is wanted: the page that shows it."""
    option, lab = item.config.option, item.path.parent.name
    if not outcome.trace.events:
        return None
    if option.figures is not None:
        keep_figure(Path(option.figures), lab, verdict, outcome)
    if option.pictures is None:
        return None
    return keep_page(Path(option.pictures), lab, verdict, outcome)


def arguments(item: pytest.Function) -> list[str]:
    """The names of a test's arguments."""
    return list(inspect.signature(item.obj).parameters)


def make_verdict(judge: Judge, item: pytest.Function, outcomes: list[Outcome]) -> TestVerdict:
    """Put the runs of a test together."""
    shown, worth = shortest_failure(outcomes), points_of(item.obj)
    passed = shown.verdict is Verdict.PASS
    return TestVerdict(
        name=item.name,
        points=worth if passed else 0,
        max_points=worth,
        verdict=shown.verdict,
        promise=" ".join((inspect.getdoc(item.obj) or item.name).split()),
        evidence="" if passed else shown.seen,
        seed=shown.seed,
        command=judge.command(item, shown.seed),
        virtual_seconds=round(sum(o.virtual_seconds for o in outcomes), 6),
        real_seconds=round(sum(o.real_seconds for o in outcomes), 6),
    )


def explain(verdict: TestVerdict, picture: Path | None) -> str:
    """What a student reads: what was promised, what was seen, how to repeat it, where it is drawn."""
    seen = block(verdict.evidence, SEEN).replace("\n", "\n          ")
    text = f"promised  {verdict.promise}\nseen      {seen}\nrepeat    {verdict.command}"
    return text if picture is None else f"{text}\npicture   {picture}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, pytest.TestReport]:
    """Show a broken promise as such, without the traceback of the plugin."""
    report: pytest.TestReport = yield
    if call.excinfo is not None and call.excinfo.errisinstance(Broken):
        report.longrepr = str(call.excinfo.value)
    return report
