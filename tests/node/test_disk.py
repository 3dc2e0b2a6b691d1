"""The disk: the same on a real folder and in the cluster's memory; and what a power loss leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec
import pytest

from autograder.cluster import disk as simulated
from autograder.cluster.disk import SimulatedDisk
from labs.node import Mistake
from labs.node.disk import Disk, DiskOperation, FolderDisk

SEEDS = range(300)


@pytest.fixture(params=["folder", "simulated"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Disk:
    if request.param == "folder":
        return Disk(FolderDisk(tmp_path / "disk").perform)
    return Disk(SimulatedDisk().perform)


def put(disk: Disk, name: str, data: bytes, mode: str = "wb", sync: bool = False) -> None:
    with disk.open(name, mode) as file:
        file.write(data)
        if sync:
            file.fsync()


def get(disk: Disk, name: str) -> bytes | None:
    return disk.open(name).read() if disk.exists(name) else None


# ---- the same on both ----------------------------------------------------------------------------


def test_what_is_written_is_read(disk: Disk) -> None:
    put(disk, "a", b"one")
    put(disk, "a", b"two", "ab")
    assert get(disk, "a") == b"onetwo"


def test_wb_empties_a_file(disk: Disk) -> None:
    put(disk, "a", b"one")
    put(disk, "a", b"2")
    assert get(disk, "a") == b"2"
    disk.open("a", "wb")
    assert get(disk, "a") == b""


def test_a_write_is_there_before_the_file_is_closed(disk: Disk) -> None:
    file = disk.open("a", "wb")
    assert file.write(b"one") == 3
    assert get(disk, "a") == b"one"


def test_an_open_file_is_read_as_it_was(disk: Disk) -> None:
    put(disk, "a", b"old")
    file = disk.open("a")
    put(disk, "a", b"new")
    assert file.read() == b"old"


def test_appending_makes_a_file_with_the_first_write(disk: Disk) -> None:
    file = disk.open("a", "ab")
    assert disk.names() == []
    file.write(b"x")
    assert disk.names() == ["a"]


def test_replace_takes_the_place_of_the_target(disk: Disk) -> None:
    put(disk, "new", b"new")
    put(disk, "old", b"old")
    disk.replace("new", "old")
    disk.sync()
    assert (disk.names(), get(disk, "old")) == (["old"], b"new")


def test_replace_by_itself_changes_nothing(disk: Disk) -> None:
    put(disk, "a", b"one")
    disk.replace("a", "a")
    assert get(disk, "a") == b"one"


def test_remove_and_names(disk: Disk) -> None:
    for name in ("b", "c", "a"):
        put(disk, name, b"")
    disk.remove("b")
    assert disk.names() == ["a", "c"]
    assert not disk.exists("b")


def other_life(disk: Disk) -> Disk:
    """The same files, for a process that holds none of this one's locks."""
    owner = disk._perform.__self__  # type: ignore[attr-defined]
    return Disk(FolderDisk(owner._folder).perform) if isinstance(owner, FolderDisk) else disk


def test_a_lock_is_held_until_it_is_given_back(disk: Disk) -> None:
    disk.lock("l")
    assert disk.names() == ["l"]
    for holder in (disk, other_life(disk)):
        with pytest.raises(BlockingIOError, match="'l' is locked already"):
            holder.lock("l")
    disk.unlock("l")
    disk.unlock("l")
    disk.unlock("never there")
    other_life(disk).lock("l")


def test_locks_are_of_files_and_leave_them_as_they_are(disk: Disk) -> None:
    put(disk, "a", b"one")
    disk.lock("a")
    disk.lock("b")
    assert get(disk, "a") == b"one"


def test_a_lock_belongs_to_the_file_and_not_to_its_name(disk: Disk) -> None:
    disk.lock("a")
    put(disk, "new", b"new")
    disk.replace("new", "a")
    disk.lock("a")
    assert get(disk, "a") == b"new"


MISSING: dict[str, Callable[[Disk], object]] = {
    "read": lambda disk: disk.open("a"),
    "fsync": lambda disk: disk.open("a", "ab").fsync(),
    "remove": lambda disk: disk.remove("a"),
    "replace": lambda disk: disk.replace("a", "b"),
}


@pytest.mark.parametrize("verb", MISSING)
def test_a_file_that_is_not_there(disk: Disk, verb: str) -> None:
    with pytest.raises(FileNotFoundError, match="no file 'a' on this node's disk"):
        MISSING[verb](disk)


