"""Registers: porcupine's examples, and those of Herlihy and Wing, Lamport, Gibbons and Korach, Lowe."""

from __future__ import annotations

from autograder.checkers import CasRegister, Register
from tests.checkers.operations import MISMATCH, NO_KEY, RIGHT, WRONG, Case, op

REGISTERS: list[Case] = [
    (
        # porcupine's first example
        "reads within a write may give the new value and then, if they overlap, the old one",
        Register,
        RIGHT,
        [
            op("a", "write", 0, at=(0, 1)),
            op("a", "write", 100, at=(10, 110)),
            op("b", "read", at=(35, 85), gives=100),
            op("c", "read", at=(40, 70), gives=0),
        ],
    ),
    (
        # its second, and Lamport's distinction of regular and atomic registers
        "a read gives the old value after another gave the new one",
        Register,
        WRONG,
        [
            op("a", "write", 0, at=(0, 1)),
            op("a", "write", 200, at=(10, 110)),
            op("b", "read", at=(20, 40), gives=200),
            op("c", "read", at=(50, 100), gives=0),
        ],
    ),
    (
        # Herlihy and Wing: the register of the introduction
        "of two concurrent writes, either may be the last",
        Register,
        RIGHT,
        [
            op("a", "write", 0, at=(0, 10)),
            op("b", "write", 1, at=(5, 15)),
            op("a", "read", at=(20, 30), gives=0),
            op("b", "read", at=(20, 30), gives=0),
        ],
    ),
    (
        "of two concurrent writes, one is the last, and for all",
        Register,
        WRONG,
        [
            op("a", "write", 0, at=(0, 10)),
            op("b", "write", 1, at=(5, 15)),
            op("a", "read", at=(20, 30), gives=0),
            op("b", "read", at=(40, 50), gives=1),
        ],
    ),
    (
        "a value is read before its write begins",
        Register,
        WRONG,
        [op("a", "read", at=(0, 1), gives=5), op("b", "write", 5, at=(2, 3))],
    ),
    (
        # Gibbons and Korach: two forward zones
        "two values are each read before and after the other",
        Register,
        WRONG,
        [
            op("a", "write", 1, at=(0, 100)),
            op("b", "write", 2, at=(0, 100)),
            op("c", "read", at=(10, 20), gives=1),
            op("d", "read", at=(30, 40), gives=2),
            op("c", "read", at=(50, 60), gives=1),
        ],
    ),
    (
        # Gibbons and Korach: a zone that could be an instant lies within a forward one
        "a write that nobody reads lies within the time of another value",
        Register,
        WRONG,
        [
            op("a", "write", 1, at=(0, 10)),
            op("b", "write", 2, at=(20, 30)),
            op("c", "read", at=(40, 50), gives=1),
        ],
    ),
    (
        "the same at the edge of that time",
        Register,
        RIGHT,
        [
            op("a", "write", 1, at=(0, 25)),
            op("b", "write", 2, at=(20, 30)),
            op("c", "read", at=(40, 50), gives=1),
        ],
    ),
    (
        "an unanswered write is read much later, and never again the old value",
        Register,
        RIGHT,
        [
            op("a", "write", 1, at=(0, 1)),
            op("b", "write", 2, at=(2, None)),
            op("a", "read", at=(10, 11), gives=1),
            op("a", "read", at=(20, 21), gives=2),
        ],
    ),
    (
        "an unanswered write happens and is undone",
        Register,
        WRONG,
        [
            op("a", "write", 1, at=(0, 1)),
            op("b", "write", 2, at=(2, None)),
            op("a", "read", at=(10, 11), gives=2),
            op("a", "read", at=(20, 21), gives=1),
        ],
    ),
    (
        # Lowe: only one of two can have changed the value
        "two changes from the same value succeed",
        CasRegister,
        WRONG,
        [
            op("a", "write", 0, at=(0, 1)),
            op("a", "cas", 0, 1, at=(2, 9)),
            op("b", "cas", 0, 2, at=(2, 9)),
        ],
    ),
    (
        "of two changes from the same value one is refused",
        CasRegister,
        RIGHT,
        [
            op("a", "write", 0, at=(0, 1)),
            op("a", "cas", 0, 1, at=(2, 9)),
            op("b", "cas", 0, 2, at=(2, 9), error=MISMATCH),
        ],
    ),
    (
        "a change is refused although nothing else was ever there",
        CasRegister,
        WRONG,
        [op("a", "write", 0, at=(0, 1)), op("b", "cas", 0, 2, at=(2, 9), error=MISMATCH)],
    ),
    (
        "there is nothing to change at first",
        CasRegister,
        RIGHT,
        [op("b", "cas", 0, 2, at=(0, 9), error=NO_KEY), op("a", "write", 0, at=(1, 2))],
    ),
]
