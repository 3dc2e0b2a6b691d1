"""How long messages between servers take. Clients are beside their servers: theirs take no time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from autograder.cluster.rules import PASS, Rule, described
from autograder.cluster.trace import Message

# The delay of a message in seconds, drawn with a given mean.
DISTRIBUTIONS: dict[str, Callable[[Random, float], float]] = {
    "constant": lambda random, mean: mean,
    "uniform": lambda random, mean: random.uniform(0, 2 * mean),
    "exponential": lambda random, mean: random.expovariate(1 / mean),
}


def is_client(name: str) -> bool:
    """Whether a name is a client's, or that of the test's own."""
    return name == "test" or (name.startswith("c") and name[1:].isdigit())


def between_servers(message: Message) -> bool:
    """Whether a message goes from a node or service to another."""
    return not (is_client(message.src) or is_client(message.dest))


def latency(mean: float, distribution: str = "constant") -> Rule:
    """A rule for the network: messages between servers take so many seconds in the mean."""
    draw = DISTRIBUTIONS[distribution]

    def rule(message: Message, random: Random) -> Sequence[float]:
        return (draw(random, mean),) if between_servers(message) else PASS

    return described(f"messages between servers take {1000 * mean:g} ms ({distribution})", rule)
