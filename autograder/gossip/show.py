"""A result on a terminal, and in a folder of files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.gossip.trial import Trial
from autograder.report import words
from autograder.report.picture import Scene, draw
from autograder.report.terminal import confinement
from autograder.report.text import SEEN, block, line
from autograder.verdict import Verdict

STYLES = {True: "bold green", False: "bold red"}  # of `valid`
VALUE = 300  # characters of a figure
SHOWN = 8  # operations of the evidence


def show(result: Mapping[str, Any], trial: Trial, picture: Path | None, console: Console) -> None:
    """Print a result, the verdict last."""
    console.print(operations_table(result))
    console.print(net_table(result["net"]))
    fields = figures_of(result)
    if sentence := result["sentence"]:
        fields["seen"] = Text(block(sentence, SEEN))
        for number, each in enumerate(evidence_of(trial)[:SHOWN]):
            fields[f"evidence {number + 1}"] = Text(each)
    said = grid()
    for name, value in fields.items():
        said.add_row(Text(name, "dim"), value)
    console.print(said)
    if result["valid"] is not True and result["command"]:
        console.print(Text(f"repeat  {result['command']}"), soft_wrap=True)
        if trial.order.clock == "wall":
            console.print(
                "        (time is the wall's: the faults repeat, the run only nearly)", style="dim"
            )
    if picture is not None:
        console.print(Text(f"picture {picture}"), soft_wrap=True)
    if (rung := confinement(trial.sandbox)) and trial.order.host == "process":
        console.print(rung, style="dim")
    valid = result["valid"]
    word = {True: "valid", False: "INVALID"}.get(valid, "UNKNOWN")
    console.print(Text(f"{result['workload']['name']}: {word}", STYLES.get(valid, "bold yellow")))


def grid() -> Table:
    """Names and values."""
    made = Table.grid(padding=(0, 2))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    return made


def figures_of(result: Mapping[str, Any]) -> dict[str, Text]:
    """What is one number or a few."""
    part = result["availability"]["ok-fraction"]
    workload = {k: v for k, v in result["workload"].items() if k not in ("name", "valid")}
    fields = {
        "availability": "no operations" if part is None else f"ok-fraction {part:.6g}",
        **{f"workload {name}": line(str(value), VALUE) for name, value in workload.items()},
        "faults": ", ".join(f"{name} {times}" for name, times in result["faults"].items())
        or "none",
        "seed": str(result["seed"]),
    }
    return {name: Text(value) for name, value in fields.items()}


def operations_table(result: Mapping[str, Any]) -> Table:
    """How many operations of each name ended how."""
    stats = result["stats"]
    made = table("stats", "count", "ok", "fail", "info")
    for name, found in {**stats["by-f"], "all": stats}.items():
        numbers = (found[key] for key in ("count", "ok-count", "fail-count", "info-count"))
        made.add_row(Text(line(name, VALUE)), *map(str, numbers))
    return made


def net_table(net: Mapping[str, Any]) -> Table:
    """How many messages it took."""
    made = table("net", "send-count", "msgs-per-op")
    for who in ("all", "clients", "servers"):
        found = net.get(who, {"send-count": 0, "msgs-per-op": None})
        per = found["msgs-per-op"]
        made.add_row(who, str(found["send-count"]), "" if per is None else f"{per:.4g}")
    return made


def table(*headings: str) -> Table:
    """A table of numbers with names in front."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        made.add_column(heading, justify="right" if number else "left")
    return made


def evidence_of(trial: Trial) -> list[str]:
    """The operations that break the guarantee, one in a line."""
    return [
        f"{each.client} at {each.node or '?'}: {words.said(each)}  ({span(each.invoked, each.returned)})"
        for each in trial.evidence
    ]


def span(invoked: int, returned: int | None) -> str:
    """From when to when, in seconds."""
    end = "..." if returned is None else f"{returned / 1e6:.3f}"
    return f"{invoked / 1e6:.3f} to {end} s"


def write(folder: Path, result: Mapping[str, Any], trial: Trial) -> None:
    """Write all that is known of a trial into a folder: see `--out`."""
    logs = folder / "node-logs"
    logs.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(as_json(result), encoding="utf-8")
    if trial.cluster is None:
        return
    for member in trial.cluster.members.values():
        text = "".join(f"{note.text}\n" for note in member.log)
        (logs / f"{member.id}.log").write_text(text, encoding="utf-8", errors="replace")
    lines = b"\n".join([*trial.cluster.trace.lines(), b""])
    (folder / "messages.jsonl").write_bytes(lines)


def draw_failure(folder: Path, result: Mapping[str, Any], trial: Trial) -> Path | None:
    """Draw a run that broke its promise into a folder: the page."""
    if trial.cluster is None or result["valid"] is not False:
        return None
    scene = Scene(
        title=f"{trial.order.workload}, seed {trial.order.seed}",
        seen=result["sentence"],
        command=result["command"],
        verdict=Verdict.FAIL,
        events=trial.cluster.trace.events,
        operations=list(trial.cluster.history),
        evidence=trial.evidence,
        cycle=trial.judgement.finding.cycle if not trial.found.evidence else (),
    )
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "picture.html"
    page.write_text(draw(scene).page(), encoding="utf-8", errors="replace")
    return page


def as_json(result: Mapping[str, Any]) -> str:
    """A result as JSON; a node may have answered numbers of any size."""
    return json.dumps(result, indent=2, default=str) + "\n"
