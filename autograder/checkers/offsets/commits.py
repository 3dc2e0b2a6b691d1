"""Committed offsets: a list gives what was committed before it, or more, and nothing made up.

A commit says that everything up to its offset has been processed. So a lower one says nothing new, and
what a list gives for a key never goes back, whichever nodes were asked.
"""

from __future__ import annotations

from autograder.checkers.finding import Finding
from autograder.checkers.history import Operation
from autograder.checkers.offsets.records import Records, at, fail, good

Known = dict[str, tuple[int, Operation]]


def wrong_lists(records: Records) -> Finding | None:
    """A list that gives too little or too much."""
    return too_little(records) or too_much(records)


def too_little(records: Records) -> Finding | None:
    """A list below a commit that was acknowledged, or below another list, that ended before it began."""
    ended = sorted(
        (each for each in (*records.commits, *records.lists) if good(each)),
        key=lambda each: each.returned or 0,
    )
    known: Known = {}
    place = 0
    for asking in records.lists:
        while place < len(ended) and (ended[place].returned or 0) < asking.invoked:
            learn(known, ended[place])
            place += 1
        for key in asking.args[0]:
            offset, witness = known.get(key, (-1, asking))
            if asking.result.get(key, -1) < offset:
                return fail(ignored(asking, key, witness, offset), witness, asking)
    return None


def learn(known: Known, ended: Operation) -> None:
    """Remember the greatest offset of each key that a commit or a list tells."""
    offsets: dict[str, int] = ended.args[0] if ended.name == "commit_offsets" else ended.result
    for key, offset in offsets.items():
        if key not in known or known[key][0] < offset:
            known[key] = offset, ended


def ignored(asking: Operation, key: str, witness: Operation, offset: int) -> str:
    """A list that gives too little, in words."""
    given = asking.result.get(key)
    gives = "no committed offset" if given is None else f"committed offset {given}"
    if witness.name == "commit_offsets":
        because = f"{witness.node} had acknowledged the commit of {offset} to {witness.client}"
    else:
        because = f"{witness.node} had given {offset} to {witness.client}"
    return (
        f"{asking.node} gave {asking.client} {gives} of key {key!r} {at(asking.returned)}, although "
        f"{because} {at(witness.returned)}"
    )


def too_much(records: Records) -> Finding | None:
    """A list above everything that anybody had tried to commit."""
    known: Known = {}
    place = 0
    for asking in sorted(records.lists, key=lambda each: each.returned or 0):
        while place < len(records.commits) and records.commits[place].invoked <= (
            asking.returned or 0
        ):
            learn(known, records.commits[place])
            place += 1
        for key, given in asking.result.items():
            offset, witness = known.get(key, (None, asking))
            if offset is None or given > offset:
                most = "anything of it" if offset is None else f"more than {offset}"
                return fail(
                    f"{asking.node} gave {asking.client} committed offset {given} of key {key!r} "
                    f"{at(asking.returned)}, and nobody had tried to commit {most}",
                    witness,
                    asking,
                )
    return None
