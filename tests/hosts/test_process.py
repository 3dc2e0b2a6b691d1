"""The process host of the cluster: what it and a node say to each other, late or in pieces."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import Raw

from autograder.cluster.errors import HarnessFault
from autograder.cluster.hosts import process
from autograder.cluster.hosts.intake import Intake
from autograder.cluster.hosts.process import Forked, VirtualBody
from autograder.cluster.hosts.watch import Watch
from labs.node.hosts.control import (
    CONFINED,
    DIED,
    Channel,
    Ended,
    Report,
    Resume,
    Start,
    encode,
)


class Pretended(Forked):
    """A forked process that is a socket of the test's."""

    def __init__(self, ours: socket.socket) -> None:
        self.pid = os.getpid()
        self.channel = Channel(ours)


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def start() -> Start:
    return Start("n1", (), "", {}, "", "", (), "", False, 1, 1, 1, 0, 0.0, True)


def test_a_node_that_ended_before_it_is_resumed_has_said_how(
    sockets: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = sockets
    reports: list[Report] = []
    body = VirtualBody(start(), Pretended(ours), reports.append, Intake())
    node = Channel(theirs)
    node.send(CONFINED)
    node.send(encode(Report(0, None, [], [])))
    node.send(encode(Report(0, Ended(1), [], [])))
    body.begin()
    node.receive()  # a socket that is closed over unread frames tells of a crash
    theirs.close()
    body.resume(Resume(5, []))
    body.resume(Resume(6, []))
    assert [report.waits for report in reports] == [None, Ended(1), Ended(DIED)]


def test_a_machine_that_starves_a_node_of_its_time_fails_no_step(
    sockets: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = sockets
    looked_after = threading.Event()
    reports: list[Report] = []

    class Starved(Watch):
        def problem(self) -> str | None:
            looked_after.set()
            return super().problem()

    def life() -> None:
        node = Channel(theirs)
        assert looked_after.wait(60)
        node.receive()
        node.send(encode(Report(5, None, [], [])))

    monkeypatch.setattr(process, "Watch", Starved)
    body = VirtualBody(start(), Pretended(ours), reports.append, Intake())
    with ThreadPoolExecutor() as threads:
        node = threads.submit(life)
        body.resume(Resume(5, [Raw(b'"%s"' % (b"x" * (8 << 20)))]))
        node.result()
    assert [report.now for report in reports] == [5]


@pytest.mark.parametrize("said", [b"PermissionError: landlock", None])
def test_a_process_that_cannot_be_confined_is_our_fault(
    sockets: tuple[socket.socket, socket.socket], said: bytes | None
) -> None:
    ours, theirs = sockets
    body = VirtualBody(start(), Pretended(ours), lambda report: None, Intake())
    if said is not None:
        Channel(theirs).send(said)
    theirs.shutdown(socket.SHUT_WR)
    with pytest.raises(
        HarnessFault, match=r"n1 could not be confined: (PermissionError|its process)"
    ):
        body.begin()
