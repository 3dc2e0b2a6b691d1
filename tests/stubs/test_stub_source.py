"""What `stub_source` makes of a file, and what it refuses."""

import ast
import subprocess
import sys
from collections.abc import Callable
from textwrap import dedent

import pytest

from autograder.stubs import MarkerError, stub_source


def flush(source: str) -> str:
    return dedent(source).removeprefix("\n")


def stub(source: str) -> str:
    return stub_source(flush(source), "lab/file.py")


def refusal(source: str) -> MarkerError:
    with pytest.raises(MarkerError) as caught:
        stub(source)
    return caught.value


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


MISSPELT = [
    "# BEGIN SOLUTIONS",
    "#BEGIN SOLUTION",
    "# begin solution",
    "### BEGIN SOLUTION",
    "#  BEGIN SOLUTION",
    "# BEGIN  SOLUTION",
    "# BEGIN SOLUTION:",
    "# BEGIN SOLUTION:hint",
    "# BEGIN SOLUTION hint",
    "# BEGIN_SOLUTION",
    "# BEGINSOLUTION",
    "# BEGIN SOLUTON",
    "# BEGIN SOLTUION",
    "# BEGN SOLUTION",
    "# SOLUTION BEGIN",
    "# END SOLUTIONS",
    "# End solution",
    "# END SOLUTION: done",
    "# END SOLUTION.",
    "# END OF SOLUTION",
    "#: BEGIN SOLUTION",
    "x = 1  # BEGIN SOLUTION",
    's = "#"  # END SOLUTION',
]


@pytest.mark.parametrize("line", MISSPELT)
def test_a_misspelt_marker_is_refused(line: str) -> None:
    found = refusal(f"def f():\n    pass\n    {line}\n")
    assert found.line == 3
    assert "resembles a marker" in str(found)
    assert str(found).startswith("lab/file.py:3: ")


@pytest.mark.parametrize(
    "comment",
    [
        "# the solution of Lamport",
        "# at the end, a solution",
        "# begin with the oldest",
        "# a solution is the best of several",
    ],
)
def test_a_comment_may_speak_of_solutions(comment: str) -> None:
    assert stub(f"{comment}\n") == f"{comment}\n"


REFUSED = {
    "never ends": """
        def f():
            # BEGIN SOLUTION  <- here
            pass
    """,
    "never began": """
        def f():
            pass
            # END SOLUTION  <- here
    """,
    "begins inside the one that began in line 2": """
        def f():
            # BEGIN SOLUTION
            pass
            # BEGIN SOLUTION  <- here
            pass
            # END SOLUTION
            # END SOLUTION
    """,
    "like its partner in line 3": """
        def f():
            if True:
                # BEGIN SOLUTION
                pass
            # END SOLUTION  <- here
    """,
    "like the statements": """
        def f():
        # BEGIN SOLUTION  <- here
            pass
        # END SOLUTION
    """,
    "not Python": """
        def f():
            # BEGIN SOLUTION
            return return  <- here
            # END SOLUTION
    """,
    "keep a docstring": """
        class _A:
            # BEGIN SOLUTION
            x = 1  <- here
            # END SOLUTION
            # BEGIN SOLUTION
            y = 1
            # END SOLUTION
    """,
}


@pytest.mark.parametrize("words", REFUSED)
def test_markers_that_do_not_fit_are_refused(words: str) -> None:
    source = flush(REFUSED[words])
    line = source[: source.index("<- here")].count("\n") + 1
    found = refusal(source.replace("  <- here", ""))
    assert words in found.sentence
    assert found.line == line


@pytest.mark.parametrize("content", ["", "\n", "    # a comment\n\n"])
def test_an_empty_region_is_refused(content: str) -> None:
    found = refusal(f"def f():\n    # BEGIN SOLUTION\n{content}    # END SOLUTION\n")
    assert (found.line, found.sentence) == (2, "this region is empty.")


