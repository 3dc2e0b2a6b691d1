"""Stores with appends, locks, counters, sets and logs."""

from __future__ import annotations

from autograder.checkers import Counter, KeyValue, Lock, Log, Set
from tests.checkers.operations import RIGHT, TIMEOUT, WRONG, Case, op

APPENDS: list[Case] = [
    (
        "an append happens once",
        KeyValue,
        WRONG,
        [
            op("a", "append", "x", "1 ", at=(0, 1), gives=""),
            op("b", "get", "x", at=(2, 3), gives="1 1 "),
        ],
    ),
    (
        "an append gives the value before",
        KeyValue,
        WRONG,
        [
            op("a", "append", "x", "1 ", at=(0, 1), gives=""),
            op("a", "append", "x", "2 ", at=(1, 2), gives="1 2 "),
        ],
    ),
    (
        "an append without an answer may be there or not, but not come and go",
        KeyValue,
        WRONG,
        [
            op("a", "append", "x", "1 ", at=(0, None)),
            op("b", "get", "x", at=(1, 2), gives="1 "),
            op("c", "get", "x", at=(3, 4), gives=""),
        ],
    ),
    (
        "two appends in either order",
        KeyValue,
        RIGHT,
        [
            op("a", "append", "x", "1 ", at=(0, 9), gives="2 "),
            op("b", "append", "x", "2 ", at=(0, 9), gives=""),
            op("c", "get", "x", at=(1, 8), gives="2 "),
            op("c", "get", "x", at=(8, 9), gives="2 1 "),
        ],
    ),
    (
        "a put forgets what was appended",
        KeyValue,
        RIGHT,
        [
            op("a", "append", "x", "1 ", at=(0, 1), gives=""),
            op("a", "put", "x", "2 ", at=(1, 2)),
            op("a", "append", "x", "3 ", at=(2, 3), gives="2 "),
            op("b", "get", "x", at=(1, 4), gives="2 3 "),
        ],
    ),
]


OTHERS: list[Case] = [
    (
        "two hold a lock at once",
        Lock,
        WRONG,
        [
            op("a", "acquire", "l", at=(0, 1)),
            op("b", "acquire", "l", at=(2, 3)),
            op("a", "release", "l", at=(4, 5)),
        ],
    ),
    (
        "one waits until the other has released",
        Lock,
        RIGHT,
        [
            op("a", "acquire", "l", at=(0, 1)),
            op("b", "acquire", "l", at=(2, 9)),
            op("a", "release", "l", at=(4, 5)),
        ],
    ),
    (
        "names are independent",
        Lock,
        RIGHT,
        [op("a", "acquire", "l", at=(0, 1)), op("b", "acquire", "m", at=(2, 3))],
    ),
    (
        "a lock is released by one who does not hold it",
        Lock,
        WRONG,
        [op("a", "acquire", "l", at=(0, 1)), op("b", "release", "l", at=(2, 3))],
    ),
    (
        "a lock is taken from a holder that died",
        Lock,
        WRONG,
        [op("a", "acquire", "l", at=(0, 1)), op("b", "acquire", "l", at=(2, 3))],
    ),
    (
        "one that died while it acquired may hold the lock or not",
        Lock,
        RIGHT,
        [op("a", "acquire", "l", at=(0, None)), op("b", "acquire", "l", at=(2, 3))],
    ),
    (
        "one that died while it released may have released it",
        Lock,
        RIGHT,
        [
            op("a", "acquire", "l", at=(0, 1)),
            op("a", "release", "l", at=(2, None)),
            op("b", "acquire", "l", at=(2, 3)),
        ],
    ),
    (
        "but not before that",
        Lock,
        WRONG,
        [
            op("a", "acquire", "l", at=(0, 1)),
            op("a", "release", "l", at=(4, None)),
            op("b", "acquire", "l", at=(2, 3)),
        ],
    ),
    (
        "one that did not learn that it holds the lock releases it",
        Lock,
        RIGHT,
        [
            op("a", "acquire", "l", at=(0, 1), error=TIMEOUT),
            op("a", "release", "l", at=(4, 5)),
            op("b", "acquire", "l", at=(2, 6)),
        ],
    ),
    (
        "two increments, and one is lost",
        Counter,
        WRONG,
        [
            op("a", "add", 1, at=(0, 1)),
            op("b", "add", 1, at=(0, 1)),
            op("a", "read", at=(2, 3), gives=1),
        ],
    ),
    (
        "additions of different numbers",
        Counter,
        RIGHT,
        [
            op("a", "add", 1, at=(0, 9)),
            op("b", "add", 5, at=(0, 9)),
            op("c", "read", at=(2, 3), gives=5),
            op("c", "read", at=(4, 9), gives=6),
        ],
    ),
    (
        # what one pass that makes additions as early as possible would get wrong
        "an addition has to wait for one that begins later and ends before",
        Counter,
        RIGHT,
        [
            op("a", "add", 1, at=(0, 100)),
            op("b", "add", 1, at=(5, 7)),
            op("c", "read", at=(10, 11), gives=1),
            op("c", "read", at=(20, 21), gives=2),
        ],
    ),
    (
        "two reads each see what the other does not",
        Set,
        WRONG,
        [
            op("a", "add", 1, at=(0, 9)),
            op("b", "add", 2, at=(0, 9)),
            op("c", "read", at=(1, 8), gives=[1]),
            op("d", "read", at=(1, 8), gives=[2]),
        ],
    ),
    (
        "a set has no order",
        Set,
        RIGHT,
        [
            op("a", "add", 1, at=(0, 1)),
            op("b", "add", 2, at=(2, 3)),
            op("c", "read", at=(4, 5), gives=[2, 1]),
        ],
    ),
    (
        "a member stands twice in a set",
        Set,
        WRONG,
        [op("a", "add", 1, at=(0, 1)), op("c", "read", at=(4, 5), gives=[1, 1])],
    ),
    (
        "two entries of a log are told the same place",
        Log,
        WRONG,
        [op("a", "append", 1, at=(0, 9), gives=0), op("b", "append", 2, at=(0, 9), gives=0)],
    ),
    (
        "a place is told before the one before it can have been taken",
        Log,
        WRONG,
        [op("a", "append", 1, at=(0, 1), gives=1), op("b", "append", 2, at=(2, 3), gives=0)],
    ),
    (
        "a log is cut",
        Log,
        WRONG,
        [
            op("a", "append", 1, at=(0, 1)),
            op("a", "append", 2, at=(2, 3)),
            op("b", "read", at=(4, 5), gives=[1, 2]),
            op("b", "read", at=(5, 6), gives=[1]),
        ],
    ),
]
