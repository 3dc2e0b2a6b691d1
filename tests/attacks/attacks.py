"""Attacks: submissions that try to cheat, or to break the grader, and what must become of them.

An attack is a file `tests/attacks/GROUP/NAME.toml`. It always fails if it is stopped, and says by what; it
would pass if it were not. It is one of these:

    attempt = "..."             what a server of the versioned store does as it is made, and then serves
                                honestly; it raises if it is stopped
    tell = "..."; ask = "..."   what a node does that is told a bit, and what another does, or itself after
                                a crash (`crossing = "crash"`), to `return` that bit; it knows it from no
                                message and no disk
    [[edits]] or [files]        any submission of a lab: edits of the reference as in `tests/mutants`, or
                                whole files

`$name` stands for something around the nodes (`surroundings.py`), as a Python literal; the functions of
`tools.py` are at hand. `stopped` is a regular expression for the first line of what is seen; `through` are
the rungs of the sandbox that do not stop it; on those in `untried` it would harm the machine, or it
depends on the machine whether it works.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from string import Template
from textwrap import indent
from typing import Literal

import msgspec

from autograder.catalog import LABS
from autograder.sandbox import RUNGS
from tests.mutants.mutants import SOLUTIONS, Edit

HERE = Path(__file__).parent
MADE = "        self._entries: dict[str, GetOk] = {}\n"  # the line of the server that an attempt follows


class AttackError(Exception):
    """An attack cannot be read or written; one sentence that names it and says why."""


class Attack(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an attack's file holds."""

    title: str
    stopped: str
    lab: str = "kv"
    tests: tuple[str, ...] = ("test_put_and_get",)
    attempt: str = ""
    tell: str = ""
    ask: str = ""
    crossing: Literal["nodes", "crash"] = "nodes"
    edits: list[Edit] = []
    files: dict[str, str] = {}
    through: list[str] = []
    untried: dict[str, str] = {}
    name: str = ""

    def __str__(self) -> str:
        return self.name

    def problem(self) -> str | None:
        """What is wrong with it, in a sentence."""
        kinds = [bool(self.attempt), bool(self.tell and self.ask), bool(self.edits or self.files)]
        if kinds.count(True) != 1:
            return "is not one of an attempt, a tell with its ask, and a submission"
        if self.lab not in LABS:
            return f"is of no lab: {self.lab}"
        if wrong := [rung for rung in (*self.through, *self.untried) if rung not in RUNGS]:
            return f"names {wrong[0]}, which is no rung"
        if set(self.through) & set(self.untried):
            return "goes through on a rung on which it is not tried"
        return None


def read(path: Path) -> Attack:
    """The attack of a file; raises `AttackError` if it is none."""
    name = f"{path.parent.name}/{path.stem}"
    try:
        attack = msgspec.toml.decode(path.read_bytes(), type=Attack)
        re.compile(attack.stopped)
    except (msgspec.DecodeError, re.error) as error:
        raise AttackError(f"attack {name}: {error}") from None
    if problem := attack.problem():
        raise AttackError(f"attack {name} {problem}")
    return msgspec.structs.replace(attack, name=name)


def all_attacks() -> list[Attack]:
    """All of them, by name."""
    return [read(path) for path in sorted(HERE.glob("*/*.toml"))]


def write(attack: Attack, root: Path, around: Mapping[str, object]) -> None:
    """Make `root` the attack's submission."""
    empty(root)
    if attack.tell:
        write_talker(attack, root, around)
        return
    shutil.copytree(SOLUTIONS / attack.lab, root / attack.lab, ignore=no_cache)
    if attack.lab != "kv":
        shutil.copytree(SOLUTIONS / "kv", root / "kv", ignore=no_cache)
    shutil.copy(HERE / "tools.py", root / attack.lab)
    if attack.attempt:
        code = f"\n\ndef attempt(node):\n{indent(filled(attack.attempt, around), '    ')}"
        (root / "kv" / "attempt.py").write_text("from kv.tools import *\n" + code)
        edit(
            attack,
            root,
            Edit(
                "kv/server.py",
                MADE,
                MADE + "        from kv.attempt import attempt; attempt(self)\n",
            ),
        )
    for change in attack.edits:
        edit(attack, root, Edit(change.file, change.old, filled(change.new, around)))
    for name, text in attack.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(filled(text, around), encoding="utf-8")


def write_talker(attack: Attack, root: Path, around: Mapping[str, object]) -> None:
    """Write the node that is told a bit and is asked for it."""
    (root / "channel").mkdir()
    for name in ("tools.py", "talker.py"):
        shutil.copy(HERE / name, root / "channel")
    tell, ask = (indent(filled(code, around), "    ") for code in (attack.tell, attack.ask))
    head = "from channel.tools import *\n\n\n"
    code = f"{head}def tell(node, bit):\n{tell}\n\ndef ask(node):\n{ask}"
    (root / "channel" / "bits.py").write_text(code)


def write_honest(lab: str, root: Path) -> None:
    """Make `root` the reference of a lab."""
    empty(root)
    for name in {lab, "kv"}:
        shutil.copytree(SOLUTIONS / name, root / name, ignore=no_cache)


no_cache = shutil.ignore_patterns("__pycache__")


def empty(root: Path) -> None:
    """Remove all that is in a folder."""
    for path in root.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def filled(code: str, around: Mapping[str, object]) -> str:
    """The code, with the literals of what it names."""
    return Template(code).substitute({name: repr(thing) for name, thing in around.items()})


def edit(attack: Attack, root: Path, change: Edit) -> None:
    """Change one place of one file."""
    path = root / change.file
    text = path.read_text(encoding="utf-8")
    if (count := text.count(change.old)) != 1:
        raise AttackError(
            f"attack {attack}: in {change.file}, {change.old!r} must occur once, not {count} times"
        )
    path.write_text(text.replace(change.old, change.new), encoding="utf-8")
