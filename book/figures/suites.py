"""The tests of a lab, with what each promises and what it is worth."""

from __future__ import annotations

from types import ModuleType

from autograder.catalog import LABS
from autograder.grading.tests import ListedTest, list_tests, module_of, tests_in
from autograder.run import Test
from book.figures.page import Figure, assets, prose, text


def suite_table(lab: str) -> Figure:
    """The tests of a lab by the modules of its suite, with promise and points: `suite_table("kv")`.

    It is made from the suite itself: the promise is the docstring of the test.
    """
    modules = [module_of(LABS[lab], path.stem) for path in LABS[lab].suite]
    groups = {module: list(tests_in(module)) for module in modules}
    total = sum(test.points for tests in groups.values() for test in tests)
    if total != 100:
        raise ValueError(f"the tests of {lab} are worth {total} points, and not 100")
    bodies = "".join(group(module, tests) for module, tests in groups.items())
    table = (
        f"<table><caption>{text(LABS[lab].title)}: the tests</caption>"
        '<thead><tr><th scope="col">test</th><th scope="col">what it promises</th>'
        f'<th scope="col">points</th></tr></thead>{bodies}'
        f'<tfoot><tr><th scope="row" colspan="2">all</th><td>{total}</td></tr></tfoot></table>'
    )
    said = [f"{LABS[lab].title}: {total} points"]
    for module, tests in groups.items():
        said += [f"{short(module)}: {first_sentence(module)}", *map(line, tests)]
    return Figure(
        f'<div class="book-figure book-suite">{table}</div>', "\n".join(said), assets("suite")
    )


def suite_of(lab: str) -> dict[str, Test]:
    """The tests of a lab by their names, to run them."""
    return {test.name: test.function for test in list_tests(LABS[lab])}


def group(module: ModuleType, tests: list[ListedTest]) -> str:
    """One module: a row about it, and a row for each test."""
    worth = sum(test.points for test in tests)
    rows = "".join(
        f'<tr><th scope="row"><code>{breakable(test.name)}</code></th><td>{prose(test.promise)}</td>'
        f"<td>{test.points}</td></tr>"
        for test in tests
    )
    return (
        '<tbody><tr class="suite-module"><th scope="rowgroup" colspan="2">'
        f"<code>{text(short(module))}</code> {prose(first_sentence(module))}</th>"
        f"<td>{worth}</td></tr>{rows}</tbody>"
    )


def short(module: ModuleType) -> str:
    """The name of a module as `check` takes it."""
    return module.__name__.rpartition(".")[2].removeprefix("test_")


def first_sentence(module: ModuleType) -> str:
    """What a module is about."""
    return (module.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")


def breakable(name: str) -> str:
    """The name of a test, which a narrow screen may break behind each underscore."""
    return text(name).replace("_", "_<wbr>")


def line(test: ListedTest) -> str:
    """One test in plain text."""
    return f"  {test.points:>3}  {test.name}: {test.promise}"
