"""What `stub_source` refuses, and what comes close and is allowed."""

import pytest

from autograder.stubs import MarkerError
from tests.stubs.sources import flush, stub


def refusal(source: str) -> MarkerError:
    with pytest.raises(MarkerError) as caught:
        stub(source)
    return caught.value


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
