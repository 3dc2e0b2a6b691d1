"""Counts what was searched for, and says how often a word was: two programs with a file between them."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from labs.node import Message, Node, Request, handler


class Counting(Node):
    """Counts the words of a log into `counts.txt`, and ends."""

    async def main(self) -> None:
        counts = Counter(Path("searches.txt").read_text().split())
        with open("counts.txt", "w") as file:
            for word, number in counts.items():
                file.write(f"{word}\t{number}\n")


@dataclass(frozen=True)
class Searched(Message):
    """How often a word was searched for."""

    times: int


@dataclass(frozen=True)
class HowOften(Request[Searched]):
    """Asks how often a word was searched for."""

    word: str


class Report(Node):
    """Answers from `counts.txt`, as soon as that is there."""

    @handler
    async def how_often(self, request: HowOften) -> Searched:
        while not Path("counts.txt").exists():
            await asyncio.sleep(0.1)
        lines = Path("counts.txt").read_text().splitlines()
        counts = dict(line.split("\t") for line in lines)
        return Searched(int(counts.get(request.word, 0)))
