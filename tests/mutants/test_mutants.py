"""Every mutant is caught by the tests that it names, and every test catches a mutant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.catalog import GIVEN, LABS
from autograder.plugin import processor
from autograder.run import Runner, Settings, seeds_for
from tests.mutants.mutants import (
    SOLUTIONS,
    Edit,
    Mutant,
    MutantError,
    Recipe,
    all_mutants,
    apply,
    mutants_of,
    read,
)
from tests.mutants.trial import run_once, suite_of, survived

FEWEST = 15  # mutants of a lab

by_mutant = pytest.mark.parametrize("mutant", all_mutants(), ids=str)
by_lab = pytest.mark.parametrize("lab", LABS)


@pytest.fixture(scope="session")
def runner(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runner]:
    """One runner for all mutants: what nodes are forked from is started once."""
    settings = Settings(SOLUTIONS, GIVEN, around=tmp_path_factory.getbasetemp())
    runner = Runner(settings, processor(request.config))
    yield runner
    runner.close()


@by_mutant
def test_a_mutant_is_caught_with_every_seed(
    mutant: Mutant, runner: Runner, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    root = apply(mutant, SOLUTIONS, tmp_path / "root")
    tests = suite_of(mutant.lab)
    number = pytestconfig.getoption("mutant_seeds")
    survivals = [
        f"{name} with seed {seed} {why}"
        for name in mutant.recipe.caught_by
        for seed in seeds_for(name, None, number)
        if (why := survived(run_once(runner, root, tests[name], seed)))
    ]
    assert not survivals, f"{mutant} ({mutant.recipe.title}) survived:\n" + "\n".join(survivals)


@by_mutant
def test_a_mutant_names_tests_that_there_are(mutant: Mutant) -> None:
    assert set(mutant.recipe.caught_by) <= suite_of(mutant.lab).keys()


@by_lab
def test_a_lab_has_enough_mutants(lab: str) -> None:
    assert len(mutants_of(lab)) >= FEWEST


@by_lab
def test_every_test_is_failed_by_a_mutant(lab: str) -> None:
    failed = {name for mutant in mutants_of(lab) for name in mutant.recipe.caught_by}
    assert sorted(suite_of(lab).keys() - failed) == []


# --- the tools themselves -------------------------------------------------------------------------


def mutant_with(*edits: Edit) -> Mutant:
    return Mutant("mapreduce", "odd", Recipe("It is odd.", ["test_word_count"], list(edits)))


@pytest.fixture
def solutions(tmp_path: Path) -> Path:
    """A root with one file, small enough to be seen through."""
    (tmp_path / "solutions" / "mapreduce").mkdir(parents=True)
    (tmp_path / "solutions" / "mapreduce" / "worker.py").write_text("a = 1\nb = 1\n")
    return tmp_path / "solutions"


def test_an_edit_changes_one_place(solutions: Path, tmp_path: Path) -> None:
    root = apply(
        mutant_with(Edit("mapreduce/worker.py", "b = 1", "b = 2")), solutions, tmp_path / "r"
    )
    assert (root / "mapreduce" / "worker.py").read_text() == "a = 1\nb = 2\n"
    assert (solutions / "mapreduce" / "worker.py").read_text() == "a = 1\nb = 1\n"


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (Edit("mapreduce/worker.py", "= 1", ""), "occurs 2 times: '= 1'. Has the solution changed"),
        (Edit("mapreduce/worker.py", "\n  c\nd", ""), "must occur once, and occurs 0 times: 'c'"),
        (Edit("mapreduce/worker.py", "", "c"), "must occur once"),
        (Edit("mapreduce/worker.py", "b = 1", "b ="), "leaves no Python in mapreduce/worker.py"),
        (Edit("mapreduce/app.py", "b = 1", "b ="), "which is no file of a student's"),
    ],
)
def test_an_edit_that_does_not_fit_names_its_mutant(
    edit: Edit, why: str, solutions: Path, tmp_path: Path
) -> None:
    with pytest.raises(MutantError) as raised:
        apply(mutant_with(edit), solutions, tmp_path / "root")
    assert "mutant mapreduce/odd " in str(raised.value)
    assert why in str(raised.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("title = 1\ncaught_by = []\nedits = []", "Expected `str`, got `int` - at `$.title`"),
        ("title = ''\ncaught_by = []\nedits = []\nold = ''", "unknown field `old`"),
        ("title = 'Odd.'\ncaught_by = []\nedits = []", "needs a title, a test in caught_by"),
        ("title", "mutant mapreduce/odd: "),
    ],
)
def test_a_file_that_is_no_mutant_is_refused(text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "mapreduce" / "odd.toml"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(MutantError) as raised:
        read(file)
    assert "mutant mapreduce/odd" in str(raised.value)
    assert why in str(raised.value)
