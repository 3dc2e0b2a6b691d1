"""The anomalies, and which consistency model forbids which.

G0 to G2 are defined in Adya's thesis, sections 3.2 and 4.2. Two rules are his, too, and hold for every
model: a transaction reads what it wrote itself, and what it wrote twice has the later value.

Snapshot isolation is checked as Cerone and Gotsman characterize it ("Analysing Snapshot Isolation", PODC
2016): every cycle of dependencies has two anti-dependencies (rw) in a row. G-single, a cycle with exactly
one, is a case of G-nonadjacent, a cycle in which no two stand in a row.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

# Every anomaly, the worst first, and what it is.
ANOMALIES = {
    "malformed-reply": "a reply that is not the transaction that was asked",
    "garbage-read": "a read of what nobody wrote",
    "duplicate-elements": "a list with an element twice",
    "own-write-unseen": "a transaction that does not read its own write",
    "G0": "dirty writes: transactions overwrote each other in a circle",
    "cyclic-versions": "values of which each was overwritten by the other",
    "G1a": "an aborted read",
    "G1b": "an intermediate read",
    "incompatible-order": "two reads of a list that are no state and a later one",
    "G1c": "circular information flow",
    "unrepeatable-read": "a transaction that reads another value the second time",
    "lost-update": "two transactions that read one value and both overwrote it",
    "G-single": "read skew: a circle of dependencies with one anti-dependency",
    "G-nonadjacent": "a circle of dependencies without two anti-dependencies in a row",
    "G2": "write skew: a circle of dependencies with several anti-dependencies",
    "unanswered": "a last read without an answer",
    "lost-write": "an acknowledged write that is gone at the end",
    "divergence": "nodes that read different values at the end",
}

# The cycles among them, from the strictest condition to the weakest.
CYCLES = ("G0", "G1c", "G-single", "G-nonadjacent", "G2")

Order = Literal["", "process", "realtime"]


class Level(NamedTuple):
    """A consistency model: what it forbids, and whose order its transactions keep.

    With an order, a cycle may also run through it, and is called, for example, `G-single-realtime`.
    """

    name: str
    forbids: frozenset[str]
    order: Order = ""


# Of every data store, whatever its isolation; the last three only if its nodes promise to converge.
ALWAYS = frozenset(
    {
        "malformed-reply",
        "garbage-read",
        "duplicate-elements",
        "own-write-unseen",
        "cyclic-versions",
        "unanswered",
        "lost-write",
        "divergence",
    }
)
READ_UNCOMMITTED = ALWAYS | {"G0"}
READ_COMMITTED = READ_UNCOMMITTED | {"G1a", "G1b", "G1c", "incompatible-order"}
SNAPSHOT = READ_COMMITTED | {"unrepeatable-read", "lost-update", "G-single", "G-nonadjacent"}
SERIALIZABLE = SNAPSHOT | {"G2"}

LEVELS = {
    level.name: level
    for level in (
        Level("read-uncommitted", READ_UNCOMMITTED),
        Level("read-committed", READ_COMMITTED),
        Level("snapshot-isolation", SNAPSHOT),
        Level("strong-session-snapshot-isolation", SNAPSHOT, "process"),
        Level("strong-snapshot-isolation", SNAPSHOT, "realtime"),
        Level("serializable", SERIALIZABLE),
        Level("strong-session-serializable", SERIALIZABLE, "process"),
        Level("strict-serializable", SERIALIZABLE, "realtime"),
    )
}
