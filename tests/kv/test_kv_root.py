"""What a root's store consists of, and what stands in for a backend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.kv.root import Root, Unusable
from tests.helpers import write_root


@pytest.mark.parametrize(
    ("storage", "sentence"),
    [
        ("cloud", "there is no storage 'cloud': choose memory, file, lmdb, or write FILE.py:Class"),
        ("no.py:Storage", "there is no file no.py"),
        ("BACKENDS:Nothing", "there is no Nothing in this file"),
        ("BACKENDS:threading", "is no class: a backend is one"),
        ("BACKENDS:Unfit", "is no backend: it has no method put, items, close"),
        ("BACKENDS:", "there is no storage"),
        ("BROKEN:Storage", "broken.py:1: SyntaxError"),
    ],
)
def test_what_is_no_backend_is_refused(
    lab: Root, tmp_path: Path, backends: str, storage: str, sentence: str
) -> None:
    write_root(tmp_path, {"broken.py": "class\n"})
    place = storage.replace("BACKENDS", backends).replace("BROKEN", f"{tmp_path}/broken.py")
    with pytest.raises(Unusable, match=re.escape(sentence)):
        lab.store(place)


def test_what_is_in_memory_needs_no_thread(lab: Root) -> None:
    assert not lab.store(None).blocks
    assert not lab.store("memory").blocks
    assert lab.store("file").blocks
