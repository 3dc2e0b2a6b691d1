"""What must be true of the course's own `solutions/` and `labs/`."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from autograder.stubs import check

PROJECT = Path(__file__).resolve().parents[2]
SOLUTIONS, LABS = PROJECT / "solutions", PROJECT / "labs"
TELLING = 25  # characters of a line that could give a solution away

SOURCES = sorted(path.relative_to(SOLUTIONS).as_posix() for path in SOLUTIONS.glob("*/**/*.py"))
LAB_FOLDERS = sorted({source.split("/")[0] for source in SOURCES})

Scope = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def test_there_are_solutions_with_regions() -> None:
    assert any("# BEGIN SOLUTION" in text(SOLUTIONS / source) for source in SOURCES)


def test_labs_is_what_solutions_gives() -> None:
    assert check(SOLUTIONS, LABS) == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_stub_has_the_public_signatures_of_its_solution(source: str) -> None:
    solution, stub = (ast.parse(text(root / source)) for root in (SOLUTIONS, LABS))
    assert list(outline(stub)) == list(outline(solution))


@pytest.mark.parametrize("source", SOURCES)
def test_a_stub_compiles(source: str) -> None:
    compile(text(LABS / source), source, "exec", dont_inherit=True)


@pytest.mark.parametrize("lab", LAB_FOLDERS)
@pytest.mark.parametrize("command", ["check", "format --check"])
def test_the_stubs_are_tidy(command: str, lab: str) -> None:
    ruff = [sys.executable, "-m", "ruff", *command.split(), "--no-cache", f"labs/{lab}"]
    done = subprocess.run(ruff, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("source", SOURCES)
def test_no_line_of_a_region_is_found_in_labs(source: str) -> None:
    inside, _ = divided(text(SOLUTIONS / source))
    telling = {line.strip() for line in inside if len(line.strip()) >= TELLING}
    for line in sorted(telling):
        given = line in outside_regions()
        assert given or not leaks(line), f"a line of the solution is in {leaks(line)}: {line}"


def test_no_marker_is_found_in_labs() -> None:
    assert leaks("# BEGIN SOLUTION") == leaks("# END SOLUTION") == []


# --- the public face of a file --------------------------------------------------------------------


def outline(tree: ast.Module) -> Iterator[str]:
    """Everything public that a module declares, a line each, with all that is said of it."""
    yield f"module: {ast.get_docstring(tree, clean=False)!r}"
    yield from declarations(tree, "")


def declarations(node: ast.AST, prefix: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Scope):
            if is_public(child.name) or is_handler(child):
                yield prefix + signature(child)
                if isinstance(child, ast.ClassDef):
                    yield from declarations(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            if any(is_public(name) for target in targets for name in names(target)):
                yield prefix + ast.unparse(child)
        else:
            yield from declarations(child, prefix)


def signature(scope: Scope) -> str:
    """A class or function less its body: decorators, name, arguments or bases, docstring."""
    bare = ast.parse(ast.unparse(scope)).body[0]
    assert isinstance(bare, Scope)
    bare.body = [ast.Expr(ast.Constant(ast.get_docstring(scope, clean=False)))]
    return ast.unparse(bare)


def names(target: ast.expr) -> Iterator[str]:
    yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def is_public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def is_handler(scope: Scope) -> bool:
    return any(re.match(r"(\w+\.)*handler\b", ast.unparse(each)) for each in scope.decorator_list)


FACE = '''
"""Doc."""
LIMIT: int = 1
class A(B):
    """A doc."""
    field: int = 0
    @handler
    async def _get(self, key: str = "k") -> int:
        """Get doc."""
        return 1
'''


@pytest.mark.parametrize(
    "change",
    [
        "Doc.>Dog.",
        "LIMIT>LAMIT",
        "int = 1>int = 2",
        "B>C",
        "A doc>A dog",
        "field>fold",
        "= 0>= 1",
        "@handler>@handler()",
        "async >",
        "_get>_got",
        "key>kay",
        "str>int",
        '"k">"l"',
        "Get>Got",
    ],
)
def test_an_outline_shows_whatever_is_public(change: str) -> None:
    before, after = change.split(">")
    changed = FACE.replace(before, after, 1)
    assert list(outline(ast.parse(changed))) != list(outline(ast.parse(FACE)))


def test_an_outline_shows_no_bodies() -> None:
    changed = FACE.replace("return 1", "raise NotImplementedError") + "_private = 1\n"
    assert list(outline(ast.parse(changed))) == list(outline(ast.parse(FACE)))


# --- what stands in regions, and what outside -----------------------------------------------------


def divided(source: str) -> tuple[list[str], list[str]]:
    """The lines of a file inside its regions and outside."""
    sides: tuple[list[str], list[str]] = ([], [])
    outside = 1
    for line in source.split("\n"):
        if re.match(r"\s*# (BEGIN|END) SOLUTION", line):
            outside = int("END" in line.split())
        else:
            sides[outside].append(line)
    return sides


@cache
def outside_regions() -> str:
    return "\n".join(
        "\n".join(divided(content)[1]) if path.suffix == ".py" else content
        for path, content in texts(SOLUTIONS).items()
    )


def leaks(line: str) -> list[str]:
    """The files of labs/ in which a line is found."""
    return [str(path.relative_to(PROJECT)) for path, found in texts(LABS).items() if line in found]


@cache
def texts(root: Path) -> dict[Path, str]:
    files = (path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path: text(path) for path in files}


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
