"""What goes over the wire: `kv.proto`, and the code that `python -m autograder.kv.wire` makes from it."""

from __future__ import annotations

from typing import Any

from autograder.kv.wire import kv_pb2, kv_pb2_grpc

__all__ = ["generated", "kv_pb2"]

generated: Any = kv_pb2_grpc  # its functions have no annotations
