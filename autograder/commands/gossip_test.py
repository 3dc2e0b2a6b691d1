"""`autograder gossip test`."""

from __future__ import annotations

import os
import secrets
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from click.core import ParameterSource
from rich.console import Console

from autograder.checkers.transactions import LEVELS
from autograder.cluster import Cluster
from autograder.cluster.errors import HarnessFault, Unsupported
from autograder.commands.options import Folder, Number, Output
from autograder.commands.real import Refusal
from autograder.gossip import options
from autograder.gossip.faults import FAULTS
from autograder.gossip.latency import DISTRIBUTIONS
from autograder.gossip.load import Load
from autograder.gossip.options import BadOption, Order
from autograder.gossip.results import exit_code, results
from autograder.gossip.show import as_json, draw_failure, show, write
from autograder.gossip.topology import TOPOLOGIES
from autograder.gossip.trial import attempt

POSITIVE = Number(min=0, min_open=True)
LONGEST = 86_400.0  # seconds of a load
NODES = "n1,n2,n3,n4,n5"


@click.command("test")
@click.option("-w", "--workload", type=click.Choice(sorted(options.WORKLOADS)), required=True)
@click.option(
    "--bin", "program", required=True, metavar="PROGRAM", help="An executable, or FILE.py:Class."
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--node-count", type=click.IntRange(1, options.MOST_NODES), help="Wins over --nodes.")
@click.option("--nodes", default=NODES, show_default=True, help="Their names.")
@click.option("--concurrency", default="1n", show_default=True, help="Clients; 4n: four a node.")
@click.option("--rate", type=POSITIVE, default=5.0, show_default=True, help="Operations a second.")
@click.option(
    "--time-limit", type=Number(0, LONGEST, min_open=True), default=60.0, show_default=True,
    help="Seconds of load.",
)  # fmt: skip
@click.option(
    "--latency", type=Number(0, 60_000), default=0.0, show_default=True,
    help="Mean of messages between nodes, in milliseconds.",
)  # fmt: skip
@click.option(
    "--latency-dist",
    type=click.Choice(sorted(DISTRIBUTIONS)),
    default="constant",
    show_default=True,
)
@click.option(
    "--nemesis", metavar="FAULT,..",
    help=f"What goes wrong meanwhile, one or more of {', '.join(sorted(FAULTS))}.",
)  # fmt: skip
@click.option(
    "--nemesis-interval", type=Number(0, LONGEST, min_open=True), default=10.0, show_default=True,
    help="Seconds between a fault's begin and end, in the mean.",
)  # fmt: skip
@click.option(
    "--topology", type=click.Choice(sorted(TOPOLOGIES)), default="grid", show_default=True
)
@click.option("--availability", metavar="total|FRACTION", help="Operations that must succeed.")
@click.option(
    "--consistency-models", metavar="MODEL,..",
    help=f"What transactions must keep, one or more of {', '.join(LEVELS)}; by default the last.",
)  # fmt: skip
@click.option("--key-count", type=click.IntRange(1), help="Keys at a time.")
@click.option("--max-txn-length", type=click.IntRange(1), help="Operations of a transaction.")
@click.option("--max-writes-per-key", type=click.IntRange(1), help="Then another key comes.")
@click.option("--log-stderr", is_flag=True, help="Print what nodes write to standard error.")
@click.option("--log-net-send", is_flag=True, help="Print messages as they are sent.")
@click.option("--log-net-recv", is_flag=True, help="Print messages as they arrive.")
@click.option("--calm", type=Number(0, 3_600), default=10.0, show_default=True,
              help="Seconds of quiet before the last questions.")  # fmt: skip
@click.option("--seed", type=int, help="Of all choices by chance; without it, a new one.")
@click.option("--clock", type=click.Choice(["virtual", "wall"]), help="Virtual for a class alone.")
@click.option("--out", type=Folder(), help="A folder for results.json, node-logs/, messages.jsonl "
              "and the picture of a failure.")  # fmt: skip
@click.option("--json", "json_file", type=Output(), help="Write the result there.")
@click.pass_context
def test_command(context: click.Context, /, **given: Any) -> None:
    """Put PROGRAM through a workload of Maelstrom's, under faults, and judge what clients saw.

    PROGRAM is any executable that speaks the protocol (docs/protocol.md) on standard input and output;
    its ARGUMENTS stand behind `--`, and nodes run in a folder of their own. Or it is a class of a lab's
    file, as gossip/echo.py:EchoNode, which runs in the sandbox, in virtual time.

    Exit codes: 0 valid, 1 invalid, 2 unknown, or unusable arguments.
    """
    if os.name != "posix":
        raise Refusal("nodes need processes as POSIX has them: use WSL2.")
    if given["seed"] is None:
        given["seed"] = secrets.randbelow(1 << 31)
    try:
        order = read(given, repeating(context, given["seed"]))
    except BadOption as error:
        raise click.UsageError(str(error)) from None
    console = Console(highlight=False)
    try:
        with interrupting():
            trial = attempt(order, Tail(given).look)
    except (HarnessFault, Unsupported) as fault:
        raise Refusal(f"our fault: {fault}") from None
    except KeyboardInterrupt:
        raise Refusal("interrupted before anything was seen") from None
    result = results(trial)
    folder = given["out"]
    if folder is not None:
        write(folder, result, trial)
    elif result["valid"] is False:
        folder = Path(tempfile.mkdtemp(prefix="gossip-"))
    picture = draw_failure(folder, result, trial) if folder is not None else None
    show(result, trial, picture, console)
    if given["json_file"] is not None:
        given["json_file"].write_text(as_json(result), encoding="utf-8")
    sys.exit(exit_code(result))


def read(given: dict[str, Any], command: str) -> Order:
    """The run that the options describe; raises `BadOption`."""
    names = options.read_names(given["nodes"], given["node_count"])
    place = options.find_program(given["program"], given["arguments"], given["clock"])
    latency = given["latency"] / 1000
    load = Load(
        nodes=len(names),
        names=names,
        concurrency=options.read_concurrency(given["concurrency"], len(names)),
        rate=given["rate"],
        time_limit=given["time_limit"],
        latency=latency,
        latency_dist=given["latency_dist"],
        topology=given["topology"],
        timeout=options.timeout_of(given["workload"], latency),
        calm=given["calm"],
        interval=given["nemesis_interval"],
    )
    faults = options.read_faults(given["nemesis"], len(names))
    settings = {name: given[name] for name in options.SETTINGS if given[name] is not None}
    return Order(
        given["workload"],
        place.program,
        place.root,
        place.host,
        place.clock,
        load,
        faults,
        given["seed"],
        options.read_availability(given["availability"]),
        options.read_settings(given["workload"], settings),
        command,
    )


def repeating(context: click.Context, seed: int) -> str:
    """The command that repeats a run."""
    words = ["autograder", "gossip", "test"]
    for parameter in context.command.params:
        value = context.params[parameter.name or ""]
        typed = context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if typed and isinstance(parameter, click.Option) and parameter.name not in UNREPEATED:
            words += [parameter.opts[-1], *([] if parameter.is_flag else [str(value)])]
    behind = context.params["arguments"]
    return shlex.join([*words, "--seed", str(seed), *(["--", *behind] if behind else [])])


UNREPEATED = ("seed", "json_file", "out")


class Tail:
    """Prints what nodes say, and what they send, as it comes."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._said = given["log_stderr"]
        kinds = {"send": given["log_net_send"], "deliver": given["log_net_recv"]}
        self._kinds = {kind for kind, wanted in kinds.items() if wanted}
        self._events = 0
        self._notes: dict[str, int] = {}

    def look(self, cluster: Cluster) -> None:
        """Print what has come since the last look."""
        if self._said:
            for member in cluster.members.values():
                for note in member.log[self._notes.get(member.id, 0) :]:
                    click.echo(f"{note.now / 1e6:10.6f} {member.id}: {note.text}", err=True)
                self._notes[member.id] = len(member.log)
        if self._kinds:
            for event in cluster.trace.events[self._events :]:
                if event.kind in self._kinds and event.message is not None:
                    text = bytes(event.message.line).decode(errors="replace")
                    click.echo(f"{event.now / 1e6:10.6f} {event.kind} {text}", err=True)
            self._events = len(cluster.trace.events)


@contextmanager
def interrupting() -> Iterator[None]:
    """Let Ctrl-C, a closed terminal and SIGTERM end a run with what was seen so far."""

    def interrupt(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    old = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, old, strict=True):
            signal.signal(number, handler)
