"""`python -m tests.attacks`: what each rung of the sandbox stops, as the table of `README.md`."""

from __future__ import annotations

from itertools import groupby

from autograder.sandbox import RUNGS
from tests.attacks.attacks import Attack, all_attacks


def table() -> str:
    """Markdown: a line for each attack."""
    lines = [f"| attack | {' | '.join(RUNGS)} |", f"|---|{'---|' * len(RUNGS)}"]
    for group, attacks in groupby(all_attacks(), key=group_of):
        lines.append(f"| **{group}** |{' |' * len(RUNGS)}")
        lines += map(line, attacks)
    return "\n".join(lines)


def line(attack: Attack) -> str:
    """The line of an attack."""
    return f"| {attack.title} | {' | '.join(sign(attack, rung) for rung in RUNGS)} |"


def group_of(attack: Attack) -> str:
    """The folder that it is in."""
    return attack.name.partition("/")[0]


def sign(attack: Attack, rung: str) -> str:
    """What becomes of an attack on a rung."""
    if rung in attack.untried:
        return "untried"
    return "through" if rung in attack.through else "stopped"


if __name__ == "__main__":
    print(table())
