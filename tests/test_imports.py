"""Imports go one way: the three rings of docs/design.md."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from autograder.catalog import LABS, REPOSITORY, own_files
from tests.helpers import write_root

ROOTS = ("labs", "solutions")  # their folders are imported under the names of the labs
FOLDERS = ("autograder", "book", "labs", "solutions", "tests")
LAB_ORDER = tuple(LABS)
JUPYTER = {"IPython", "ipywidgets", "jupytext", "nbclient", "nbformat", "nbgrader"}
HEAVY = {"grpc", "google", "lmdb", "multiprocess", "playwright", *JUPYTER}  # libraries
SHOW = "lambda: print('\\n', *(name for name in sys.modules if '.' not in name))"


def project_files(project: Path) -> list[Path]:
    """The project's Python files, relative to it. What stands in for a student's files is none."""
    found = [
        path.relative_to(project) for top in FOLDERS for path in project.glob(f"{top}/**/*.py")
    ]
    return sorted(path for path in found if not is_specimen(path))


def is_specimen(path: Path) -> bool:
    """Whether a file is under test itself: an attack, or part of a root that tests made."""
    return path.parts[0] == "tests" and ("root" in path.parts or path.parts[1] == "attacks")


def name_of(path: Path) -> str:
    """The dotted name under which a file is imported."""
    parts = list(path.with_suffix("").parts)
    if parts[0] in ROOTS and len(parts) > 2 and parts[1] in LABS:
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# --- what a file imports --------------------------------------------------------------------------


def imports_of(path: Path, project: Path, modules: set[str]) -> set[str]:
    """The modules that a file imports, at any place in it but for the eyes of a type checker."""
    tree = ast.parse((project / path).read_text(encoding="utf-8"))
    return {
        name
        for node in walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in targets(node, path, modules)
    }


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A tree's nodes, without the bodies of `if TYPE_CHECKING`."""
    yield node
    skipped = node.body if isinstance(node, ast.If) and is_type_checking(node.test) else []
    for child in ast.iter_child_nodes(node):
        if child not in skipped:
            yield from walk(child)


def is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def targets(node: ast.Import | ast.ImportFrom, path: Path, modules: set[str]) -> Iterator[str]:
    """What an import statement names: `from a import b` is a.b if that is a module, or else a."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    package = path.parent.parts[: len(path.parent.parts) - node.level + 1] if node.level else ()
    base = ".".join([*package, *([node.module] if node.module else [])])
    for alias in node.names:
        yield full if (full := f"{base}.{alias.name}") in modules else base


# --- which arrows are right -----------------------------------------------------------------------


def may_import(path: Path, target: str) -> bool:
    """Whether the file may import the module. What is none of the project's may be imported."""
    if target.partition(".")[0] not in (*FOLDERS, *LABS):
        return True
    if path.parts[0] in ROOTS and is_of_another_student(target, path.parts[1]):
        return False
    return any(target == whole or target.startswith(f"{whole}.") for whole in allowed(path))


def is_of_another_student(target: str, lab: str) -> bool:
    """Whether a module is a student's work in another lab, which may be broken."""
    file, own = target.replace(".", "/") + ".py", LABS[lab].files if lab in LABS else ()
    return file in own_files() and file not in own


def allowed(path: Path) -> tuple[str, ...]:
    """The packages of the project from which a file may import."""
    top, *rest = path.parts
    if top in ("book", "tests"):
        return (*FOLDERS, *LABS)
    if top == "labs" and rest[0] == "node":
        return ("labs.node",)
    if top in ROOTS and rest[0] in LABS:
        return ("labs.node", *LAB_ORDER[: LAB_ORDER.index(rest[0]) + 1])
    if path.match("autograder/suites/*/apps/*.py"):  # they run in a node, with the submission
        return ("labs.node", *LAB_ORDER[: LAB_ORDER.index(rest[1]) + 1])
    return ("autograder", "labs.node") if top == "autograder" else ()


def wrong_arrows(project: Path) -> list[str]:
    """Every import that goes the wrong way."""
    files = project_files(project)
    modules = {name_of(path) for path in files}
    return [
        f"{path} imports {target}"
        for path in files
        for target in sorted(imports_of(path, project, modules))
        if not may_import(path, target)
    ]


def cycle(project: Path) -> list[str]:
    """Modules of autograder/ that import each other in a ring; empty if there are none."""
    files = {name_of(path): path for path in project_files(project)}
    graph = {
        name: imports_of(path, project, set(files)) - {name}
        for name, path in files.items()
        if path.parts[0] == "autograder"
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1]
        return ring
    return []


