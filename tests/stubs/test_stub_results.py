"""What `stub_source` makes of a file."""

import ast

import pytest

from autograder.stubs import stub_source
from tests.stubs.sources import flush, stub


def test_a_file_without_regions_stays_as_it_is() -> None:
    source = "x = 1  \r\n\tnot even Python\n\n\n"
    assert stub_source(source, "file.py") == source


def test_a_region_in_a_method_raises_and_names_it() -> None:
    assert stub('''
        class Coordinator:
            """Hands out tasks."""

            def get_task(self) -> int:
                """Hand out a task."""
                found = 1
                # BEGIN SOLUTION
                # the oldest first
                found += 1

                return found
                # END SOLUTION
    ''') == flush('''
        class Coordinator:
            """Hands out tasks."""

            def get_task(self) -> int:
                """Hand out a task."""
                found = 1
                raise NotImplementedError("Coordinator.get_task is yours to write")
    ''')


def test_a_region_may_stand_deep_in_a_function() -> None:
    assert stub("""
        async def serve(task):
            try:
                if task:
                    # BEGIN SOLUTION
                    return 1
                    # END SOLUTION
                else:
                    return 2
            finally:
                # BEGIN SOLUTION
                print()
                # END SOLUTION
    """) == flush("""
        async def serve(task):
            try:
                if task:
                    raise NotImplementedError("serve is yours to write")
                else:
                    return 2
            finally:
                raise NotImplementedError("serve is yours to write")
    """)


def test_a_hint_becomes_a_comment() -> None:
    assert stub("""
        def f():
            # BEGIN SOLUTION: Think of # signs: too.
            return 1
            # END SOLUTION
    """) == flush("""
        def f():
            # Think of # signs: too.
            raise NotImplementedError("f is yours to write")
    """)


def test_a_long_hint_is_wrapped() -> None:
    hint = "word " * 40
    lines = stub(f"def f():\n    # BEGIN SOLUTION: {hint}\n    x()\n    # END SOLUTION\n").split(
        "\n"
    )
    assert max(map(len, lines)) <= 100
    assert " ".join(line.removeprefix("    # ") for line in lines[1:-2]) == hint.strip()


def test_regions_of_a_class_and_of_a_module_become_comments() -> None:
    assert stub('''
        """Doc."""

        # BEGIN SOLUTION: Durations are in seconds.
        _PATIENCE = 10
        # END SOLUTION


        class Worker:
            # BEGIN SOLUTION
            _busy = False

            def _run(self):
                self.x = [y for y in "ab"]

            # END SOLUTION

            def run(self): ...
    ''') == flush('''
        """Doc."""

        # Durations are in seconds.
        # Your code here.


        class Worker:
            # Your code here.

            def run(self): ...
    ''')


def test_imports_become_a_comment() -> None:
    assert stub("""
        import os

        # BEGIN SOLUTION
        import sys
        from typing import Any
        # END SOLUTION


        class A: ...
    """) == flush("""
        import os

        # Your imports here.


        class A: ...
    """)


@pytest.mark.parametrize("prefix", ["", "async "])
def test_a_generator_stays_one(prefix: str) -> None:
    made = stub(f"""
        {prefix}def numbers():
            # BEGIN SOLUTION
            for number in range(3):
                yield number
            # END SOLUTION
    """)
    function = ast.parse(made).body[0]
    assert [type(each) for each in ast.walk(function) if isinstance(each, ast.Yield)] == [ast.Yield]


def test_a_function_does_not_become_a_generator() -> None:
    made = stub("""
        def numbers():
            # BEGIN SOLUTION
            def inner():
                yield 1
            return inner
            # END SOLUTION
    """)
    assert "yield" not in made


def test_code_after_a_region_may_be_out_of_reach() -> None:
    made = stub("""
        def f():
            # BEGIN SOLUTION
            x = 1
            # END SOLUTION
            return x
    """)
    assert made.endswith('    raise NotImplementedError("f is yours to write")\n    return x\n')
