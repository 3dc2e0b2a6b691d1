"""What the commands share that run things for real: their errors, addresses and signals."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from labs.node.hosts.tcp import Address, listen


class Refusal(click.ClickException):
    """Unusable arguments or files."""

    exit_code = 2


class Failure(click.ClickException):
    """What was asked for was started, and failed."""

    exit_code = 1


def read_address(place: str) -> Address:
    """Host and port; refuses anything else."""
    host, colon, port = place.rpartition(":")
    is_port = port.isdecimal() and len(port) <= 5 and int(port) <= 65535
    if not colon or not is_port or not can_be_host(host):
        raise Refusal(f"{place!r:.80} is no HOST:PORT, as in 127.0.0.1:6824")
    return host.strip("[]") or "0.0.0.0", int(port)


def can_be_host(name: str) -> bool:
    """Whether the functions of `socket` take a name at all; what they cannot encode, they do not."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return True


def open_listener(place: str) -> socket.socket:
    """A socket that listens there; refuses a place that cannot be had."""
    try:
        return listen(read_address(place))
    except OSError as error:
        raise Refusal(f"cannot listen on {place}: {error.strerror or error}") from None


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end this process in good order, and at once.

    The event loop's own way with Ctrl-C is to wait for an `await`, and a node that computes has none.
    """

    def interrupt(number: int, frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = (signal.SIGINT, signal.SIGTERM)
    old = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    except SystemExit as end:
        if isinstance(end.code, int) and end.code - 128 in numbers:
            click.echo("interrupted", err=True)
        raise
    finally:
        for number, handler in zip(numbers, old, strict=True):
            signal.signal(number, handler)
