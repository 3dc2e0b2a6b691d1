"""Marks of tests that not every host can run."""

from __future__ import annotations

import pytest

# Elsewhere a node's step is never interrupted, and what it is to be killed in has already happened;
# nor can the memory of one node be told from that of another.
needs_processes = pytest.mark.skipif(
    "config.option.host != 'process'",
    reason="this takes nodes that are processes of their own: --host process",
)
