"""`python -m tests.sandbox.masked [CALL]...`: the sandbox on a kernel that lacks some system calls.

The calls fail in this process and in all that it starts, as on an older kernel or in a container. It
prints JSON: the rung that is chosen, and what becomes of an honest submission and of two attacks.
"""

from __future__ import annotations

import contextlib
import errno
import json
import sys

from autograder.catalog import GIVEN
from autograder.run import Runner, Settings
from tests.attacks.attacks import HERE, read, write, write_honest
from tests.attacks.crossings import between_nodes
from tests.attacks.other_python import can_be_another_user, nodes_on_it
from tests.attacks.surroundings import Surroundings, surroundings
from tests.mutants.trial import suite_of


def mask(calls: list[str]) -> None:
    """Let these system calls fail from now on."""
    import pyseccomp

    filter_ = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for call in calls:
        filter_.add_rule(pyseccomp.ERRNO(errno.ENOSYS), call)
    filter_.load()


def look(around: Surroundings) -> dict[str, str]:
    """The rung, and the verdicts."""
    runner, test = Runner(Settings(around.root, GIVEN)), suite_of("kv")["test_put_and_get"]
    try:
        write_honest("kv", around.root)
        found = {"honest": runner.run_once(test, 1).verdict.value}
        write(read(HERE / "reach/other_student.toml"), around.root, around.around())
        found["reader"] = runner.run_once(test, 1).verdict.value
        write(read(HERE / "channels/lock_of_a_file.toml"), around.root, around.around())
        found["talker"] = runner.run_once(between_nodes, 1).verdict.value
        return {"rung": runner.sandbox(), **found}
    finally:
        runner.close()


def main(calls: list[str]) -> None:
    """Look, with nodes on a Python that another user can run, if there is one."""
    other = nodes_on_it() if can_be_another_user() else contextlib.nullcontext()
    with surroundings() as around, other:
        mask(calls)
        print(json.dumps(look(around)))


if __name__ == "__main__":
    main(sys.argv[1:])
