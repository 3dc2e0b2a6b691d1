"""The table of guarantee by fault: every test in it exists, passes, and meets its fault."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from autograder.catalog import GIVEN, LABS, REPOSITORY
from autograder.cluster.trace import Event
from autograder.run import Runner, Settings
from autograder.verdict import Verdict
from book.figures.guarantees import FAULTS, GUARANTEES, claims, guarantees
from book.figures.matrix import NONE
from book.figures.suites import suite_of

KEYS = [fault.key for fault in FAULTS]
HEALTHY = 1_000  # microseconds that a message takes at most to which nothing is done
SERVERS = ("n", "c")  # with which the names of servers and coordinators begin
CLIENTS = ("p", "w")  # and those of the processes of clients, and of workers

# What a trace cannot show: where the fault is instead.
ELSEWHERE = {
    "the store of the test says Maybe": {
        ("lock", "loss"): {
            "test_every_put_is_a_maybe",
            "test_acquire_was_refused",
            "test_release_was_done",
            "test_acquire_was_done",
        },
        ("lease", "loss"): {"test_every_put_is_a_maybe", "test_many_want_a_lost_lease"},
    },
    "the store of the test answers late": {
        ("lock", "delay"): {"test_release_is_late"},
        ("lease", "delay"): {"test_many_want_a_lost_lease"},
    },
    "these nodes say nothing to each other, so a cut between them loses nothing": {
        ("gossip", "partition"): {"test_ids_without_others", "test_exact_after_partitions"}
    },
    "a trace does not tell a loss of power from a kill": {
        ("gossip", "power"): {
            "test_broadcast_keeps_what_it_acknowledged",
            "test_broadcast_with_torn_writes",
            "test_fast_broadcast_when_nodes_crash",
            "test_few_messages_when_nodes_crash",
            "test_log_after_crashes",
            "test_efficient_log_when_nodes_crash",
        }
    },
    "a task takes longer than its worker has": {
        ("mapreduce", "pause"): {"test_slow_worker_finishes_late"}
    },
    "the test explores copies of the disk": {
        ("storage", "server"): {"test_killed_at_every_moment", "test_killed_again_and_again"},
        ("storage", "power"): {
            "test_power_lost_at_every_moment",
            "test_power_lost_while_it_opens",
            "test_what_was_read_stays",
            "test_failing",
            "test_crashes_among_clients",
        },
        ("storage", "disk"): {
            "test_full",
            "test_failing",
            "test_damaged",
            "test_no_server_over_damage",
        },
    },
}

# ---- what strikes ----------------------------------------------------------------------------------


def has(kind: str, *starts: str) -> Callable[[Sequence[Event]], bool]:
    """Whether such an event happened to a node whose name begins so."""
    return lambda events: any(e.kind == kind and e.node.startswith(starts or ("",)) for e in events)


def lost(events: Sequence[Event]) -> bool:
    """Whether the network lost a message."""
    return any(event.kind == "drop" and event.detail == "lost" for event in events)


def doubled(events: Sequence[Event]) -> bool:
    """Whether a message arrived twice."""
    arrived = Counter(e.message.number for e in events if e.kind == "deliver" and e.message)
    return any(number > 1 for number in arrived.values())


def late(events: Sequence[Event]) -> bool:
    """Whether a message arrived late."""
    sent = {e.message.number: e.now for e in events if e.kind == "send" and e.message}
    arrived = [(e.message.number, e.now) for e in events if e.kind == "deliver" and e.message]
    return any(now - sent.get(number, now) > HEALTHY for number, now in arrived)


def cut(events: Sequence[Event]) -> bool:
    """Whether the network was told to fail, and lost something."""
    return has("cut")(events) and lost(events)


def slow(events: Sequence[Event]) -> bool:
    """Whether a node stood still, or was slow."""
    return has("pause")(events) or has("slow")(events)


STRUCK: dict[str, Callable[[Sequence[Event]], bool]] = {
    "loss": lost,
    "duplication": doubled,
    "delay": late,
    "partition": cut,
    "pause": slow,
    "client": has("crash", *CLIENTS),
    "server": has("crash", *SERVERS),
    "clock": has("jump"),
}

# ---- the table -------------------------------------------------------------------------------------


def test_no_lab_is_missing() -> None:
    assert list(GUARANTEES) == list(LABS)


def test_no_cell_is_missing() -> None:
    for rows in GUARANTEES.values():
        for cells in rows.values():
            assert sorted(cells) == sorted(KEYS)
            assert all(cell.tests or cell.note for cell in cells.values())
            assert all(len(set(cell.tests)) == len(cell.tests) for cell in cells.values())


def test_every_test_is_in_its_suite() -> None:
    strangers = {
        (claim.lab, claim.test) for claim in claims() if claim.test not in suite_of(claim.lab)
    }
    assert not strangers


def test_every_exception_is_in_the_table() -> None:
    said = {(claim.lab, claim.fault, claim.test) for claim in claims()}
    excepted = {
        (lab, fault, test)
        for cells in ELSEWHERE.values()
        for (lab, fault), tests in cells.items()
        for test in tests
    }
    assert excepted <= said


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    runner = Runner(Settings(REPOSITORY / "solutions", GIVEN))
    yield runner
    runner.close()


@pytest.mark.parametrize(("lab", "test"), sorted({(claim.lab, claim.test) for claim in claims()}))
def test_the_fault_strikes(runner: Runner, lab: str, test: str) -> None:
    faults = {claim.fault for claim in claims() if (claim.lab, claim.test) == (lab, test)}
    outcome = runner.run_once(suite_of(lab)[test], 1)
    assert outcome.verdict is Verdict.PASS, outcome.seen
    for fault in faults:
        if any(test in cells.get((lab, fault), ()) for cells in ELSEWHERE.values()):
            continue
        assert STRUCK[fault](outcome.trace.events), f"no {fault} in {lab}::{test}"


# ---- how it looks ----------------------------------------------------------------------------------


def page() -> str:
    """All that the chapter shows of the table."""
    return "".join(guarantees(lab).html for lab in (None, *LABS))


def test_every_link_leads_somewhere() -> None:
    ids = re.findall(r' id="([^"]+)"', page())
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'href="#([^"]+)"', page())) <= set(ids)


def test_every_cell_is_read_aloud() -> None:
    cells = re.findall(r'<td class="(shown|none)"><a [^>]*aria-label="([^"]+)"', guarantees().html)
    assert len(cells) == len(FAULTS) * sum(map(len, GUARANTEES.values()))
    assert all((kind == "none") == label.startswith(NONE) for kind, label in cells)
    assert len({label for _, label in cells}) == len(cells)
