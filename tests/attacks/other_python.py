"""A Python that another user may run, for the rung on which nodes are one."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.catalog import REPOSITORY
from autograder.cluster import zygote
from autograder.sandbox import rungs


def is_open(path: Path) -> bool:
    """Whether all users may read a file or folder, and get there."""
    path = path.resolve()
    way = all(parent.stat().st_mode & 0o001 for parent in path.parents)
    return way and bool(path.stat().st_mode & 0o004)


def readable_python() -> Path | None:
    """A Python of this version that all users may run."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for folder in (Path(sys.base_prefix) / "bin", Path("/usr/bin"), Path("/usr/local/bin")):
        if (folder / name).exists() and is_open(folder / name):
            return folder / name
    return None


def can_be_another_user() -> bool:
    """Whether nodes can be another user's here, and then still read what they need."""
    needed = (Path(sysconfig.get_path("purelib")), REPOSITORY)
    root = os.name == "posix" and os.geteuid() == 0
    return root and readable_python() is not None and all(map(is_open, needed))


@contextmanager
def nodes_on_it() -> Iterator[None]:
    """Let nodes run on such a Python; skips the test if that cannot be."""
    found, packages = readable_python(), Path(sysconfig.get_path("purelib"))
    if found is None or not can_be_another_user():
        pytest.skip("not root, or other users can run no Python of this version with its packages")
    with tempfile.TemporaryDirectory(prefix="python-") as folder, pytest.MonkeyPatch.context() as m:
        os.chmod(folder, 0o755)
        made = Path(folder) / "python"
        subprocess.run([found, "-m", "venv", "--without-pip", made], check=True)
        [site] = made.glob("lib/python*/site-packages")
        (site / "packages.pth").write_text(f"{packages}\n")
        python = made / "bin" / "python"
        ask = "from autograder.sandbox.rungs import python_paths as p; print('\\n'.join(p()))"
        said = subprocess.run(
            [python, "-c", ask], cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
        paths = (*said.stdout.split("\n")[:-1], str(packages))
        m.setattr(zygote, "sys", SimpleNamespace(executable=str(python)))
        m.setattr(rungs, "python_paths", lambda: paths)
        yield
