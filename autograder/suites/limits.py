"""Operations that must come to their end in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")


async def within(
    seconds: float, operation: Awaitable[ResultT], what: str | Callable[[], str]
) -> ResultT:
    """The result of an operation, which must be there within so many virtual seconds.

    Raises `AssertionError` if it is not; `what` says what should have happened.
    """
    try:
        async with asyncio.timeout(seconds):
            return await operation
    except TimeoutError:
        text = what if isinstance(what, str) else what()
        raise AssertionError(f"not within {seconds:g} s: {text}") from None
