"""Faults of the network, as rules that compose.

A rule is a function from a message to the delays, in seconds, of the copies that it lets through:
`()` loses the message, `(0.0,)` leaves it alone, `(0.02,)` is late, `(0.0, 0.1)` duplicates it. Each
rule sees every copy that the rules before it left, and delays add up.

    with cluster.network.rule(lose(0.1), among={"n1", "n2"}): ...
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from random import Random

from autograder.cluster.trace import Message

Rule = Callable[[Message, Random], Sequence[float]]
PASS: Sequence[float] = (0.0,)
LOST: Sequence[float] = ()

UNNAMED = "a rule of the test"  # what is said of a rule without words

# The parameters of the original labs (MIT 6.5840, labrpc): seconds and probabilities.
LOSS = 0.1  # of requests, and again of replies
SHORT_DELAY = 0.026  # at most
LONG_REORDERING = 2 / 3  # of replies
LONG_REORDERING_LEAST, LONG_REORDERING_MOST = 0.2, 2.4


def described(what: str, rule: Rule) -> Rule:
    """A rule that says in words what it does; `describe` gives them."""
    setattr(rule, "what", what)  # noqa: B010 - a function has no such field for a type checker
    return rule


def describe(rule: Rule) -> str:
    """What a rule does, in words: its own `what`, if it has one."""
    return getattr(rule, "what", "") or UNNAMED


def lose(probability: float) -> Rule:
    """Lose messages by chance."""
    return described(
        f"{100 * probability:g} % of messages are lost",
        lambda message, random: LOST if random.random() < probability else PASS,
    )


def delay(least: float, most: float) -> Rule:
    """Hold messages up by a time drawn from a range; so they overtake each other."""
    return described(
        f"messages are {1000 * least:g} to {1000 * most:g} ms late",
        lambda message, random: (random.uniform(least, most),),
    )


def duplicate(probability: float, within: float = 0.1) -> Rule:
    """Deliver some messages twice, the second time up to `within` seconds later."""

    def rule(message: Message, random: Random) -> Sequence[float]:
        return (0.0, random.uniform(0, within)) if random.random() < probability else PASS

    return described(f"{100 * probability:g} % of messages arrive twice", rule)


def reorder_replies(
    probability: float = LONG_REORDERING,
    least: float = LONG_REORDERING_LEAST,
    most: float = LONG_REORDERING_MOST,
) -> Rule:
    """Hold many replies up for long, so that they come after later ones."""

    def rule(message: Message, random: Random) -> Sequence[float]:
        if message.in_reply_to is None or random.random() >= probability:
            return PASS
        return (random.uniform(least, most),)

    return described(
        f"{100 * probability:.0f} % of replies are {1000 * least:g} to {1000 * most:g} ms late",
        rule,
    )


def unreliable(loss: float = LOSS, most: float = SHORT_DELAY) -> Rule:
    """The original labs' unreliable network: every request and every reply may be lost, or be late.

    There only requests are delayed; here replies are too, since a real network knows no difference.
    """
    return chain(lose(loss), delay(0, most))


def cut(sources: Collection[str], dests: Collection[str]) -> Rule:
    """Lose what `sources` send to `dests`; the other way stays open."""
    return described(
        f"{names(sources)} cannot reach {names(dests)}",
        lambda message, random: LOST if message.src in sources and message.dest in dests else PASS,
    )


def partition(*groups: Collection[str]) -> Rule:
    """Lose what passes from one group to another. Whoever is in no group reaches everyone."""

    def rule(message: Message, random: Random) -> Sequence[float]:
        sides = [g for g in groups if (message.src in g) != (message.dest in g)]
        return LOST if len(sides) > 1 else PASS

    return described(f"partition: {' | '.join(map(names, groups))}", rule)


def only(rule: Rule, among: Collection[str]) -> Rule:
    """Apply a rule only to messages between, to or from the nodes named."""

    def limited(message: Message, random: Random) -> Sequence[float]:
        concerned = message.src in among or message.dest in among
        return rule(message, random) if concerned else PASS

    return described(f"of {names(among)}: {describe(rule)}", limited)


def chain(*rules: Rule) -> Rule:
    """Several rules as one."""
    return described(
        "; ".join(map(describe, rules)), lambda message, random: through(rules, message, random)
    )


def through(rules: Iterable[Rule], message: Message, random: Random) -> Sequence[float]:
    """What rules, one after the other, let through of a message."""
    delays: Sequence[float] = PASS
    for rule in rules:
        delays = [late + more for late in delays for more in rule(message, random)]
    return delays


def names(nodes: Collection[str]) -> str:
    """Several nodes, in words."""
    return ", ".join(sorted(nodes))
