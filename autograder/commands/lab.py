"""A root's MapReduce lab, for the commands that run it for real in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from autograder.catalog import GIVEN
from autograder.commands.real import Failure, Refusal
from labs.node.hosts import load
from labs.node.hosts.real import explain


class Lab:
    """The classes and functions of a root's `mapreduce` folder."""

    def __init__(self) -> None:
        self.coordinator = load.load("mapreduce/coordinator.py:Coordinator")
        self.worker = load.load("mapreduce/worker.py:Worker")
        self.sequential = load.load("mapreduce/sequential.py:sequential")
        self.merged = load.load("mapreduce/sequential.py:merged")
        self.app = load.import_file("mapreduce/app.py")
        self.runner = load.import_file("mapreduce/runner.py")

    def make_app(self, name: str, settings: Mapping[str, str]) -> Any:
        """The app of that name; refuses one that is not there or does not load."""
        try:
            return self.app.load_app(name, settings)
        except self.app.AppError as error:
            raise Refusal(str(error)) from None
        except Exception as problem:
            raise Refusal(f"the app {name} cannot be loaded: {explain(problem)}") from None

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Say in one sentence what ended a job, and whose fault it was."""
        try:
            yield
        except click.ClickException:
            raise
        except self.runner.Unusable as error:
            raise Refusal(str(error)) from None
        except self.runner.JobFailed as error:
            raise Failure(str(error)) from None
        except Exception as problem:
            raise Failure(explain(problem)) from None


def load_lab(root: Path) -> Lab:
    """Load the lab of a root; refuses one that lacks a file or does not load."""
    if not (root / "mapreduce").is_dir():
        raise Refusal(f"{root} holds no folder mapreduce/: name the one that does")
    try:
        load.prepare(str(folder.absolute()) for folder in dict.fromkeys((root, GIVEN)))
        return Lab()
    except Exception as problem:
        raise Refusal(f"cannot use the lab in {root}: {explain(problem)}") from None