TORN = {
    "an else": """
        if x:
            # BEGIN SOLUTION
            a()
        else:
            # END SOLUTION
            b()
    """,
    "a tail of if": """
        if x:
            a()
        # BEGIN SOLUTION
        else:
            b()
        # END SOLUTION
    """,
    "a head of if": """
        # BEGIN SOLUTION
        if x:
            a()
        # END SOLUTION
        else:
            b()
    """,
    "two branches": """
        if x:
            # BEGIN SOLUTION
            a()
        else:
            b()
            # END SOLUTION
    """,
    "an except": """
        try:
            # BEGIN SOLUTION
            a()
        except KeyError:
            # END SOLUTION
            b()
    """,
    "a case": """
        match x:
            case 1:
                # BEGIN SOLUTION
                a()
            case 2:
                b()
                # END SOLUTION
    """,
    "a signature": """
        @cache
        # BEGIN SOLUTION
        def _f():
            return 1
        # END SOLUTION
    """,
    "an argument": """
        a(
            1,
            # BEGIN SOLUTION
            2,
            # END SOLUTION
        )
    """,
    "a text": '''
        a = """
        # BEGIN SOLUTION
        2
        # END SOLUTION
        """
    ''',
    "the end of a text": '''
        a = """
        # BEGIN SOLUTION
        # 2"""
        b()
        # END SOLUTION
    ''',
    "two texts": '''
        a = """
        # BEGIN SOLUTION
        # 2"""
        _b = """
        # END SOLUTION
        """
    ''',
    "an end of a function and what follows": """
        def _f():
            a()
            # BEGIN SOLUTION
            b()
        def _g():
            c()
            # END SOLUTION
    """,
}


@pytest.mark.parametrize("source", TORN.values(), ids=TORN)
def test_a_region_is_whole_statements(source: str) -> None:
    assert "whole statements" in refusal(source).sentence


PUBLIC = {
    "f": "def f(): ...",
    "g": "@cache\ndef g(): ...",
    "h": "async def h(): ...",
    "A": "class A: ...",
    "PATIENCE": "PATIENCE = 10",
    "limit": "limit: int",
    "a": "_x, (*a, _b) = 1, (2, 3)",
    "nested": "if _x:\n    nested = 1",
    "__all__": "__all__ = []",
    "_get": "@handler\nasync def _get(self, request): ...",
    "_put": "@node.handler(1)\nasync def _put(self, request): ...",
}


def region(content: str, indent: str = "") -> str:
    lines = ["# BEGIN SOLUTION", *content.split("\n"), "# END SOLUTION"]
    return "".join(f"{indent}{line}\n" for line in lines)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_region_may_not_hide_a_public_name(name: str) -> None:
    assert f"hides {name}," in refusal(region(PUBLIC[name])).sentence
    method = refusal("class Public:\n    x = 1\n" + region(PUBLIC[name], "    "))
    assert f"hides Public.{name}," in method.sentence


@pytest.mark.parametrize("name", PUBLIC)
def test_a_region_may_hide_what_is_local_or_private(name: str) -> None:
    stub("class _Private:\n    x = 1\n" + region(PUBLIC[name], "    "))
    stub("def function():\n    x = 1\n" + region(PUBLIC[name], "    "))


def test_a_region_may_not_hide_a_constructor() -> None:
    assert (
        "hides A.__init__"
        in refusal("""
        class A:
            x = 1
            # BEGIN SOLUTION
            def __init__(self): ...
            # END SOLUTION
    """).sentence
    )


DOCSTRINGS = {
    "the module": '"""Doc."""',
    "A": 'class A:\n    """Doc."""',
    "f": 'def f():\n    """Doc."""',
    "A.f": 'class A:\n    def f():\n        """Doc."""',
    "A.B": 'class A:\n    class B:\n        """Doc."""',
}


@pytest.mark.parametrize("name", DOCSTRINGS)
def test_a_region_may_not_hide_a_public_docstring(name: str) -> None:
    *above, docstring = DOCSTRINGS[name].split("\n")
    indent = docstring[: -len(docstring.lstrip())]
    source = "\n".join([*above, region(docstring.strip() + "\n_x = 1", indent)])
    assert f"hides the docstring of {name}." in refusal(source).sentence


def test_a_region_may_hide_a_docstring_that_is_private_or_local() -> None:
    docstring = '"""Doc."""\nreturn 1'
    stub("def _f():\n" + region(docstring, "    "))
    stub("def f():\n    def g():\n" + region(docstring, " " * 8))


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
