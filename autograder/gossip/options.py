"""What is to be run: the options of `autograder gossip test`, read and made sense of."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.catalog import LABS
from autograder.gossip.cuts import CUTS
from autograder.gossip.faults import FAULTS
from autograder.gossip.latency import is_client
from autograder.gossip.load import Load
from autograder.gossip.services import Services
from autograder.gossip.workload import Workload

PACKAGE = "autograder.gossip.workloads"
WORKLOADS = {
    "echo": f"{PACKAGE}.echo:Echo",
    "unique-ids": f"{PACKAGE}.unique_ids:UniqueIds",
    "broadcast": f"{PACKAGE}.broadcast:Broadcast",
    "g-set": f"{PACKAGE}.g_set:GSet",
    "g-counter": f"{PACKAGE}.counters:GCounter",
    "pn-counter": f"{PACKAGE}.counters:PNCounter",
    "kafka": f"{PACKAGE}.kafka:Kafka",
    "lin-kv": f"{PACKAGE}.lin_kv:LinKV",
    "txn-list-append": f"{PACKAGE}.txn_list_append:TxnListAppend",
    "txn-rw-register": f"{PACKAGE}.txn_rw_register:TxnRwRegister",
    "lock": f"{PACKAGE}.lock:Lock",
}
SETTINGS = {  # options of the command, and what workloads call them
    "consistency_models": ("model",),
    "key_count": ("keys",),
    "max_txn_length": ("length",),
    "max_writes_per_key": ("writes", "messages_per_key"),
}
CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
LEAST_TIMEOUT = 1.0  # seconds, of a client of lin-kv; it waits for ten times the mean latency
TOTAL = "total"
MOST_NODES = 200


class BadOption(ValueError):
    """An option that cannot be used: says why, in a sentence."""


@dataclass(frozen=True)
class Order:
    """A run that is wanted. `program` is what a cluster starts, from `root` or as an executable."""

    workload: str
    program: str
    root: Path
    host: str
    clock: str
    load: Load
    faults: tuple[str, ...]
    seed: int
    availability: float | None = None  # the part of the operations that must succeed
    settings: Mapping[str, Any] = field(default_factory=dict)  # of the workload
    command: str = ""  # repeats it

    def make(self) -> Workload:
        """A workload for one run."""
        made: Workload = workload_class(self.workload)(**self.settings)
        return made


def workload_class(name: str) -> Any:
    """The class of a workload."""
    module, _, cls = WORKLOADS[name].partition(":")
    return getattr(importlib.import_module(module), cls)


def read_settings(workload: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a workload is made with; raises `BadOption` for one that it does not have."""
    known = inspect.signature(workload_class(workload)).parameters
    settings = {}
    for option, value in given.items():
        name = next((name for name in SETTINGS[option] if name in known), None)
        if name is None:
            shown = option.replace("_", "-")
            raise BadOption(f"--{shown} means nothing to the workload {workload}.")
        settings[name] = value
    try:
        workload_class(workload)(**settings)
    except ValueError as error:
        raise BadOption(f"{error}.") from None
    return settings


def read_concurrency(text: str, nodes: int) -> int:
    """How many clients: `10`, or `4n` for four of each node."""
    number = text.removesuffix("n")
    if not (number.isdecimal() and 1 <= int(number) <= 10_000):
        raise BadOption(
            f"--concurrency {text}: write how many clients, 10000 at most, or 4n: four a node."
        )
    return int(number) * (nodes if text.endswith("n") else 1)


def read_availability(text: str | None) -> float | None:
    """The part of the operations that must succeed."""
    if text is None:
        return None
    try:
        part = 1.0 if text == TOTAL else float(text)
    except ValueError:
        part = -1.0
    if not 0 <= part <= 1:
        raise BadOption(f"--availability {text}: write total, or a fraction from 0 to 1.")
    return part


def read_list(text: str | None) -> tuple[str, ...]:
    """Words between commas, each once."""
    words = (word.strip() for word in (text or "").split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def read_faults(text: str | None, nodes: int) -> tuple[str, ...]:
    """The kinds of faults that are wanted, and can strike so many nodes."""
    wanted = tuple(word for word in read_list(text) if word != "none")
    for word in wanted:
        if word not in FAULTS:
            raise BadOption(f"--nemesis {word}: there are {', '.join(sorted(FAULTS))}.")
        if word in CUTS and nodes == 1:
            raise BadOption(
                f"--nemesis {word}: there is one node, and no link between nodes to cut."
            )
    return wanted


def read_names(text: str | None, count: int | None) -> tuple[str, ...]:
    """The names of the nodes; the count, if it is given, wins, as Maelstrom has it."""
    names = read_list(text)
    if count is not None:
        return tuple(f"n{number + 1}" for number in range(count))
    taken = {"test", *Services.names}
    for name in names:
        if is_client(name) or name in taken or not name.isprintable() or "/" in name:
            raise BadOption(f"--nodes {name}: this is no name for a node, as n1 is.")
    if not 1 <= len(names) <= MOST_NODES:
        raise BadOption(f"--nodes {text}: write names between commas, at most {MOST_NODES}.")
    return names


@dataclass(frozen=True)
class Program:
    """What a cluster starts, where it finds it, and how it runs."""

    program: str
    root: Path
    host: str
    clock: str


def find_program(bin: str, arguments: Iterable[str], clock: str | None) -> Program:
    """The program that `--bin` names: `FILE.py:Class`, or an executable with arguments."""
    file, colon, name = bin.rpartition(":")
    if colon and file.endswith(".py") and name.isidentifier():
        return find_class(file, name, arguments, clock)
    if clock == "virtual":
        raise BadOption(
            f"--clock virtual: the time of an executable is the wall's; {bin} is no FILE.py:Class."
        )
    found = shutil.which(bin)
    if found is None:
        raise BadOption(f"--bin {bin}: {why_not(bin)}.")
    words = [os.path.abspath(found), *map(absolute, arguments)]
    return Program(shlex.join(words), Path("/"), "command", "wall")


def find_class(file: str, name: str, arguments: Iterable[str], clock: str | None) -> Program:
    """The class of a lab's file, which runs in the sandbox."""
    path = Path(os.path.abspath(file))
    if not path.is_file():
        raise BadOption(f"--bin {file}:{name}: there is no file {file}.")
    if any(arguments):
        raise BadOption(f"--bin {file}:{name}: a class takes no arguments.")
    text = path.read_text(encoding="utf-8", errors="replace")
    if name not in text:
        known = ", ".join(CLASS.findall(text)) or "none"
        raise BadOption(
            f"--bin {file}:{name}: there is no {name} in this file; its classes: {known}."
        )
    in_lab = path.parent.name in LABS
    root = path.parent.parent if in_lab else path.parent
    program = f"{path.relative_to(root)}:{name}"
    return Program(program, root, "process", clock or "virtual")


def why_not(bin: str) -> str:
    """Why there is no such executable."""
    if not bin:
        return "name a program"
    if Path(bin).is_dir():
        return "this is a folder"
    if Path(bin).is_file():
        return f"this file is not executable: chmod +x {shlex.quote(bin)}"
    return "there is no such program"


def absolute(word: str) -> str:
    """An argument; what names a file names it from everywhere, since nodes run in a folder of their own."""
    return os.path.abspath(word) if os.path.isfile(word) else word


def timeout_of(workload: str, latency: float) -> float:
    """How long a client waits for a reply, in seconds, as Maelstrom's do."""
    return max(LEAST_TIMEOUT, 10 * latency) if workload == "lin-kv" else Load.timeout
