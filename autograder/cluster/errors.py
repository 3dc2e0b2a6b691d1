"""Who is at fault: the submission, or the harness. A broken guarantee is an `AssertionError`."""

from __future__ import annotations


class ClusterError(Exception):
    """Anything that ends a run before its test does."""


class NodeFault(ClusterError):
    """The submission's fault: a node crashed by itself, spun, blocked, or broke the protocol."""

    def __init__(self, node: str, text: str, traceback: str = "") -> None:
        super().__init__(f"{node}: {text}")
        self.node = node
        self.traceback = traceback


class HarnessFault(ClusterError):
    """Our fault. It never costs a point."""


class Unfinished(ClusterError):
    """The run reached its limit of virtual time or of steps, or nothing was left that could happen."""


class Unsupported(ClusterError):
    """The test needs what this host or clock has not; on another one it can run."""
