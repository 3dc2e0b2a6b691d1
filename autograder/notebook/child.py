"""The process that runs checks, as the notebook's kernel sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType

import msgspec

from autograder.catalog import REPOSITORY
from autograder.notebook.events import Checks, Ended, Event, Refused
from autograder.report.text import block

TAIL = 4_000  # bytes of what it printed that are shown if it fails


class Lost(Exception):
    """The process ended before the checks did. That is our fault; the text says what it printed."""


class Child:
    """Runs checks; with the end of `with`, the process and all that it started are dead."""

    def __init__(self, checks: Checks) -> None:
        # -P: this folder is the student's, and may hold a `random.py`.
        command = [sys.executable, "-P", "-m", "autograder.notebook.suite"]
        command.append(msgspec.json.encode(checks).decode())
        paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `close`)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # an interrupt is the kernel's to handle, not its own
        )

    @property
    def pid(self) -> int:
        """The process's id, which is its group's, too."""
        return self._process.pid

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def events(self) -> Iterator[Event]:
        """What happens, when it does; the last is `Ended` or `Refused`. Raises `Lost`."""
        decode = msgspec.json.Decoder(Event).decode
        assert self._process.stdout is not None
        for said in self._process.stdout:
            event = decode(said)
            yield event
            if isinstance(event, Ended | Refused):
                return
        self._process.wait()
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - TAIL))
        raise Lost(block(self._errors.read().decode(errors="replace"), TAIL))

    def close(self) -> None:
        """Kill the process and its group, if they still run."""
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()
