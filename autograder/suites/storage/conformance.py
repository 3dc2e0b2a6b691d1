"""What every backend of the key/value server promises, as checks that run on any.

A check is a coroutine function that takes a `Store` whose disk is empty, and raises `AssertionError`
with what it saw. In the suite the storage is in the process of a node (`in_node.py`); on the command
line, `autograder kv conformance FILE.py:Class`, it is on a real folder (`in_process.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from random import Random
from typing import Any, NamedTuple, Protocol

from labs.node import KeyDoesNotExist, PreconditionFailed, RPCError, Unavailable

MIB = 1 << 20
MANY = 200
TEXTS = (
    *("", " ", "a", "a b", "a/b", "..", "\n", "\r\n", "\t", '"', "'", "\\", "\\n", "\0", "a\0b"),
    *("{}", "null", "__proto__", "value", "%", "*", "_", "\x7f", "\x85", "\u2028", "\ufeff", "ä"),
    *("a\u0308", "ß", "ﬀ", "日本語", "\uffff", "\U0001f984", "x" * 500, "x" * 600, "ü" * 300),
)


class Entry(NamedTuple):
    """What is stored under a key; see `storage/storage.py`."""

    value: str
    version: int


Entries = list[tuple[str, Entry]]


class Store(Protocol):
    """A storage as a check sees it. Methods raise what those of the storage raise."""

    async def open(self) -> None:
        """Make the storage anew on its disk; one that is open stays open beside it."""

    async def close(self) -> None:
        """Close the storage that was made last."""

    async def get(self, key: str) -> Entry: ...

    async def put(self, key: str, value: str, version: int) -> None: ...

    async def items(self, *prefix: str) -> Entries: ...


Check = Callable[[Store], Coroutine[Any, Any, None]]


# ---- the checks ----------------------------------------------------------------------------------


async def puts_and_gets(store: Store) -> None:
    """A put of version 0 creates a key, and each put with the stored version adds one to it."""
    await store.open()
    for version, value in enumerate(("first", "second", "", "second")):
        await put(store, "k", value, version)
        await expect(store, "k", value, version + 1)
    await put(store, "another", "one", 0)
    await expect(store, "another", "one", 1)
    await expect(store, "k", "second", 4)


async def wrong_versions(store: Store) -> None:
    """A put of another version than the stored one is refused, and so is a key that is not there."""
    await store.open()
    await put(store, "k", "one", 0)
    await put(store, "k", "two", 1)
    for version in (0, 1, 3, -1, 1 << 40):
        await refused(
            store.put("k", "wrong", version), PreconditionFailed, f"put('k') of {version}"
        )
        await expect(store, "k", "two", 2)
    for version in (1, 2, -1):
        asked = store.put("none", "x", version)
        await refused(asked, KeyDoesNotExist, f"put('none') of {version}")
    await refused(store.get("none"), KeyDoesNotExist, "get('none')")
    await expect_items(store, {"k": Entry("two", 2)})


async def any_text(store: Store) -> None:
    """Every text is a key and a value, the empty one too, and no two of them are the same."""
    await store.open()
    wanted = {key: Entry(value, 1) for key, value in zip(TEXTS, reversed(TEXTS), strict=True)}
    for key, entry in wanted.items():
        await put(store, key, entry.value, 0)
    for key, entry in wanted.items():
        await expect(store, key, *entry)
    await expect_items(store, wanted)


async def order_of_items(store: Store) -> None:
    """The items come in the order of their keys, by code points."""
    await store.open()
    keys = ["b", "", "a", "B", "aa", "a\0", "ä", "z", "\uffff", "\U00010000", "10", "9", "a" * 600]
    for key in keys:
        await put(store, key, key.upper(), 0)
    await expect_items(store, {key: Entry(key.upper(), 1) for key in keys})
    await put(store, "a", "changed", 1)
    found = [key for key, _ in await store.items()]
    assert found == sorted(keys), f"after a second put of 'a', items() has the keys {found!r:.300}"


async def items_by_prefix(store: Store) -> None:
    """Of the items, those whose key begins with the prefix."""
    await store.open()
    long = "x" * 510
    wanted = ["a", "a.b", "a*b", "a_b", "aab", "ab", "A", "b", "", long, long + "y", long + "yz"]
    for key in wanted:
        await put(store, key, "v", 0)
    for prefix in ("", "a", "a.", "a_", "a*", "ab", "b", "c", long, long + "y", long + "z", "\0"):
        found = await store.items(prefix)
        expected = [(key, Entry("v", 1)) for key in sorted(wanted) if key.startswith(prefix)]
        assert found == expected, f"items({short(prefix)}) is {short(found)}, not {short(expected)}"


async def large_values(store: Store) -> None:
    """A value may have a mebibyte, of any characters."""
    await store.open()
    for n, piece in enumerate(("x", '"\\', "\0", "ü", "\U0001f984")):
        value = piece * (MIB // len(piece.encode()))
        await put(store, f"k{n}", value, 0)
        await expect(store, f"k{n}", value, 1)
    await put(store, "k0", "", 1)
    await expect(store, "k0", "", 2)


async def long_keys(store: Store) -> None:
    """A key may have thousands of characters, and those at its end count."""
    await store.open()
    keys = [start + "x" * 3000 + end for start in "ab" for end in ("", "y", "z", "yz", "ü")]
    for key in keys:
        await put(store, key, key[-2:], 0)
    await expect_items(store, {key: Entry(key[-2:], 1) for key in keys})


async def many_keys(store: Store) -> None:
    """Hundreds of keys are as good as one."""
    await store.open()
    wanted = {f"key {n * 7919 % MANY}": Entry(f"value {n}", 1) for n in range(MANY)}
    for key, entry in wanted.items():
        await put(store, key, entry.value, 0)
    await expect_items(store, wanted)
    await reopen(store)
    await expect_items(store, wanted)


async def opened_again(store: Store) -> None:
    """What was put is there when the storage is made anew, with its version."""
    await store.open()
    wanted = {"k": Entry("two", 2), "": Entry("", 1), "ü\n": Entry("\0", 1)}
    await put(store, "k", "one", 0)
    for key, entry in wanted.items():
        await put(store, key, *entry._replace(version=entry.version - 1))
    await reopen(store)
    await expect_items(store, wanted)
    await refused(store.put("k", "wrong", 1), PreconditionFailed, "put('k') of 1")
    await put(store, "k", "three", 2)
    await reopen(store)
    await expect_items(store, {**wanted, "k": Entry("three", 3)})


async def like_a_dictionary(store: Store) -> None:
    """Whatever is put in whatever order, and wherever it is opened again: it is all there."""
    await store.open()
    random, wanted = Random(1), dict[str, Entry]()
    for n in range(100):
        key, version = random.choice("abcdef"), random.choice((0, 0, 1, 2, 3))
        stored = wanted[key].version if key in wanted else 0
        if version == stored or random.random() < 0.5:
            await put(store, key, f"{n}", stored)
            wanted[key] = Entry(f"{n}", stored + 1)
        else:
            error = PreconditionFailed if key in wanted else KeyDoesNotExist
            await refused(store.put(key, "wrong", version), error, f"put({key!r}) of {version}")
        if random.random() < 0.1:
            await reopen(store)
        await expect_items(store, wanted)


async def used_by_one(store: Store) -> None:
    """While one storage uses a disk, another that is made on it raises `Unavailable`."""
    await store.open()
    await put(store, "k", "one", 0)
    await refused(store.open(), Unavailable, "a second storage made on a disk that is in use")
    await put(store, "k", "two", 1)
    await refused(store.open(), Unavailable, "another storage made there after a put")
    await expect(store, "k", "two", 2)
    await reopen(store)
    await expect(store, "k", "two", 2)


SEMANTICS: tuple[Check, ...] = (
    *(puts_and_gets, wrong_versions, any_text, order_of_items, items_by_prefix),
    *(large_values, long_keys),
)
DURABLE: tuple[Check, ...] = (many_keys, opened_again, like_a_dictionary, used_by_one)
CHECKS = SEMANTICS + DURABLE


# ---- what they consist of ------------------------------------------------------------------------


async def reopen(store: Store) -> None:
    """Close the storage, and make it anew."""
    await store.close()
    await store.open()


async def put(store: Store, key: str, value: str, version: int) -> None:
    """Put, and raise `AssertionError` if that is an error."""
    error = await error_of(store.put(key, value, version))
    if error is not None:
        raise AssertionError(f"put({short(key)}) of {version} is {answer(error)}")


async def expect(store: Store, key: str, value: str, version: int) -> None:
    """Raise `AssertionError` unless that is what `get` returns."""
    wanted = f"value {short(value)} in version {version}"
    try:
        found = await store.get(key)
    except KeyDoesNotExist:
        raise AssertionError(f"get({short(key)}) finds nothing, and not {wanted}") from None
    what = f"get({short(key)}) is value {short(found.value)} in version {found.version}"
    assert found == (value, version), f"{what}, not {wanted}"


async def expect_items(store: Store, wanted: dict[str, Entry]) -> None:
    """Raise `AssertionError` unless `items` returns these, in order."""
    found = await store.items()
    if difference := difference_of(dict(found), wanted):
        raise AssertionError(f"items() {difference}")
    keys = [key for key, _ in found]
    assert keys == sorted(wanted), f"items() is not in the order of the keys, but {short(keys)}"


def difference_of(found: Mapping[str, object], wanted: Mapping[str, object]) -> str:
    """How what was found differs from what should be there: the first key that does."""
    for key in sorted(found.keys() | wanted.keys()):
        if key not in found:
            return f"lacks {short(key)}"
        if key not in wanted:
            return f"has {short(key)}, which was not stored"
        if found[key] != wanted[key]:
            return f"has {short(found[key])} under {short(key)}, not {short(wanted[key])}"
    return ""


async def refused(asked: Awaitable[Any], error: type[RPCError], what: str) -> None:
    """Raise `AssertionError` unless what was asked for is answered with that error."""
    found = await error_of(asked)
    if found is None or found.code != error.code:
        raise AssertionError(f"{what} is {answer(found)}, and not refused with {error.__name__}")


async def error_of(asked: Awaitable[Any]) -> RPCError | None:
    """The error that is the answer to what was asked for; None if it was done."""
    try:
        await asked
    except RPCError as error:
        return error
    return None


def answer(error: RPCError | None) -> str:
    """What `error_of` found, in words."""
    if error is None:
        return "done"
    return f"answered with {type(error).__name__} (code {error.code}: {error})"


def short(value: object) -> str:
    """A value as it is shown: the middle of a long one is cut."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:60]}...{text[-20:]} ({len(text)} characters)"


def promise_of(check: Callable[..., Any]) -> str:
    """What a storage promises, and a check looks for."""
    return " ".join((check.__doc__ or "").split())
