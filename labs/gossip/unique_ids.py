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
        # A name of its own for each life: what is in memory is gone after a crash.
        raise NotImplementedError("UniqueIds.__init__ is yours to write")

    @handler
    async def generate(self, request: Generate) -> GenerateOk:
        """Give an id: any text that no request gets, here or elsewhere, before or after."""
        raise NotImplementedError("UniqueIds.generate is yours to write")

    # Your code here.
