"""What the nodes of a run lay on the grader is bounded, and what they leave is removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.cluster.errors import NodeFault
from autograder.cluster.hosts import intake
from autograder.cluster.hosts.intake import Intake
from autograder.cluster.zygote import give_away
from autograder.sandbox import scratch_folder
from labs.node.hosts.control import Report, encode

FRAME = encode(Report(0, None, [], []))
DEEP = 3_000  # folders in each other: more than Python's functions go down


def test_frames_are_taken_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "REPORTED", 3 * len(FRAME))
    taken = Intake()
    for _ in range(3):
        assert taken.decode("n1", FRAME) == Report(0, None, [], [])
    with pytest.raises(NodeFault, match="n2: with it, nodes have sent and printed over"):
        taken.decode("n2", FRAME)


def fill(folder: Path, files: int, size: int) -> None:
    for n in range(files):
        (folder / f"{n}").write_bytes(os.urandom(size))
    os.sync()


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Intake:
    """An intake that looks after a folder, whose disk seems to become fuller all the time."""
    monkeypatch.setattr(intake, "STORED", 1 << 20)
    monkeypatch.setattr(intake, "FILES", 100)
    made = Intake()
    made.watch(str(tmp_path))
    free = iter(range(1 << 50, 0, -(1 << 30)))
    monkeypatch.setattr(intake.Quota, "_free", lambda self: (next(free), 0))
    return made


def test_a_folder_may_hold_as_much_as_it_may(watched: Intake, tmp_path: Path) -> None:
    fill(tmp_path, 90, 1 << 10)
    watched.decode("n1", FRAME)


@pytest.mark.parametrize(("files", "size"), [(102, 1), (3, 1 << 19)])
def test_a_folder_that_holds_more_is_its_nodes_fault(
    watched: Intake, tmp_path: Path, files: int, size: int
) -> None:
    fill(tmp_path, files, size)
    with pytest.raises(
        NodeFault, match="n1: the shared folder holds over 1 MiB, or over 100 files"
    ):
        watched.decode("n1", FRAME)


def test_what_is_in_folders_counts(watched: Intake, tmp_path: Path) -> None:
    for n in range(60):
        (tmp_path / f"{n}" / "below").mkdir(parents=True)
    with pytest.raises(NodeFault):
        watched.decode("n1", FRAME)


def test_a_place_that_cannot_be_seen_is_too_much(watched: Intake, tmp_path: Path) -> None:
    make_deep(tmp_path, 60, "x" * 200)  # beyond the longest path
    with pytest.raises(NodeFault):
        watched.decode("n1", FRAME)


def make_deep(folder: Path, depth: int, name: str) -> None:
    """Folders in each other, made as a node can: by going down."""
    here = os.getcwd()
    try:
        os.chdir(folder)
        for _ in range(depth):
            os.mkdir(name)
            os.chdir(name)
    finally:
        os.chdir(here)


def test_any_folder_is_removed(tmp_path: Path) -> None:
    with scratch_folder(str(tmp_path)) as folder:
        make_deep(folder, DEEP, "x" * 20)
        (folder / "closed" / "inner").mkdir(parents=True)
        (folder / "closed").chmod(0)
        os.mkfifo(folder / "pipe")
        (folder / "link").symlink_to("/")
    assert list(tmp_path.iterdir()) == []
    assert Path("/").is_dir()


def test_what_has_a_name_elsewhere_is_not_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(os, "chown", lambda path, *_, **__: given.append(path))
    (tmp_path / "folder").mkdir()
    (tmp_path / "ours").write_text("x")
    (tmp_path / "secret").write_text("x")
    (tmp_path / "second name").hardlink_to(tmp_path / "secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    for path in tmp_path.iterdir():
        give_away(str(path), 12345)
    assert sorted(given) == [str(tmp_path / "folder"), str(tmp_path / "ours")]
