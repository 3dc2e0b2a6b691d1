"""The limits that a node's process puts on itself before it loads student code."""

from __future__ import annotations

MEMORY = 1 << 30  # bytes of address space
OPEN_FILES = 256
FILE_SIZE = 1 << 28  # bytes
CPU = 20  # seconds that one life of a node may use
OUTPUT = 1 << 20  # bytes that a node may print before the rest is dropped


def lock_down() -> None:
    """Bound memory, descriptors, file sizes and core dumps. A sandbox does the rest."""
    import resource  # only POSIX has it; elsewhere nodes run inline, and are not locked down

    for what, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 1))  # first SIGXCPU, which tells why
