"""What the services keep: one store that is linearizable, one sequential, one where the last write wins.

Keys and values are JSON texts in one form (`services.form`), so that `1`, `1.0` and `true` differ, and any
JSON can be a key. An `Act` on a key is a function from its value, None if it has none, to what is there
afterwards. A store decides on which state an act runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from random import Random
from typing import NamedTuple, Protocol

WINDOW = 32  # states that a sequential store remembers
# Of a die: below, a client is shown its oldest state; from there on, the newest; between them, any.
OLDEST, NEWEST = 1 / 2, 3 / 4
REPLICAS = 3
SKEW = 2.0  # seconds at most by which the clock of a replica is wrong
GOSSIP = 1.0  # seconds after which a replica has met the others

Value = bytes | None
# The value afterwards; raises an `RPCError` if it cannot be done, and then nothing has changed.
Act = Callable[[Value], Value]


class Store(Protocol):
    """Runs acts; gives the value on which an act ran, as it was left."""

    def run(self, client: str, key: bytes, act: Act, now: float) -> Value:
        """Do `act`, asked by `client` at `now` seconds."""


class Linearizable:
    """One state, on which everything runs as it comes (Herlihy and Wing 1990)."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}

    def run(self, client: str, key: bytes, act: Act, now: float) -> Value:
        """See `Store`."""
        left = act(self._values.get(key))
        if left is not None:
            self._values[key] = left
        return left


class Version(NamedTuple):
    """A value, and the number of the state that it came with."""

    state: int
    value: bytes


class Sequential:
    """Every client sees the same states in the same order, each as late as it likes (Lamport 1979).

    The last 32 states are remembered. An act first runs on one that the seed draws, from the last that its
    client saw to the newest. If it changes nothing there, that was it; else it runs on the newest. So a
    write of what is there already can be answered by an old state, too. A client never goes back.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._newest = 0
        self._last: dict[str, int] = {}  # the state that each client saw last
        self._versions: dict[bytes, deque[Version]] = {}  # of each key, the oldest first

    def run(self, client: str, key: bytes, act: Act, now: float) -> Value:
        """See `Store`."""
        state = self._draw(max(self._last.get(client, 0), self._newest - WINDOW + 1))
        found, refusal = self._at(key, state), None
        try:
            left = act(found)
        except Exception as error:
            left, refusal = found, error
        if left != found:
            return self._change(client, key, act)
        self._last[client] = state
        if refusal is not None:
            raise refusal
        return left

    def _change(self, client: str, key: bytes, act: Act) -> Value:
        """Run an act on the newest state."""
        self._last[client] = self._newest
        found = self._at(key, self._newest)
        left = act(found)
        if left is not None and left != found:
            self._newest += 1
            self._last[client] = self._newest
            self._add(key, Version(self._newest, left))
        return left

    def _draw(self, oldest: int) -> int:
        """A state from `oldest` to the newest; every other time the oldest, so that reads are old."""
        die, any_state = self._random.random(), self._random.randint(oldest, self._newest)
        return oldest if die < OLDEST else any_state if die < NEWEST else self._newest

    def _at(self, key: bytes, state: int) -> Value:
        """The value of a key in a state of the window."""
        versions = self._versions.get(key, ())
        return next((v.value for v in reversed(versions) if v.state <= state), None)

    def _add(self, key: bytes, version: Version) -> None:
        """Keep a value, and forget those that no state of the window has."""
        versions = self._versions.setdefault(key, deque())
        versions.append(version)
        while len(versions) > 1 and versions[1].state <= self._newest - WINDOW + 1:
            versions.popleft()


class Stamped(NamedTuple):
    """A value, and when it was written, by the clock of its replica; the greatest wins."""

    time: float
    replica: int
    value: bytes


class LastWriteWins:
    """Three replicas, each with a clock that is up to two seconds wrong.

    An act runs on a replica that the seed draws. What it leaves is stamped with that replica's clock, and
    is lost at once, although it is acknowledged, where a value with a later stamp is known. A replica hears
    of all that the others have before an act that comes a second or more after it last did, and perhaps
    earlier.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._values: list[dict[bytes, Stamped]] = [{} for _ in range(REPLICAS)]
        self._skews = [random.uniform(-SKEW, SKEW) for _ in range(REPLICAS)]
        self._met = [0.0] * REPLICAS

    def run(self, client: str, key: bytes, act: Act, now: float) -> Value:
        """See `Store`."""
        replica = self._random.randrange(REPLICAS)
        self._meet(replica, now)
        values = self._values[replica]
        found = values[key].value if key in values else None
        left = act(found)
        if left is not None and left != found:
            take(values, key, Stamped(now + self._skews[replica], replica, left))
        return left

    def _meet(self, replica: int, now: float) -> None:
        """Let a replica hear of what others have: of all if it is time, or of one by chance."""
        others = [number for number in range(REPLICAS) if number != replica]
        if now - self._met[replica] < GOSSIP:
            others = others[: self._random.randrange(REPLICAS - 1)]
        else:
            self._met[replica] = now
        for other in others:
            for key, stamped in self._values[other].items():
                take(self._values[replica], key, stamped)


def take(values: dict[bytes, Stamped], key: bytes, stamped: Stamped) -> None:
    """Keep the later one of two values of a key."""
    values[key] = max(stamped, values.get(key, stamped))
