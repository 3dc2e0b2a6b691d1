"""The rungs of isolation, the best first, and what each is made of."""

from __future__ import annotations

import functools
import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.syscalls import compiled
from labs.node.hosts.confine import Confinement, Files

BEST = "best"  # whatever rung this machine can do
FIRST_UID = 1_900_000_000  # of the users who own nothing
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")


@dataclass(frozen=True)
class Rung:
    """One set of means. `namespaces` and `files`: see `Confinement`."""

    name: str
    what: str
    namespaces: bool = False
    files: Files = ""

    def confinement(self, roots: Sequence[str], runs: str) -> Confinement:
        """What a zygote is told; `roots` are read by its nodes, folders in `runs` are theirs."""
        if not self.files:
            return Confinement()
        programs = filters()
        if programs is None:
            return Confinement(possible=False)
        return Confinement(
            namespaces=self.namespaces,
            files=self.files,
            readable=python_paths(),
            roots=tuple(roots),
            runs=runs,
            uid=FIRST_UID + os.getpid() % 100_000_000,
            filters=programs,
        )


RUNGS = {
    rung.name: rung
    for rung in (
        Rung("namespaces", "namespaces, Landlock and seccomp", True, "landlock"),
        Rung("mounts", "namespaces, mounts of each node's own, and seccomp", True, "mounts"),
        Rung("landlock", "Landlock and seccomp", False, "landlock"),
        Rung("uid", "another user and seccomp", False, "uid"),
        Rung("none", "nothing but limits"),
    )
}


def confinements(names: Iterable[str], roots: Sequence[str], runs: str) -> list[Confinement]:
    """What to try for these rungs, in their order."""
    return [RUNGS[name].confinement(roots, runs) for name in names]


@functools.cache
def filters() -> tuple[bytes, bytes] | None:
    """The filters of system calls, in virtual time and on the wall clock; None where there are none."""
    try:
        return compiled(threads=False), compiled(threads=True)
    except (ImportError, OSError, RuntimeError):  # no Linux, or no libseccomp
        return None


@functools.cache
def python_paths() -> tuple[str, ...]:
    """Where this Python has its modules, and the system its libraries."""
    kinds = ("stdlib", "platstdlib", "purelib", "platlib")
    own = {sysconfig.get_path(kind) for kind in kinds} | {os.path.join(sys.base_prefix, "lib")}
    present = [path for path in (*sorted(own), *LIBRARIES) if Path(path).exists()]
    return tuple(path for path in present if not below_another(path, present))


def below_another(path: str, paths: Iterable[str]) -> bool:
    """Whether another of the paths is above this one."""
    return any(other != path and path.startswith(os.path.join(other, "")) for other in paths)