# --- the project, and the tools themselves --------------------------------------------------------


def test_imports_go_one_way() -> None:
    assert wrong_arrows(REPOSITORY) == []


def test_no_modules_of_the_autograder_import_each_other_in_a_ring() -> None:
    assert cycle(REPOSITORY) == []


def test_the_walk_sees_the_project() -> None:
    assert {name_of(path) for path in project_files(REPOSITORY)} > {
        "autograder.plugin",
        "autograder.cluster",
        "labs.node.node",
        "mapreduce.worker",
        "tests.test_imports",
    }


@pytest.mark.parametrize(
    ("file", "line", "wrong"),
    [
        ("labs/node/node.py", "import labs", "labs"),
        ("labs/node/node.py", "from autograder import points", "autograder.points"),
        ("labs/node/node.py", "import mapreduce.worker", "mapreduce.worker"),
        ("labs/mapreduce/worker.py", "from autograder.points import points", "autograder.points"),
        ("solutions/mapreduce/worker.py", "def f():\n    import autograder", "autograder"),
        ("solutions/mapreduce/worker.py", "import solutions.mapreduce", "solutions.mapreduce"),
        ("autograder/points.py", "import mapreduce.worker as w", "mapreduce.worker"),
        ("autograder/points.py", "try:\n    import tests\nfinally: pass", "tests"),
        ("autograder/points.py", "from labs import mapreduce", "labs"),
        ("autograder/cluster/a.py", "from ...labs import mapreduce", "labs"),
        ("autograder/suites/kv/apps/a.py", "import lock.lock", "lock.lock"),
        ("solutions/lock/lock.py", "from kv.clerk import Clerk", "kv.clerk"),
        ("labs/exactly_once/server.py", "import kv.server", "kv.server"),
        ("autograder/suites/mapreduce/apps/a.py", "from ..job import Job", "autograder"),
    ],
)
def test_a_wrong_arrow_is_seen(file: str, line: str, wrong: str, tmp_path: Path) -> None:
    write_root(tmp_path, {"autograder/points.py": "", file: line})
    (found,) = wrong_arrows(tmp_path)
    assert found.startswith(f"{file} imports {wrong}")


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("labs/node/hosts/tcp.py", "from labs.node import node"),
        ("labs/node/node.py", "from . import errors"),
        ("labs/node/node.py", "import asyncio, msgspec"),
        ("solutions/mapreduce/worker.py", "from labs.node import Node\nimport mapreduce.app"),
        ("solutions/lock/lock.py", "from kv.messages import Maybe"),
        ("autograder/suites/lock/apps/a.py", "import labs.node, lock.lock, kv.clerk"),
        ("autograder/points.py", "from labs import node\nfrom autograder import run"),
        ("autograder/points.py", "if TYPE_CHECKING:\n    import tests"),
        ("tests/helpers.py", "import book.figures, autograder.run, labs.node, mapreduce.worker"),
        ("tests/golden/root/a/b.py", "import autograder"),
    ],
)
def test_a_right_arrow_is_let_pass(file: str, line: str, tmp_path: Path) -> None:
    write_root(tmp_path, {"labs/node/__init__.py": "", file: line})
    assert wrong_arrows(tmp_path) == []


@pytest.mark.parametrize(
    "start",
    [
        "import autograder.plugin",
        "from autograder.__main__ import autograder as run; run(['--help'], standalone_mode=False)",
        "from autograder.__main__ import autograder as run; run(['labs'], standalone_mode=False)",
        "from autograder.__main__ import autograder as run; run(['grade', '--help'], 'autograder')",
    ],
)
def test_what_only_services_and_browsers_need_is_not_imported_at_every_start(start: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", f"import atexit, sys; atexit.register({SHOW}); {start}"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    loaded = set(said.stdout.splitlines()[-1].split())
    assert "click" in loaded or "pytest" in loaded
    assert loaded & HEAVY == set()


def test_a_ring_is_seen(tmp_path: Path) -> None:
    write_root(
        tmp_path,
        {
            "autograder/a.py": "from autograder import b",
            "autograder/b.py": "def f():\n    from autograder.c import g",
            "autograder/c.py": "import autograder.a",
        },
    )
    assert set(cycle(tmp_path)) == {"autograder.a", "autograder.b", "autograder.c"}


def test_a_ring_that_only_a_type_checker_sees_is_none(tmp_path: Path) -> None:
    checked = "if TYPE_CHECKING:\n    from autograder import a\nelse:\n    import asyncio"
    write_root(tmp_path, {"autograder/a.py": "import autograder.b", "autograder/b.py": checked})
    assert cycle(tmp_path) == []
