"""How submissions are graded: the same for all of a lab, so that nobody's luck differs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.catalog import GIVEN
from autograder.cluster.errors import HarnessFault
from autograder.run import Runner, Settings
from autograder.sandbox import BEST, RUNGS
from autograder.secret import FILE_VARIABLE, course_secret, fingerprint

UNCONFINED = "none"  # the rung that keeps a submission from nothing
TIME_LIMIT = 540.0  # seconds: less than Gradescope gives by itself


class Refused(Exception):
    """Nothing can be graded on these terms; the text is a sentence for the instructor."""


@dataclass(frozen=True)
class Terms:
    """How a submission is graded.

    `seeds`: runs of each test, None for the suite's own number. `time_limit`: real seconds for the whole
    submission. `sandbox`: a rung, or the best that there is. `unconfined`: whether it may be none at all.
    `secret_file`: the course's secret, None for what the environment names. `jobs`: tests side by side.
    """

    seeds: int | None = None
    time_limit: float = TIME_LIMIT
    sandbox: str = BEST
    unconfined: bool = False
    secret_file: Path | None = None
    jobs: int = 1

    def settled(self) -> Terms:
        """The same with the rung that is used here; raises `Refused` if these terms cannot be kept.

        Whoever grades many settles once: then all of them are on the same rung.
        """
        self.check_secret()
        rung = best_rung(self.unconfined) if self.sandbox == BEST else self.sandbox
        if rung == UNCONFINED and not self.unconfined:
            raise Refused(
                "Other people's files are not graded unconfined: allow it in words "
                "(--unconfined, or unconfined = true in course.toml)."
            )
        return replace(self, sandbox=rung)

    def environment(self) -> Mapping[str, str]:
        """What the grading process sees: the secret is there, and never among the arguments."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        if self.secret_file is None:
            return inherited
        return inherited | {FILE_VARIABLE: str(self.secret_file.absolute())}

    def secret_path(self) -> Path | None:
        """The file that the secret is read from, if it is in one."""
        named = self.environment().get(FILE_VARIABLE)
        return Path(named) if named else None

    def fingerprint(self) -> str:
        """What tells the course's secret from others; empty if it cannot be read."""
        try:
            return fingerprint(course_secret(self.environment()))
        except (OSError, ValueError):
            return ""

    def check_secret(self) -> None:
        """Raise `Refused` if the course's secret cannot be read."""
        try:
            course_secret(self.environment())
        except (OSError, ValueError) as error:
            raise Refused(f"The course's secret cannot be read: {error}.") from None


def best_rung(unconfined: bool) -> str:
    """The best rung of the sandbox that works here; raises `Refused` if none does."""
    rungs = tuple(rung for rung in RUNGS if unconfined or rung != UNCONFINED)
    with tempfile.TemporaryDirectory(prefix="autograder-") as folder:
        os.chmod(folder, 0o711)
        root = Path(folder, "root")
        root.mkdir(0o755)
        runner = Runner(Settings(root, GIVEN, rungs=rungs))
        try:
            return runner.sandbox()
        except HarnessFault:
            raise Refused(
                "This machine can confine no submission: grade in a container or a virtual machine "
                "with --unconfined, or on another machine."
            ) from None
        finally:
            runner.close()
