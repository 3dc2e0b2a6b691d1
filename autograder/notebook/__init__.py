"""The notebook of a lab: how it is built, what its cells are, and what students call in it.

`build.py` makes it, `cells.py` reads it, whoever it comes from. `suite.py` runs checks in a process of its
own, `live.py` shows them while it does, `beside.py` looks after files that were changed beside their cells.
A student's kernel imports this; a grade never runs a kernel.
"""

from __future__ import annotations

from typing import Any

__all__ = ["check", "load_ipython_extension"]


def check(lab: str, part: str = "") -> None:
    """Run the checks of a lab on the files beside the notebook, and show what they find.

    `part` is a module of the suite, such as "losses", or a piece of the names of tests, such as
    "lost_reply"; without it all are run. Raises `ChecksFailed` unless all pass.
    """
    from autograder.notebook.live import show_checks

    show_checks(lab, part)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext autograder.notebook`: `%%writefile` loses no change that was made beside a cell."""
    from autograder.notebook.beside import guard

    guard(shell)
