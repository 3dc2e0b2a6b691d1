"""How `labs/` is made from `solutions/`, and compared with it."""

from pathlib import Path

import pytest

from autograder.stubs import MarkerError, StubsError, build, check

SOLUTION = """def f():
    # BEGIN SOLUTION
    return 1
    # END SOLUTION
"""
STUB = """def f():
    raise NotImplementedError("f is yours to write")
"""
FILES = {
    "solutions/README.md": b"Of the solutions.\n",
    "solutions/kv/server.py": SOLUTION.encode(),
    "solutions/kv/README.md": b"# BEGIN SOLUTION\r\nis what no handout says\n",
    "solutions/kv/data/noise.bin": bytes(range(256)),
    "solutions/kv/__pycache__/server.pyc": b"",
    "solutions/kv/.cache/file.py": b"",
    "solutions/.cache/file.py": b"",
    "labs/README.md": b"Of the labs.\n",
    "labs/__init__.py": b"",
    "labs/node/node.py": b"# END SOLUTION\n",
}
DERIVED = {
    "labs/kv/server.py": STUB.encode(),
    "labs/kv/README.md": FILES["solutions/kv/README.md"],
    "labs/kv/data/noise.bin": FILES["solutions/kv/data/noise.bin"],
}

Roots = tuple[Path, Path]


def write(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def read(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    write(tmp_path, FILES)
    return tmp_path / "solutions", tmp_path / "labs"


def test_build_makes_the_lab_folders_and_nothing_else(roots: Roots, tmp_path: Path) -> None:
    changes = build(*roots)
    assert read(tmp_path) == FILES | DERIVED
    assert {change.path for change in changes} == {tmp_path / name for name in DERIVED}


def test_a_built_tree_has_no_differences(roots: Roots) -> None:
    build(*roots)
    assert check(*roots) == []
    assert build(*roots) == []


def test_labs_may_not_exist_yet(roots: Roots, tmp_path: Path) -> None:
    build(roots[0], tmp_path / "new" / "labs")
    assert check(roots[0], tmp_path / "new" / "labs") == []


def test_differences_are_named_and_repaired(roots: Roots, tmp_path: Path) -> None:
    build(*roots)
    lab = roots[1] / "kv"
    (lab / "server.py").write_text(SOLUTION)
    (lab / "README.md").unlink()
    (lab / "old.py").write_text("")
    sentences = [
        f"{lab / 'README.md'} is missing.",
        f"{lab / 'old.py'} is stale: no solution gives it.",
        f"{lab / 'server.py'} is not what its solution gives.",
    ]
    assert check(*roots) == sentences
    assert [str(change) for change in build(*roots)] == sentences
    assert read(tmp_path) == FILES | DERIVED


def test_caches_in_a_lab_are_no_difference(roots: Roots, tmp_path: Path) -> None:
    build(*roots)
    write(tmp_path, {"labs/kv/__pycache__/server.pyc": b"", "labs/kv/.pytest_cache/x": b""})
    assert check(*roots) == []


def test_a_folder_that_no_solution_gives_is_named_and_kept(roots: Roots, tmp_path: Path) -> None:
    strange = {"labs/notes/mine.md": b"mine"}
    write(tmp_path, strange)
    build(*roots)
    assert read(tmp_path) == FILES | DERIVED | strange
    [sentence] = check(*roots)
    assert sentence.startswith(f"{roots[1] / 'notes'} has no counterpart")


def test_a_refused_marker_names_its_file_and_leaves_all_as_it_was(
    roots: Roots, tmp_path: Path
) -> None:
    build(*roots)
    broken = {"solutions/kv/z.py": b"x = 1\n# begin solution\n", "solutions/kv/a.py": b""}
    write(tmp_path, broken)
    for function in (build, check):
        with pytest.raises(MarkerError) as caught:
            function(*roots)
        assert str(caught.value).startswith(f"{roots[0] / 'kv' / 'z.py'}:2: ")
    assert read(tmp_path) == FILES | DERIVED | broken


def test_a_python_file_is_utf_8(roots: Roots, tmp_path: Path) -> None:
    write(tmp_path, {"solutions/kv/latin.py": b"# \xe9\n"})
    with pytest.raises(MarkerError, match="not UTF-8"):
        build(*roots)


def test_solutions_without_a_lab_are_refused(roots: Roots, tmp_path: Path) -> None:
    build(*roots)
    with pytest.raises(StubsError, match="holds no lab"):
        build(tmp_path / "solution", roots[1])
    assert read(tmp_path) == FILES | DERIVED


def test_the_node_library_is_no_lab(roots: Roots, tmp_path: Path) -> None:
    write(tmp_path, {"solutions/node/node.py": b""})
    with pytest.raises(StubsError, match="written by hand"):
        build(*roots)
