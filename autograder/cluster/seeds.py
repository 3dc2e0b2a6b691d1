"""Seeds: every random choice of a run comes from one number, through independent streams."""

from __future__ import annotations

import hashlib
import hmac
from random import Random

BITS = 48


def derive(seed: int | str, *names: object) -> int:
    """A seed that `names` fix and that tells nothing of `seed` (HMAC-SHA-256, RFC 2104)."""
    text = "\0".join(map(str, names)).encode()
    digest = hmac.new(str(seed).encode(), text, hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - BITS)


def stream(seed: int | str, *names: object) -> Random:
    """A random generator of its own for one purpose."""
    return Random(derive(seed, *names))
