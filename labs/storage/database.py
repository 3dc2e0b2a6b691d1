"""The storage in an embedded database, LMDB: a B+ tree in a file, of which a put writes a few pages.

LMDB never changes a page that is in use. A transaction writes copies, syncs them, and ends with one
write of a page that names the new root. So a crash leaves the old tree or the new one, and nothing has
to be repaired. It is the trick of the file that is replaced, page by page.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import lmdb
import msgspec

from labs.node import Disk, KeyDoesNotExist, Unavailable
from storage.storage import Entry, StorageDamaged, StorageFailed, require_version

FILE = "store.mdb"
LOCK = "store.mdb.lock"  # ours, on the disk; LMDB's own would need memory that processes share
MAP_SIZE = 1 << 27  # bytes of the file; a node has 1 GiB of addresses, and files of 256 MiB at most
MARK = b"k"  # in front of every key, as LMDB knows no empty ones
STEM = 478  # bytes of a key that are kept as they are; with a digest of all behind them, LMDB's 511


class DatabaseStorage:
    """A `Storage` in LMDB, in the real folder beside the disk's files."""

    def __init__(self, disk: Disk) -> None:
        """Lock the disk and open the database; raises `Unavailable` and `StorageDamaged`."""
        self._disk = disk
        try:
            disk.lock(LOCK)
        except BlockingIOError:
            raise Unavailable(f"another process uses {FILE}") from None
        try:
            self._database = _open(Path(disk.folder))
        except BaseException:
            disk.unlock(LOCK)
            raise

    def get(self, key: str) -> Entry:
        """See `Storage`."""
        with self._transaction() as transaction:
            entry = _get(transaction, key)
        if entry is None:
            raise KeyDoesNotExist(f"there is no {key!r:.80}")
        return entry

    def put(self, key: str, value: str, version: int) -> None:
        """See `Storage`. The pages are synced as the transaction ends."""
        with self._transaction(write=True) as transaction:
            require_version(_get(transaction, key), key, version)
            transaction.put(_name(key), _encode(key, Entry(value, version + 1)))

    def items(self, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """See `Storage`.

        LMDB orders its keys by their bytes, and UTF-8 keeps the order of code points. So only keys with
        the same stem, too long for LMDB, have to be sorted here.
        """
        with self._transaction() as transaction:
            records = list(_scan(transaction, MARK + prefix.encode()[:STEM]))
        alike = groupby(records, lambda record: record[0][: STEM + 1])
        found = (item for _, group in alike for item in sorted(_decode(r) for _, r in group))
        return (item for item in found if item[0].startswith(prefix))

    def close(self) -> None:
        """See `Storage`."""
        self._database.close()
        self._disk.unlock(LOCK)

    @contextmanager
    def _transaction(self, write: bool = False) -> Iterator[lmdb.Transaction]:
        """A transaction, and its errors as those of a storage; an error undoes it."""
        try:
            with self._database.begin(write=write) as transaction:
                yield transaction
        except (lmdb.MapFullError, lmdb.TxnFullError, lmdb.DiskError) as error:
            raise Unavailable(f"nothing was stored: {error}") from None
        except (lmdb.CorruptedError, lmdb.PageNotFoundError) as error:
            raise StorageDamaged(f"{FILE} is damaged: {error}") from None
        except lmdb.Error as error:
            raise StorageFailed(f"{FILE} may hold a put that failed or not: {error}") from None


# ---- the file ------------------------------------------------------------------------------------


def _open(folder: Path) -> lmdb.Environment:
    """The database of a folder, made if there is none; its lock is the caller's business."""
    path = folder / FILE
    if not path.exists():
        _create(path)
    # LMDB would take an empty file for a new one, and die where it reads beyond the end of a short one.
    if (size := path.stat().st_size) < MAP_SIZE:
        raise StorageDamaged(f"{FILE} has {size:,} bytes, and has to have {MAP_SIZE:,}")
    try:
        return _environment(path)
    except lmdb.Error as error:
        raise StorageDamaged(f"{FILE} is no database: {error}") from None


def _create(path: Path) -> None:
    """Make an empty database under another name, and give it its own once it is durable.

    It has its full size from the start, though not on the disk: what was never written takes no room.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    _environment(new).close()
    os.truncate(new, MAP_SIZE)
    _fsync(new)
    os.replace(new, path)
    _fsync(path.parent)


def _environment(path: Path) -> lmdb.Environment:
    return lmdb.open(str(path), subdir=False, lock=False, map_size=MAP_SIZE, readahead=False)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# ---- keys and records ----------------------------------------------------------------------------


def _name(key: str) -> bytes:
    """The key under which LMDB keeps a record: that of the storage, or its stem and its digest."""
    data = key.encode()
    if len(data) <= STEM:
        return MARK + data
    return MARK + data[:STEM] + hashlib.sha256(data).digest()


def _get(transaction: lmdb.Transaction, key: str) -> Entry | None:
    record = transaction.get(_name(key))
    return None if record is None else _decode(bytes(record))[1]


def _scan(transaction: lmdb.Transaction, start: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The records whose keys in LMDB begin with `start`, in their order."""
    cursor = transaction.cursor()
    if cursor.set_range(start):
        for name, record in cursor:
            if not bytes(name).startswith(start):
                return
            yield bytes(name), bytes(record)


def _encode(key: str, entry: Entry) -> bytes:
    """A record: the entry with its whole key, and in front of it a checksum, as LMDB has none."""
    data = msgspec.msgpack.encode((key, *entry))
    return zlib.crc32(data).to_bytes(4, "big") + data


def _decode(record: bytes) -> tuple[str, Entry]:
    checksum, data = record[:4], record[4:]
    if zlib.crc32(data).to_bytes(4, "big") != checksum:
        raise StorageDamaged(f"{FILE} holds a record that does not have its checksum")
    key, value, version = msgspec.msgpack.decode(data, type=tuple[str, str, int])
    return key, Entry(value, version)
