"""Marks of tests that not every host and not every clock can run."""

from __future__ import annotations

import pytest

# Elsewhere a node's step is never interrupted, and what it is to be killed in has already happened;
# nor can the memory of one node be told from that of another.
needs_processes = pytest.mark.skipif(
    "config.option.host != 'process'",
    reason="this takes nodes that are processes of their own: --host process",
)

# Half an hour is nothing in virtual time.
needs_virtual_time = pytest.mark.skipif(
    "config.option.clock == 'wall'",
    reason="on the wall clock this takes longer than anyone waits: leave --clock away",
)
