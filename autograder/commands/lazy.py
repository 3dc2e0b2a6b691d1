"""Groups of commands that import no more than is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """Imports a command's module when it is called, or listed in a help, and not before.

    `targets` names the commands: by its name, each one's module and what it is called there, as
    `"package.module:function"`.
    """

    def __init__(self, *arguments: Any, targets: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._targets = targets

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(self._targets)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self._targets:
            return None
        module, _, function = self._targets[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command
