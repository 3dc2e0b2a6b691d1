"""`python -m autograder.course.leash FOLDER ARGUMENT...`: the command line, for no longer than its starter.

A grading process that outlived whoever started it would go on for minutes, unseen. So it holds the other
end of a pipe: when that is closed, however its starter ended, `FOLDER` is removed, and the process ends
itself with all of its group.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from autograder.sandbox.scratch import remove


def hold(descriptor: int, folder: str) -> None:
    """Wait until the pipe is closed; then end."""
    while os.read(descriptor, 1):
        pass
    try:
        remove(folder)
    finally:
        os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Entry point: the pipe is the standard input, of which nobody else gets to know."""
    pipe = os.dup(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    threading.Thread(target=hold, args=(pipe, sys.argv.pop(1)), daemon=True).start()
    from autograder.__main__ import main as command_line

    command_line()


if __name__ == "__main__":
    main()
