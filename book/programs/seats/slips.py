"""A slip of the pen that a compiler would have seen in another language."""

from labs.node import Node, handler
from seats.seats import Buy, Sold


class Wordy(Node):
    """Answers with a text where a number was promised."""

    @handler
    async def buy(self, request: Buy) -> Sold:
        """Sell a seat."""
        return Sold("none")  # type: ignore[arg-type]
