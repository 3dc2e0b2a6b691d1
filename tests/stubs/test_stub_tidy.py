"""What `stub_source` makes of a tidy file is tidy."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.stubs.sources import flush, stub

TIDY = {
    "imports": '''
        """Doc."""

        # BEGIN SOLUTION
        import ast

        # END SOLUTION
        import asyncio

        # BEGIN SOLUTION
        import heapq

        # END SOLUTION
        import sys
        from collections.abc import Iterator

        # BEGIN SOLUTION
        import msgspec

        # END SOLUTION
        from labs.node import Node

        __all__ = ["Iterator", "Node", "asyncio", "sys"]
        # BEGIN SOLUTION
        _USED = [ast, heapq, msgspec]
        # END SOLUTION
    ''',
    "nothing but imports": '''
        """Doc."""

        # BEGIN SOLUTION
        import os

        # END SOLUTION


        def f() -> None:
            """Doc."""
            # BEGIN SOLUTION
            os.abort()
            # END SOLUTION
    ''',
    "the last import": '''
        import os

        # BEGIN SOLUTION
        import msgspec

        # END SOLUTION


        class A:
            """Doc."""

            # BEGIN SOLUTION
            _x = msgspec
            # END SOLUTION
            y = os
    ''',
    "helpers of a module": '''
        X = 1
        # BEGIN SOLUTION
        _LIMIT = 3


        def _helper() -> int:
            return _LIMIT


        # END SOLUTION
        class A:
            """Doc."""


        # BEGIN SOLUTION
        def _last() -> None:
            pass


        # END SOLUTION
    ''',
    "methods": '''
        class A:
            x = 1

            # BEGIN SOLUTION: Whatever helps.
            def _a(self) -> int:
                return 1

            # END SOLUTION
            async def b(self) -> None:
                """Doc."""

                # BEGIN SOLUTION
                def inner() -> None:
                    pass

                inner()
                # END SOLUTION

            # BEGIN SOLUTION
            def _c(self) -> None:
                pass

            # END SOLUTION


        X = 1
    ''',
    "inner functions": """
        def f() -> None:
            # BEGIN SOLUTION
            print()

            # END SOLUTION
            def inner() -> None:
                pass

            inner()
            # BEGIN SOLUTION
            print()
            # END SOLUTION

            def other() -> None:
                pass

            other()
    """,
    "long names": """
        class Coordinator_of_many_workers:
            def answer_whoever_asks_for_a_task(self) -> None:
                # BEGIN SOLUTION
                pass
                # END SOLUTION
    """,
}


@pytest.mark.parametrize("source", TIDY.values(), ids=TIDY)
@pytest.mark.parametrize("made", [flush, stub], ids=["source", "stub"])
@pytest.mark.parametrize("command", ["format --check", "check --select E,F,I,W"])
def test_the_stub_of_a_tidy_file_is_tidy(
    source: str, made: Callable[[str], str], command: str
) -> None:
    ruff = [sys.executable, "-m", "ruff", *command.split(), "--isolated", "--line-length=100", "-"]
    done = subprocess.run(ruff, input=made(source), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + made(source)
