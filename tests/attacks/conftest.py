"""What the attacks run in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.catalog import GIVEN
from autograder.cluster.errors import HarnessFault
from autograder.cluster.hosts import intake, watch
from autograder.run import Runner, Settings
from autograder.sandbox import RUNGS
from tests.attacks.other_python import nodes_on_it
from tests.attacks.surroundings import Surroundings, surroundings


@pytest.fixture(scope="session")
def around() -> Iterator[Surroundings]:
    """Things that no node may reach."""
    with surroundings() as made:
        yield made


@pytest.fixture(scope="module", params=RUNGS)
def runner(request: pytest.FixtureRequest, around: Surroundings) -> Iterator[Runner]:
    """A runner on one rung, for all attacks: what nodes are forked from is started once."""
    rung: str = request.param
    if rung == "uid":
        with nodes_on_it():
            yield from running(rung, around)
    else:
        yield from running(rung, around)


def running(rung: str, around: Surroundings) -> Iterator[Runner]:
    """A runner on that rung, unless this machine has none such."""
    made = Runner(Settings(around.root, GIVEN, rungs=(rung,)))
    try:
        made.sandbox()
    except HarnessFault as reason:
        pytest.skip(f"{rung}: {reason}")
    else:
        yield made
    finally:
        made.close()


@pytest.fixture(autouse=True)
def low_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that an attack reaches soon; the honest stay far below them."""
    monkeypatch.setattr(watch, "CPU_LIMIT", 1.0)
    monkeypatch.setattr(watch, "IDLE_LIMIT", 1.0)
    monkeypatch.setattr(intake, "REPORTED", 1 << 26)
    monkeypatch.setattr(intake, "STORED", 1 << 26)
    monkeypatch.setattr(intake, "FILES", 1000)
