"""Which guarantee survives which fault: a table, and for each of its cells the tests that show it.

A cell without a test says "not promised", and why. What no test shows is not promised here, whatever a
rule of a lab says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from book.figures.cells import NO_CALENDAR, UNTESTED, no, none, shown
from book.figures.gossip import GOSSIP
from book.figures.matrix import Cell, Fault, Row, matrix, one_lab
from book.figures.page import Figure

FAULTS = (
    Fault("loss", "loss", "messages are dropped: the first that fit, or by chance"),
    Fault("duplication", "duplication", "a message arrives twice, at once or half an hour later"),
    Fault("delay", "delay, reordering", "messages are late, and so overtake each other"),
    Fault("partition", "partition", "links are cut for a while, both ways or one"),
    Fault("pause", "pause", "a node stands still and goes on where it was (SIGSTOP), or is slow"),
    Fault("client", "client killed", "a client, a worker or a holder is killed (SIGKILL)"),
    Fault("server", "server killed", "so is the server, or the coordinator of a job"),
    Fault(
        "power",
        "power lost",
        "a node is killed, and chance decides what is left of what it did not sync",
    ),
    Fault("disk", "bad disk", "a disk is full, fails, holds a damaged file, or is gone"),
    Fault("clock", "clock jump", "somebody sets the date and the time of day of a node"),
)


NO_DISK = "all of it is in memory; the lab storage keeps it"
COORDINATOR = "the coordinator is in memory, and a job whose coordinator dies is run again"
FORGETFUL = "the store is that of lab kv, which forgets all when it is killed"
FIRST_COPY = "in this network a put arrives once at most: the lab exactly_once is about copies"
LINKS = "what becomes of links and clients is shown in lab kv"

MAPREDUCE = {
    "the output is that of the sequential job": {
        "loss": shown("test_unreliable_network", "test_everything_at_once"),
        "duplication": shown("test_duplicated_messages", "test_everything_at_once"),
        "delay": shown("test_late_replies", "test_unreliable_network"),
        "partition": no("a worker that is cut off for a minute gives up"),
        "pause": shown("test_paused_worker", "test_slow_worker_finishes_late"),
        "client": shown(
            "test_workers_crash",
            "test_workers_share_nothing",
            "test_killed_before_writing",
            "test_killed_before_renaming",
            "test_killed_before_reporting",
        ),
        **none(COORDINATOR, "server"),
        **none("the folder that workers share outlives all of them here", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
    "a file that is there is whole": {
        "loss": shown("test_everything_at_once"),
        "duplication": shown("test_everything_at_once"),
        "delay": shown("test_everything_at_once"),
        "partition": no(UNTESTED),
        "pause": shown("test_output_is_never_torn", "test_everything_at_once"),
        "client": shown("test_killed_while_writing", "test_killed_while_writing_late"),
        **none(COORDINATOR, "server"),
        **none("a rename that was not synced may be lost with the power", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
    "everybody ends": {
        "loss": shown("test_everybody_ends_when_messages_are_lost"),
        **none(UNTESTED, "duplication", "delay"),
        "partition": shown(
            "test_everybody_ends_when_messages_are_lost", but="for two seconds, one way"
        ),
        "pause": shown("test_everybody_ends_when_some_were_absent"),
        "client": shown("test_everybody_ends_when_some_were_absent", "test_workers_crash"),
        "server": shown(
            "test_worker_gives_up_without_coordinator",
            but="the workers end, and the job is not done",
        ),
        **none("no disk is played with in this lab", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
}

KV = {
    "a put is done at most once": {
        "loss": shown("test_lost_reply", "test_lost_request_and_reply", "test_unreliable_network"),
        "duplication": no(FIRST_COPY),
        "delay": shown("test_late_replies"),
        "partition": shown(
            "test_server_hears_and_is_not_heard", "test_server_is_heard_and_does_not_hear"
        ),
        "pause": shown("test_paused_server", "test_slow_server"),
        "client": shown("test_killed_clients"),
        **none(NO_DISK, "server", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
    "what clients are told fits one order": {
        "loss": shown("test_unreliable_network_and_many_clients"),
        "duplication": shown("test_duplicates", but=FIRST_COPY),
        "delay": shown("test_late_replies", "test_reply_to_an_earlier_call"),
        "partition": shown(
            "test_server_hears_and_is_not_heard", "test_server_is_heard_and_does_not_hear"
        ),
        "pause": shown("test_slow_server", "test_paused_server"),
        "client": shown("test_killed_clients"),
        **none(NO_DISK, "server", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
    "a clerk says Maybe where it cannot know, and only there": {
        "loss": shown("test_lost_refusal", "test_overtaken_put", "test_doubt_ends_with_its_put"),
        "duplication": shown("test_duplicates", but=FIRST_COPY),
        **none("a late reply may look like a lost one: Maybe is allowed", "delay", "pause"),
        "partition": shown(
            "test_server_hears_and_is_not_heard", "test_server_is_heard_and_does_not_hear"
        ),
        "client": no("a clerk that is killed says nothing"),
        **none(NO_DISK, "server", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
    "an operation ends once the server can be reached": {
        "loss": shown("test_two_hundred_losses", "test_pace_on_an_unreliable_network"),
        "duplication": shown("test_duplicates"),
        "delay": shown("test_late_replies"),
        "partition": shown("test_silent_server_is_not_hammered"),
        "pause": shown("test_paused_server"),
        "client": shown("test_killed_clients", but="the operations of the others"),
        **none(NO_DISK, "server", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
}

LOCK = {
    "one holder at a time": {
        "loss": shown(
            "test_own_store_and_an_unreliable_network",
            "test_every_put_is_a_maybe",
            "test_acquire_was_refused",
        ),
        "duplication": no(FIRST_COPY),
        "delay": shown("test_many_clients_and_an_unreliable_store", "test_release_is_late"),
        "partition": no("whoever is cut off waits; no test of this lab cuts a link"),
        "pause": shown("test_long_hold"),
        "client": shown("test_killed_holder"),
        **none(FORGETFUL, "server", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
    "a lock that is free is acquired": {
        "loss": shown("test_release_was_done", "test_acquire_was_done"),
        "duplication": no(FIRST_COPY),
        "delay": shown("test_release_is_late"),
        "partition": no("whoever is cut off waits; no test of this lab cuts a link"),
        "pause": shown("test_long_hold", but="once the holder goes on and releases it"),
        "client": shown(
            "test_killed_after_the_release",
            but="whoever dies with the lock keeps it: the lab lease is about that",
        ),
        **none(FORGETFUL, "server", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
}

LEASE = {
    "one holder at a time, for the time of the lease": {
        "loss": shown(
            "test_every_put_is_a_maybe", but="a lost reply is, for a lease, a put that is a Maybe"
        ),
        "duplication": no(FIRST_COPY),
        "delay": shown("test_unreliable_store"),
        "partition": no("whoever is cut off waits; no test of this lab cuts a link"),
        "pause": shown(
            "test_new_hold_of_the_same_client",
            but="one who waits may stand still; a holder that stands still can lose its lease and not "
            "notice, and then its token is what protects",
        ),
        "client": shown("test_killed_holder"),
        **none(FORGETFUL, "server", "power", "disk"),
        "clock": shown(
            "test_calendar_jumps_forward",
            but="the date may jump; that a node's own timers run at another speed is not played",
        ),
    },
    "a later holder has a higher token, and lower ones are refused": {
        "loss": shown("test_many_want_a_lost_lease", "test_every_put_is_a_maybe"),
        "duplication": no(FIRST_COPY),
        "delay": shown("test_unreliable_store"),
        "partition": no("no test of this lab cuts a link"),
        "pause": shown("test_late_holder", "test_late_release", "test_lost_and_acquired_again"),
        "client": shown("test_killed_holder"),
        **none(FORGETFUL, "server", "power", "disk"),
        "clock": shown("test_calendar_jumps_back"),
    },
    "a holder that is gone locks nobody out": {
        "loss": shown("test_many_want_a_lost_lease"),
        "duplication": no(FIRST_COPY),
        "delay": shown("test_many_want_a_lost_lease"),
        "partition": no("no test of this lab cuts a link"),
        "pause": shown("test_late_holder"),
        "client": shown("test_killed_holder", "test_many_want_a_lost_lease"),
        **none(FORGETFUL, "server", "power", "disk"),
        "clock": shown("test_calendar_jumps_back"),
    },
}

EXACTLY_ONCE = {
    "each operation is done exactly once": {
        "loss": shown(
            "test_lost_answer_to_a_put",
            "test_lost_answer_to_an_append",
            "test_unreliable_network_one_key",
        ),
        "duplication": shown(
            "test_copies_at_once",
            "test_copies_after_later_operations",
            "test_copies_after_other_clerks",
            "test_copies_half_an_hour_late",
            "test_everything_twice",
        ),
        "delay": shown("test_late_answers", "test_everything_twice"),
        "partition": shown("test_one_way_cuts"),
        "pause": shown("test_paused_server", "test_paused_clerk", "test_slow_server"),
        "client": shown(
            "test_killed_clerks",
            "test_last_request_of_a_killed_clerk",
            "test_clerk_of_a_restarted_process",
            but="what a clerk asked for as it was killed is done once or never",
        ),
        **none(NO_DISK, "server", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
    "an operation ends once the server can be reached": {
        "loss": shown("test_lost_request", "test_two_hundred_losses"),
        "duplication": shown("test_everything_twice"),
        "delay": shown("test_late_answers"),
        "partition": shown("test_one_way_cuts"),
        "pause": shown("test_paused_server", "test_paused_clerk"),
        "client": shown("test_killed_clerks", but="the operations of the others"),
        **none(NO_DISK, "server", "power", "disk"),
        "clock": no(NO_CALENDAR),
    },
}

STORAGE = {
    "what was acknowledged is there": {
        "loss": shown("test_crashes_among_clients"),
        "duplication": no(FIRST_COPY),
        "delay": shown("test_crashes_among_clients"),
        **none(LINKS, "partition", "pause", "client"),
        "server": shown("test_killed_at_every_moment", "test_killed_again_and_again"),
        "power": shown(
            "test_power_lost_at_every_moment",
            "test_power_lost_while_it_opens",
            "test_what_was_read_stays",
            but="for `FileStorage`: power is not lost for what keeps files by itself, as LMDB does",
        ),
        "disk": shown(
            "test_full", "test_failing", but="a disk that is gone takes everything along"
        ),
        "clock": no(NO_CALENDAR),
    },
    "what clients are told fits one order": {
        "loss": shown("test_crashes_among_clients"),
        "duplication": no(FIRST_COPY),
        "delay": shown("test_crashes_among_clients"),
        **none(LINKS, "partition", "pause", "client"),
        "server": shown("test_crashes_among_clients"),
        "power": shown("test_crashes_among_clients"),
        "disk": no(UNTESTED),
        "clock": no(NO_CALENDAR),
    },
    "damage and failures are reported, and an error says what is known": {
        **none("this is between the storage and its disk", "loss", "duplication", "delay"),
        **none("this is between the storage and its disk", "partition", "pause", "client"),
        "server": shown("test_no_server_over_damage"),
        "power": shown("test_failing"),
        "disk": shown("test_full", "test_failing", "test_damaged", "test_no_server_over_damage"),
        "clock": no(NO_CALENDAR),
    },
}

GUARANTEES: Mapping[str, Mapping[str, Mapping[str, Cell]]] = {
    "mapreduce": MAPREDUCE,
    "kv": KV,
    "lock": LOCK,
    "lease": LEASE,
    "exactly_once": EXACTLY_ONCE,
    "storage": STORAGE,
    "gossip": GOSSIP,
}


class Claim(NamedTuple):
    """One test is said to show one guarantee under one fault."""

    lab: str
    guarantee: str
    fault: str
    test: str


def claims() -> list[Claim]:
    """All that the table says."""
    return [
        Claim(lab, guarantee, fault, test)
        for lab, rows in GUARANTEES.items()
        for guarantee, cells in rows.items()
        for fault, cell in cells.items()
        for test in cell.tests
    ]


def rows(lab: str) -> list[Row]:
    """The guarantees of a lab."""
    return [Row(lab, n, name, cells) for n, (name, cells) in enumerate(GUARANTEES[lab].items(), 1)]


def guarantees(lab: str | None = None) -> Figure:
    """The table of all labs; or of one lab the tests that show each cell, and why the others are empty."""
    if lab is not None:
        return one_lab(rows(lab), FAULTS)
    return matrix([row for each in GUARANTEES for row in rows(each)], FAULTS)
