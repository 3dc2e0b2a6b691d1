"""What students ask of the system that a node does not have, and programs that do not come back."""

from __future__ import annotations

import pytest

from autograder.cluster import Cluster
from autograder.cluster.hosts import process, watch
from autograder.run import Runner
from tests.helpers import runner, write_root
from tests.node.mistakes import (
    FILE,
    body,
    evidence,
    expected,
    main,
    must_be_shown,
    must_end_the_test,
)

THREADS = "a node has one thread, and this starts another: use self.spawn(coroutine)"
PROCESSES = "a node is one process, and this starts another: do the work in it"
SOCKETS = "a node opens no sockets: nodes talk by self.call and self.send"

FAULTS = {
    "a thread": body(
        """
        import threading
        threading.Thread(target=print).start()  # here
        """,
        "{}: " + THREADS,
    ),
    "a pool of threads": body(
        """
        from concurrent.futures import ThreadPoolExecutor
        ThreadPoolExecutor().submit(print)  # here
        """,
        "{}: " + THREADS,
    ),
    "subprocess": body(
        """
        import subprocess
        subprocess.run(["true"])  # here
        """,
        "{}: " + PROCESSES,
    ),
    "asyncio's subprocess": body(
        "await asyncio.create_subprocess_exec('true')  # here", "{}: " + PROCESSES
    ),
    "multiprocessing": body(
        """
        import multiprocessing
        multiprocessing.get_context("fork").Process(target=print).start()  # here
        """,
        "{}: " + PROCESSES,
    ),
    "os.fork": body("os.fork()  # here", "{}: " + PROCESSES),
    "os.system": body("os.system('true')  # here", "{}: " + PROCESSES),
    "a socket": body(
        """
        import socket
        socket.create_connection(("127.0.0.1", 9))  # here
        """,
        "{}: " + SOCKETS,
    ),
    "a server of asyncio": body(
        "await asyncio.start_server(print, '127.0.0.1', 0)  # here", "{}: " + SOCKETS
    ),
    "asyncio.run": body(
        "asyncio.run(asyncio.sleep(1))  # here",
        "{}: a node's event loop runs already: write await instead of asyncio.run",
    ),
    "run_until_complete": body(
        "asyncio.get_running_loop().run_until_complete(asyncio.sleep(1))  # here",
        "{}: a node's event loop runs already: write await instead",
    ),
    "a signal handler": body(
        "asyncio.get_running_loop().add_signal_handler(15, print)  # here",
        "{}: no signals reach a node: it ends when its main returns",
    ),
    "input": body(
        "input('name? ')  # here",
        "{}: input() needs a terminal: a node learns from messages alone",
    ),
    "breakpoint": body(
        "breakpoint()  # here",
        "{}: breakpoint() needs a terminal: run with --host inline",
    ),
    "a loop that polls": main(
        """
        while True:
            await asyncio.sleep(0)  # here
        """,
        "{}: a loop that awaits nothing that takes time: write await asyncio.sleep(0.01) in it, "
        "or wait for an asyncio.Event",
    ),
    "a loop that polls in a spawned task": main(
        """
        async def poll():
            while not self.peers:
                await asyncio.sleep(0)  # here
        self.spawn(poll())
        await asyncio.sleep(1)
        """,
        "{}: a loop that awaits nothing that takes time: write await asyncio.sleep(0.01) in it",
    ),
}

ADVICE = {
    "sys.exit in a handler": body("sys.exit(3)  # here", "{}: sys.exit(3) ended this node"),
    "time.sleep": body(
        "time.sleep(1)  # here",
        "{}: time.sleep holds up the whole node: write await asyncio.sleep instead",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_mistake_ends_the_test_with_one_sentence(session: Runner, name: str) -> None:
    must_end_the_test(session, FAULTS[name])


@pytest.mark.parametrize("name", ADVICE)
def test_an_advice_is_shown_when_the_test_fails(session: Runner, name: str) -> None:
    must_be_shown(session, ADVICE[name])


def test_advice_is_not_lost_among_what_a_node_prints(session: Runner) -> None:
    case = body("time.sleep(1); [print(n) for n in range(99)]  # here", "{}: time.sleep holds up")
    lines = evidence(session, case)
    assert sum(expected(case) in line for line in lines) == 1
    assert sum(line.endswith(" 98") for line in lines) == 1
    assert not any(line.endswith(" 50") for line in lines)


# ---- programs that do not come back --------------------------------------------------------------

COMPUTES = "{}: computed for over 0.3 s without a pause: it spins, or needs an await"
BLOCKS = "{}: blocked for over 0.3 s on something that is not a message: use await"
STUCK = {
    "a loop without await": (
        main(
            """
            await asyncio.sleep(1)
            while True: pass  # here
            """,
            COMPUTES,
        ),
        "CPU_LIMIT",
    ),
    "a lock that is never released": (
        main(
            """
            import threading
            lock = threading.Lock()
            lock.acquire()
            await asyncio.sleep(1)
            lock.acquire()  # here
            """,
            BLOCKS,
        ),
        "IDLE_LIMIT",
    ),
    "a read of a pipe": (
        main(
            """
            await asyncio.sleep(1)
            os.read(os.pipe()[0], 1)  # here
            """,
            BLOCKS,
        ),
        "IDLE_LIMIT",
    ),
}


@pytest.mark.parametrize("name", STUCK)
def test_a_program_that_is_stuck_is_told_where(
    session: Runner, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    case, limit = STUCK[name]
    monkeypatch.setattr(process, "PATIENCE", 0.05)
    monkeypatch.setattr(watch, limit, 0.3)
    first, *rest = evidence(session, case)
    assert first == f"n1: {expected(case)}"
    assert rest[0] == "Traceback (most recent call last):"
    assert rest[1].startswith(f'  File "{FILE}", line ')


def test_a_blocked_loop_is_told_by_the_clock_on_the_wall(session: Runner) -> None:
    case = body(
        "time.sleep(0.4)  # here",
        "{}: holds up the whole node for over 0.25 s: await something that takes so long",
    )
    write_root(session.settings.root, {FILE: case.code})
    logs = []

    async def ask(cluster: Cluster) -> None:
        node = await cluster.start(f"{FILE}:Server", id="n1")
        await cluster.call(node, {"type": "ping", "text": "hello"}, timeout=5)
        logs.append(node.printed("advice"))

    with runner(session.settings.root, clock="wall") as made:
        assert made.run_once(ask, 1).seen == ""
    assert logs == [[expected(case)]]
