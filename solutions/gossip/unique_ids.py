"""Unique ids: no two requests get the same, whichever nodes they ask, and no node waits for another."""

from dataclasses import dataclass

from labs.node import Message, Node, Request, handler


@dataclass(frozen=True)
class GenerateOk(Message):
    """An id that nobody was given before."""

    id: str


@dataclass(frozen=True)
class Generate(Request[GenerateOk]):
    """Asks for an id."""


class UniqueIds(Node):
    """Gives ids by itself, also when it reaches nobody. It may be killed and started again."""

    def __init__(self) -> None:
        # BEGIN SOLUTION: A name of its own for each life: what is in memory is gone after a crash.
        self._life = self._begin_life()
        self._given = 0
        # END SOLUTION

    @handler
    async def generate(self, request: Generate) -> GenerateOk:
        """Give an id: any text that no request gets, here or elsewhere, before or after."""
        # BEGIN SOLUTION
        self._given += 1
        return GenerateOk(f"{self.id}-{self._life}-{self._given}")
        # END SOLUTION

    # BEGIN SOLUTION
    def _begin_life(self) -> int:
        """The number of this life: one mark on the disk for each."""
        with self.disk.open("lives", "ab") as file:
            file.write(b".")
            file.fsync()
        self.disk.sync()
        with self.disk.open("lives") as file:
            return len(file.read())

    # END SOLUTION
