"""What attackers have at hand: system calls past Python, whose own functions a node's guard watches.

It is copied beside the submission.
"""

import ctypes
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)


def must(result: int) -> int:
    """The result of a call of the C library; raises `OSError` if it failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def own_pid() -> int:
    """The number of this process, and not the one that nodes are told."""
    return int(libc.getpid())


def socket_to(kind: int, family: int, address: bytes) -> int:
    """A socket that is connected to an address."""
    made = must(libc.socket(family, kind, 0))
    must(libc.connect(made, address, len(address)))
    return made


def internet(port: int) -> bytes:
    """An address of this machine, as the kernel has it."""
    return struct.pack("=HHI8x", 2, int.from_bytes(port.to_bytes(2, sys.byteorder)), 0x0100007F)


def unix(path: bytes) -> bytes:
    """The address of a socket with a name: a path, or a null byte and more."""
    return struct.pack("H", 1) + path


def put(path: str, text: str) -> None:
    """Write a file."""
    with open(path, "w") as file:
        file.write(text)


def get(path: str) -> str:
    """Read a file."""
    with open(path) as file:
        return file.read()
