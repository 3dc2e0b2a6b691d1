"""A root that is loaded, and backends that show what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.kv.root import Root
from tests.helpers import write_root
from tests.kv.services import loaded

BACKENDS = """
import threading
from storage.memory import MemoryStorage

class Gated(MemoryStorage):
    entered, gate = threading.Event(), threading.Event()

    def put(self, key, value, version):
        if value == "late":
            self.entered.set()
            assert self.gate.wait(60)
        super().put(key, value, version)

class Hangs(MemoryStorage):
    def __init__(self, disk):
        super().__init__(disk)
        self.fifo = disk.folder + "/fifo"

    def put(self, key, value, version):
        open(self.fifo, "w").close()
        threading.Event().wait()

class Watched(MemoryStorage):
    threads = []

    def __init__(self, disk):
        super().__init__(disk)
        self.note("init")

    def note(self, what):
        self.threads.append((what, threading.current_thread().name))

    def get(self, key):
        self.note("get")
        return super().get(key)

    def put(self, key, value, version):
        self.note("put")
        super().put(key, value, version)

    def close(self):
        self.note("close")

class Fails(MemoryStorage):
    def put(self, key, value, version):
        from storage.storage import StorageFailed
        raise StorageFailed("the disk says nothing any more: " + "水" * 100_000)

class Breaks(MemoryStorage):
    def put(self, key, value, version):
        raise ZeroDivisionError

class Unfit:
    get = put = 7

    def get(self, key):
        return key

class Refuses(MemoryStorage):
    def __init__(self, disk):
        from storage.storage import StorageDamaged
        raise StorageDamaged("store.json is damaged")
"""


@pytest.fixture
def lab() -> Iterator[Root]:
    with loaded() as lab:
        yield lab


@pytest.fixture
def backends(tmp_path: Path) -> str:
    write_root(tmp_path, {"backends.py": BACKENDS})
    return f"{tmp_path}/backends.py"
