"""Two ways to start on a file that is damaged. A whole note ends with a full stop."""

from labs.node import RPCError
from notes.notes import FILE
from notes.stores import InPlace


class Damaged(RPCError):
    """The file is not what this server has written."""

    code = 1003


class Strict(InPlace):
    """Says what it found, and does not start."""

    def load(self) -> bytes:
        data = super().load()
        if self.disk.exists(FILE) and not data.endswith(b"."):
            raise Damaged(f"the file {FILE} holds no whole note: {data!r}")
        return data


class Lenient(Strict):
    """Begins anew if it cannot read what is there."""

    def load(self) -> bytes:
        try:
            return super().load()
        except Damaged:
            return b""
