"""The command line: `autograder VERB` or `python -m autograder VERB`."""

from __future__ import annotations

import importlib
from typing import Any

import click

VERBS = {
    "grade": "autograder.commands.grade:grade_command",
    "labs": "autograder.commands.grade:labs_command",
    "kv": "autograder.commands.kv:kv",
    "mapreduce": "autograder.commands.mapreduce:mapreduce",
    "stubs": "autograder.commands.stubs:stubs_command",
}


class Verbs(click.Group):
    """Imports a verb's module when it is called, and not before."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module, _, function = VERBS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
def autograder(**options: Any) -> None:
    """Grade labs in distributed systems, and run them for real."""


def main() -> None:
    """Entry point."""
    autograder(prog_name="autograder")


if __name__ == "__main__":
    main()
