"""The command line: `autograder VERB` or `python -m autograder VERB`."""

from __future__ import annotations

from typing import Any

import click

from autograder.commands.lazy import LazyGroup

VERBS = {
    "grade": "autograder.commands.grade:grade_command",
    "grade-class": "autograder.commands.grade_class:grade_class_command",
    "labs": "autograder.commands.grade:labs_command",
    "gossip": "autograder.commands.gossip:gossip",
    "gradescope": "autograder.commands.gradescope:gradescope_command",
    "handout": "autograder.commands.handout:handout_command",
    "kv": "autograder.commands.kv:kv",
    "mapreduce": "autograder.commands.mapreduce:mapreduce",
    "secret": "autograder.commands.secret:secret",
    "stubs": "autograder.commands.stubs:stubs_command",
}


@click.group(cls=LazyGroup, targets=VERBS, context_settings={"help_option_names": ["-h", "--help"]})
def autograder(**options: Any) -> None:
    """Grade labs in distributed systems, and run them for real."""


def main() -> None:
    """Entry point."""
    autograder(prog_name="autograder")


if __name__ == "__main__":
    main()
