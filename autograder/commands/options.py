"""Defaults that several commands share."""

from __future__ import annotations

import os

MOST_JOBS = 8


def default_jobs() -> int:
    """One test for each processor that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_JOBS)
    return min(os.cpu_count() or 1, MOST_JOBS)