MISTAKES: dict[str, tuple[Callable[[Disk], object], str]] = {
    "mode": (lambda disk: disk.open("a", "r+"), "the mode must be 'rb', 'wb' or 'ab'"),
    "subfolder": (lambda disk: disk.open("a/b", "wb"), "'a/b' is no file name"),
    "parent": (lambda disk: disk.open("..", "wb"), "'..' is no file name"),
    "no name": (lambda disk: disk.open("", "wb"), "'' is no file name"),
    "source": (lambda disk: disk.replace("../a", "b"), "'../a' is no file name"),
    "target": (lambda disk: disk.replace("a", "../b"), "'../b' is no file name"),
    "locked": (lambda disk: disk.lock("a/b"), "'a/b' is no file name"),
    "unlocked": (lambda disk: disk.unlock(""), "'' is no file name"),
    "removed": (lambda disk: disk.remove("/a"), "'/a' is no file name"),
    "text": (lambda disk: disk.open("a", "wb").write("x"), "holds bytes, not 'x'"),  # type: ignore[arg-type]
    "number": (lambda disk: disk.open("a", "wb").write(5), "holds bytes, not 5"),  # type: ignore[arg-type]
    "read of a writer": (lambda disk: disk.open("a", "wb").read(), "open as 'wb', not as 'rb'"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(disk: Disk, name: str) -> None:
    act, sentence = MISTAKES[name]
    with pytest.raises(Mistake) as caught:
        act(disk)
    assert sentence in str(caught.value)


def test_a_reader_cannot_write(disk: Disk) -> None:
    put(disk, "a", b"one")
    with pytest.raises(Mistake, match="open as 'rb', not as 'wb'"):
        disk.open("a").write(b"two")


# ---- what a power loss leaves --------------------------------------------------------------------


def after_power_loss(act: Callable[[Disk], None], seed: int) -> Disk:
    disk = SimulatedDisk()
    act(Disk(disk.perform))
    disk.lose_power(Random(seed))
    return Disk(disk.perform)


def outcomes(act: Callable[[Disk], None], name: str = "a") -> set[bytes | None]:
    """All that may become of a file, over many seeds."""
    return {get(after_power_loss(act, seed), name) for seed in SEEDS}


def test_what_is_synced_survives() -> None:
    def act(disk: Disk) -> None:
        put(disk, "a", b"one", sync=True)
        disk.sync()

    assert outcomes(act) == {b"one"}


def test_of_what_is_not_synced_a_prefix_survives() -> None:
    def act(disk: Disk) -> None:
        put(disk, "a", b"one", sync=True)
        disk.sync()
        put(disk, "a", b"two", "ab")

    assert outcomes(act) == {b"one", b"onet", b"onetw", b"onetwo"}


def test_a_synced_folder_alone_keeps_no_bytes() -> None:
    def act(disk: Disk) -> None:
        put(disk, "a", b"xy")
        disk.sync()

    assert outcomes(act) == {b"", b"x", b"xy"}


def test_a_new_file_may_vanish_until_its_folder_is_synced() -> None:
    assert outcomes(lambda disk: put(disk, "a", b"one", sync=True)) == {None, b"one"}


def test_a_rename_may_be_lost_but_is_never_half_done() -> None:
    def act(disk: Disk) -> None:
        put(disk, "a", b"old", sync=True)
        disk.sync()
        put(disk, "b", b"new", sync=True)
        disk.replace("b", "a")

    found = {
        (get(lost, "a"), get(lost, "b")) for lost in (after_power_loss(act, seed) for seed in SEEDS)
    }
    assert found == {(b"old", None), (b"old", b"new"), (b"new", None)}


def test_a_rename_without_fsync_may_tear_the_new_file() -> None:
    def act(disk: Disk) -> None:
        put(disk, "b", b"xy")
        disk.replace("b", "a")
        disk.sync()

    assert outcomes(act) == {b"", b"x", b"xy"}


def test_a_removal_may_be_lost_until_the_folder_is_synced() -> None:
    def act(disk: Disk) -> None:
        put(disk, "a", b"one", sync=True)
        disk.sync()
        disk.remove("a")

    def act_and_sync(disk: Disk) -> None:
        act(disk)
        disk.sync()

    assert outcomes(act) == {None, b"one"}
    assert outcomes(act_and_sync) == {None}


def test_that_a_file_was_emptied_may_be_lost_until_it_is_synced() -> None:
    def act(disk: Disk) -> None:
        put(disk, "a", b"old", sync=True)
        disk.sync()
        put(disk, "a", b"xy")

    def act_and_sync(disk: Disk) -> None:
        act(disk)
        disk.open("a", "ab").fsync()

    assert outcomes(act) == {b"old", b"", b"x", b"xy"}
    assert outcomes(act_and_sync) == {b"xy"}


def test_changes_of_the_folder_survive_in_their_order() -> None:
    def act(disk: Disk) -> None:
        for name in ("a", "b", "c"):
            put(disk, name, b"")

    found = {tuple(after_power_loss(act, seed).names()) for seed in SEEDS}
    assert found == {(), ("a",), ("a", "b"), ("a", "b", "c")}


def test_what_survived_once_survives_again() -> None:
    for seed in SEEDS:
        disk = SimulatedDisk()
        put(Disk(disk.perform), "a", b"one")
        disk.lose_power(Random(seed))
        before = get(Disk(disk.perform), "a")
        disk.lose_power(Random(seed + 1))
        assert get(Disk(disk.perform), "a") == before


def test_a_seed_repeats_its_loss() -> None:
    def act(disk: Disk) -> None:
        put(disk, "a", b"0123456789")
        disk.sync()

    for seed in SEEDS:
        assert get(after_power_loss(act, seed), "a") == get(after_power_loss(act, seed), "a")


# ---- the cluster's side --------------------------------------------------------------------------


def test_a_disk_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "CAPACITY", 10)
    disk = Disk(SimulatedDisk().perform)
    put(disk, "a", b"0123456")
    with pytest.raises(OSError, match="disk is full"):
        put(disk, "b", b"0123456")
    assert get(disk, "b") == b"012"
    disk.remove("a")
    put(disk, "b", b"0123456")


def test_a_disk_can_be_made_to_fail() -> None:
    owner = SimulatedDisk()
    disk = Disk(owner.perform)
    put(disk, "a", b"one", sync=True)
    owner.failing = ("fsync", "replace")
    with pytest.raises(OSError, match="failed to fsync"):
        put(disk, "b", b"two", sync=True)
    with pytest.raises(OSError, match="failed to replace"):
        disk.replace("b", "a")
    assert (get(disk, "a"), get(disk, "b")) == (b"one", b"two")


def test_who_watches_a_disk_is_told_before_it_happens() -> None:
    owner = SimulatedDisk()
    seen: list[tuple[str, list[str]]] = []

    def note(operation: DiskOperation) -> None:
        seen.append((operation.verb, owner.copy().perform(DiskOperation("names")).names))

    owner.before = note
    put(Disk(owner.perform), "a", b"one")
    assert seen == [("create", []), ("append", ["a"])]


def test_a_copy_is_a_disk_of_its_own_with_the_same_future() -> None:
    owner = SimulatedDisk()
    disk = Disk(owner.perform)
    put(disk, "b", b"old", sync=True)
    disk.sync()
    put(disk, "a", b"0123456789")
    disk.replace("a", "b")
    copies = [owner.copy() for _ in SEEDS]
    put(disk, "b", b"changed")
    found = set()
    for seed, other in zip(SEEDS, copies, strict=True):
        other.lose_power(Random(seed))
        found.add(get(Disk(other.perform), "b"))
    assert found == {b"old", *(b"0123456789"[:n] for n in range(11))}
    assert get(disk, "b") == b"changed"


def test_a_disk_that_becomes_another_has_no_locks() -> None:
    owner, other = SimulatedDisk(), SimulatedDisk()
    Disk(owner.perform).lock("l")
    put(Disk(other.perform), "l", b"one")
    owner.become(other)
    Disk(owner.perform).lock("l")
    assert get(Disk(owner.perform), "l") == b"one"


def test_the_end_of_a_process_frees_its_locks() -> None:
    owner = SimulatedDisk()
    Disk(owner.perform).lock("l")
    owner.free_locks()
    Disk(owner.perform).lock("l")
    owner.lose_power(Random(0))
    Disk(owner.perform).lock("l")


def test_a_verb_that_nobody_knows_is_refused_where_it_arrives() -> None:
    line = msgspec.json.encode(["DiskOperation", "lose_power", "", "", ""])
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(line, type=DiskOperation)
