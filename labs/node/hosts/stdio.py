"""A node that talks on standard input and output, which makes it run under Maelstrom.

    maelstrom test -w echo --bin echo.sh ...
    where echo.sh is    exec python -m labs.node solutions/gossip/echo.py:EchoNode

One message a line. The first is `init`, which tells the node its name and its peers: all nodes, itself
among them. What the program prints goes to standard error, as Maelstrom wants it. The node ends with its
`main`, or with its input.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from labs.node import messages
from labs.node.errors import Mistake
from labs.node.hosts import load
from labs.node.hosts.control import FRAME_LIMIT
from labs.node.hosts.real import RealHost, explain, live
from labs.node.node import Node, create

LABS = Path(__file__).resolve().parents[2]  # what every student has
FAREWELL = 2.0  # seconds for handlers to answer what came before the end of the input

log = logging.getLogger("labs.node")


class Init(msgspec.Struct):
    """The body of the first message."""

    type: str
    msg_id: int
    node_id: str
    node_ids: list[str]


class StdioHost(RealHost):
    """The host of a node whose messages are lines of `output`."""

    def __init__(self, init: Init, output: BinaryIO) -> None:
        super().__init__(init.node_id, init.node_ids)
        self._output = output

    def transmit(self, line: bytes) -> None:
        """Write a message."""
        self._output.write(line + b"\n")
        self._output.flush()


async def run(cls: type[Node], options: Mapping[str, Any], source: int, output: BinaryIO) -> None:
    """Run a node on the file descriptor `source` and on `output`, until its `main` or its input ends.

    Raises `Mistake` if the first line is no `init`, and what `create` and `main` raise.
    """
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    read_aside(source, lambda line: loop.call_soon_threadsafe(lines.put_nowait, line))
    init, src = read_init(await lines.get())
    load.refuse_wrong_options(cls, options)
    host = StdioHost(init, output)
    node = create(cls, host, options)
    body = messages.encode_body("init_ok", {}, {"in_reply_to": init.msg_id})
    host.transmit(messages.encode_envelope(host.id, src, body))
    main = asyncio.create_task(live(node))
    feeding = asyncio.create_task(feed(node, lines))
    await asyncio.wait([main, feeding], return_when=asyncio.FIRST_COMPLETED)
    feeding.cancel()
    if not main.done():
        main.cancel()
        await asyncio.wait([main])
    if not main.cancelled():
        main.result()


def read_init(line: bytes | None) -> tuple[Init, str]:
    """The first message, and who sent it."""
    if line is None:
        raise Mistake("the input ended before its first line, which must be an init message")
    try:
        envelope = messages.decode_envelope(line)
        init = msgspec.json.decode(envelope.body, type=Init)
    except messages.UNREADABLE as error:
        raise Mistake(f"the first line of the input must be an init message: {error}") from None
    if init.type != "init":
        raise Mistake(f"the first line of the input must be an init message, not {init.type!r}")
    return init, envelope.src


async def feed(node: Node, lines: asyncio.Queue[bytes | None]) -> None:
    """Hand the node its messages until the input ends, and let it answer them."""
    while (line := await lines.get()) is not None:
        try:
            node._wiring.receive(line)
        except messages.UNREADABLE as error:
            log.warning("%s got a line that is no message: %s: %r", node.id, error, line[:80])
    if node._wiring.tasks:
        await asyncio.wait(node._wiring.tasks, timeout=FAREWELL)


def read_aside(source: int, take: Callable[[bytes | None], object]) -> None:
    """Read lines in a thread, since not every input can be waited for; None says that it ended.

    It reads the descriptor itself: Python's own buffer would be locked when the program ends.
    """

    def read() -> None:
        try:
            for line in read_lines(source):
                take(line)
            take(None)
        except RuntimeError:
            pass  # the node has ended, and its loop with it

    threading.Thread(target=read, daemon=True).start()


def read_lines(source: int) -> Iterator[bytes]:
    """The lines of a file descriptor, without their newlines; one that is too long is left out."""
    buffer = bytearray()
    start = 0  # of what has not been searched
    while data := os.read(source, 1 << 16):
        buffer += data
        while (end := buffer.find(b"\n", start)) >= 0:
            if end <= FRAME_LIMIT:
                yield bytes(buffer[:end])
            else:
                log.warning("left out a line of the input of over %s bytes", FRAME_LIMIT)
            del buffer[: end + 1]
            start = 0
        start = len(buffer)
        if start > 2 * FRAME_LIMIT:
            del buffer[FRAME_LIMIT + 1 :]  # enough to know that the line is too long
            start = len(buffer)


def option(text: str) -> tuple[str, Any]:
    """An option of the command line, `name=json`."""
    name, _, value = text.partition("=")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not name=json, as in n=3 or word='\"x\"'"
        ) from None


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m labs.node", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("program", help="FILE.py:Class; relative to the root, if one is given")
    parser.add_argument(
        "--root",
        dest="roots",
        metavar="DIR",
        type=Path,
        action="append",
        default=[],
        help="a folder whose folders are the labs; of several, the first that has a file wins",
    )
    parser.add_argument(
        "--set",
        dest="options",
        metavar="NAME=JSON",
        type=option,
        action="append",
        default=[],
        help="an option of the class, as in n=3",
    )
    return parser.parse_args(arguments)


def load_class(program: str, roots: list[Path]) -> type[Node]:
    """The node class that `program` names; raises `Mistake` if there is none.

    Without roots, a file in the folder of a lab has the one around that for its root, and then the labs.
    """
    if not roots:
        path, colon, name = program.partition(":")
        if not os.path.isfile(path):
            raise Mistake(f"there is no file {path}")
        file = Path(path).absolute()
        program = f"{file}{colon}{name}"
        if (LABS / file.parent.name).is_dir():
            roots = [file.parent.parent, LABS]
            program = f"{file.parent.name}/{file.name}{colon}{name}"
    if roots:
        load.prepare([str(root.absolute()) for root in roots])
    return load.load_node(program)


def main(arguments: list[str] | None = None) -> int:
    """The command; its exit code is 0 if the node ended well, and 1 if not."""
    args = parse(arguments)
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    try:
        cls = load_class(args.program, args.roots)
        options = load.make_options(dict(args.options))
        asyncio.run(run(cls, options, sys.stdin.fileno(), output))
    except BrokenPipeError:
        return 1
    except Exception as problem:
        log.error("%s", explain(problem))
        return 1
    return 0
