"""Versioned stores, and what their clients are told."""

from __future__ import annotations

from autograder.checkers import VersionedStore
from tests.checkers.operations import (
    CRASHED,
    EXISTS,
    MAYBE,
    MISMATCH,
    NO_KEY,
    RIGHT,
    TIMEOUT,
    UNAVAILABLE,
    WRONG,
    Case,
    op,
)

CREATED = op("a", "put", "x", "1", 0, at=(0, 1))

VERSIONS: list[Case] = [
    (
        "a stale read",
        VersionedStore,
        WRONG,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(2, 3)),
            op("b", "get", "x", at=(5, 6), gives=["1", 1]),
        ],
    ),
    (
        "the same while the put is under way",
        VersionedStore,
        RIGHT,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(2, 5)),
            op("b", "get", "x", at=(5, 6), gives=("1", 1)),
        ],
    ),
    (
        "a client does not read its own write, although the clock has not moved",
        VersionedStore,
        WRONG,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(1, 3)),
            op("a", "get", "x", at=(3, 3), gives=["1", 1]),
        ],
    ),
    (
        "a read inversion",
        VersionedStore,
        WRONG,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(2, 9)),
            op("b", "get", "x", at=(3, 4), gives=["2", 2]),
            op("c", "get", "x", at=(5, 6), gives=["1", 1]),
        ],
    ),
    (
        "a lost update: two puts of the same version are acknowledged",
        VersionedStore,
        WRONG,
        [CREATED, op("a", "put", "x", "2", 1, at=(2, 9)), op("b", "put", "x", "3", 1, at=(2, 9))],
    ),
    (
        "the right version with another value",
        VersionedStore,
        WRONG,
        [CREATED, op("b", "get", "x", at=(2, 3), gives=["2", 1])],
    ),
    (
        "the right value with another version",
        VersionedStore,
        WRONG,
        [CREATED, op("b", "get", "x", at=(2, 3), gives=["1", 2])],
    ),
    (
        "a value without its version",
        VersionedStore,
        WRONG,
        [CREATED, op("b", "get", "x", at=(2, 3), gives="1")],
    ),
    (
        "an acknowledged put is lost",
        VersionedStore,
        WRONG,
        [CREATED, op("b", "get", "x", at=(2, 3), error=NO_KEY)],
    ),
    (
        "a put of version 0 is refused for want of the key",
        VersionedStore,
        WRONG,
        [op("a", "put", "x", "1", 0, at=(0, 1), error=NO_KEY)],
    ),
    (
        "a put of version 1 is refused for want of the key",
        VersionedStore,
        RIGHT,
        [op("a", "put", "x", "1", 1, at=(0, 1), error=NO_KEY)],
    ),
    (
        "a put of the right version is refused",
        VersionedStore,
        WRONG,
        [CREATED, op("b", "put", "x", "2", 1, at=(2, 3), error=MISMATCH)],
    ),
    (
        "a put is refused because the key is not yet there, but with the wrong error",
        VersionedStore,
        WRONG,
        [op("b", "put", "x", "2", 1, at=(0, 1), error=MISMATCH), CREATED],
    ),
    (
        "a put is refused between the put before and the one after",
        VersionedStore,
        WRONG,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(2, 3)),
            op("b", "put", "x", "?", 2, at=(4, 5), error=MISMATCH),
            op("a", "put", "x", "3", 2, at=(6, 7)),
        ],
    ),
    (
        "a refused put cannot be both before the one and after the other of two that it overlaps",
        VersionedStore,
        WRONG,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(2, 10)),
            op("b", "put", "x", "?", 2, at=(5, 6), error=MISMATCH),
            op("c", "get", "x", at=(3, 4), gives=["2", 2]),
            op("c", "get", "x", at=(7, 8), gives=["2", 2]),
        ],
    ),
    (
        "other definite errors say that nothing happened",
        VersionedStore,
        RIGHT,
        [
            op("a", "put", "x", "1", 0, at=(0, 1), error=UNAVAILABLE),
            op("a", "put", "x", "1", 0, at=(1, 2), error=EXISTS),
            op("b", "get", "x", at=(2, 3), error=NO_KEY),
        ],
    ),
    (
        "and if it did after all, that is wrong",
        VersionedStore,
        WRONG,
        [
            op("a", "put", "x", "1", 0, at=(0, 1), error=UNAVAILABLE),
            op("b", "get", "x", at=(2, 3), gives=["1", 1]),
        ],
    ),
    (
        "a put that timed out takes effect later than its client's next one",
        VersionedStore,
        RIGHT,
        [
            op("a", "put", "x", "1", 0, at=(0, 1), error=TIMEOUT),
            op("a", "get", "x", at=(2, 3), error=NO_KEY),
            op("a", "get", "x", at=(8, 9), gives=["1", 1]),
        ],
    ),
    (
        "a put that crashed takes effect twice",
        VersionedStore,
        WRONG,
        [
            op("a", "put", "x", "1", 0, at=(0, 1), error=CRASHED),
            op("b", "get", "x", at=(2, 3), gives=["1", 1]),
            op("b", "get", "x", at=(8, 9), gives=["1", 2]),
        ],
    ),
    (
        "Maybe: the first sending had taken effect",
        VersionedStore,
        RIGHT,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(2, 9), error=MAYBE),
            op("b", "get", "x", at=(10, 11), gives=["2", 2]),
        ],
    ),
    (
        "Maybe: another put came first",
        VersionedStore,
        RIGHT,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(2, 9), error=MAYBE),
            op("b", "put", "x", "3", 1, at=(3, 4)),
            op("b", "get", "x", at=(10, 11), gives=["3", 2]),
        ],
    ),
    (
        "Maybe: nobody else wrote, and yet it did not take effect",
        VersionedStore,
        WRONG,
        [
            CREATED,
            op("a", "put", "x", "2", 1, at=(2, 9), error=MAYBE),
            op("b", "get", "x", at=(10, 11), gives=["1", 1]),
        ],
    ),
    (
        "Maybe: it cannot take effect before it was asked for",
        VersionedStore,
        WRONG,
        [
            CREATED,
            op("b", "get", "x", at=(2, 3), gives=["2", 2]),
            op("a", "put", "x", "2", 1, at=(4, 9), error=MAYBE),
        ],
    ),
    (
        "Maybe: a sending that was late takes effect after the answer",
        VersionedStore,
        RIGHT,
        [
            CREATED,
            op("b", "put", "x", "2", 1, at=(1, 2)),
            op("a", "put", "x", "4", 3, at=(2, 3), error=MAYBE),
            op("b", "put", "x", "3", 2, at=(4, 5)),
            op("b", "get", "x", at=(10, 11), gives=["4", 4]),
        ],
    ),
    (
        "Maybe: the key did not exist",
        VersionedStore,
        RIGHT,
        [
            op("a", "put", "x", "2", 1, at=(0, 1), error=MAYBE),
            op("a", "put", "x", "1", 0, at=(2, 3)),
        ],
    ),
    (
        "Maybe: the key did not exist, and a sending that was late finds it",
        VersionedStore,
        RIGHT,
        [
            op("a", "put", "x", "2", 1, at=(0, 1), error=MAYBE),
            op("a", "put", "x", "1", 0, at=(2, 3)),
            op("b", "get", "x", at=(4, 5), gives=["2", 2]),
        ],
    ),
    (
        "Maybe: the key existed all the time, with the version that was asked for",
        VersionedStore,
        WRONG,
        [
            CREATED,
            op("b", "put", "x", "2", 1, at=(2, 9), error=MAYBE),
            op("a", "put", "x", "3", 1, at=(10, 11)),
        ],
    ),
    (
        "Maybe: no retry that creates a missing key is refused",
        VersionedStore,
        WRONG,
        [
            op("a", "put", "x", "2", 0, at=(0, 1), error=MAYBE),
            op("a", "get", "x", at=(2, 3), error=NO_KEY),
        ],
    ),
    (
        "keys are independent",
        VersionedStore,
        RIGHT,
        [
            CREATED,
            op("b", "put", "y", "2", 0, at=(2, 3)),
            op("b", "get", "z", at=(3, 4), error=NO_KEY),
        ],
    ),
]
