"""Sources of files with regions, and the stubs made of them."""

from textwrap import dedent

from autograder.stubs import stub_source


def flush(source: str) -> str:
    """A source as it stands at the left margin."""
    return dedent(source).removeprefix("\n")


def stub(source: str) -> str:
    """What `stub_source` makes of it."""
    return stub_source(flush(source), "lab/file.py")
