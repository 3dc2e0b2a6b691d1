"""The warm process from which nodes are forked.

It has imported the node library and nothing of a student's. It forks on request and keeps no memory of
what it forked but the process numbers, so that the thousandth child finds the same heap as the first.
Requests and answers are fixed-size records over a socket that only the cluster's process holds.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import signal
import socket
import struct
import sys

SPAWN, END = b"S", b"E"
REQUEST = struct.Struct("<cii")  # what, process number or processor, unused
ANSWER = struct.Struct("<i")  # process number or wait status; -1 if it failed

ADDR_NO_RANDOMIZE = 0x0040000
PR_SET_PDEATHSIG = 1
PR_SET_THP_DISABLE = 41


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library, looked up once: a child finds it in the memory that it was forked with."""
    return ctypes.CDLL(None)


def fix_addresses() -> bool:
    """Switch off the random layout of addresses for the next exec; False where it cannot be."""
    try:
        before = libc().personality(0xFFFFFFFF)
        fixed = before | ADDR_NO_RANDOMIZE
        return bool(before == fixed or libc().personality(fixed) >= 0)
    except (OSError, AttributeError):
        return False


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies, where it knows how."""
    try:
        libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (OSError, AttributeError):
        pass


def refuse_huge_pages() -> None:
    """Have memory in small pages: a huge one, which many kernels give unasked, hides what was freed."""
    try:
        libc().prctl(PR_SET_THP_DISABLE, *map(ctypes.c_ulong, (1, 0, 0, 0)))
    except (OSError, AttributeError):
        pass


def serve(link: socket.socket) -> None:
    """Answer requests until the cluster's process is gone."""
    request = bytearray(REQUEST.size)
    while True:
        try:
            size, ancillary, _, _ = link.recvmsg_into([request], socket.CMSG_SPACE(2 * 4))
        except ConnectionResetError:  # it went away while we answered
            return
        if not size:
            return
        what, number, _ = REQUEST.unpack(request)
        if what == SPAWN:
            link.send(ANSWER.pack(spawn(link, ancillary, number)))
        else:
            link.send(ANSWER.pack(end(number)))


def spawn(link: socket.socket, ancillary: list[tuple[int, int, bytes]], processor: int) -> int:
    """Fork a node that talks over the descriptors in `ancillary`; its process number."""
    control, output = struct.unpack("ii", ancillary[0][2])
    try:
        child = os.fork()
    except OSError:
        child = -1
    if child == 0:
        link.close()
        live(control, output, processor)
    os.close(control)
    os.close(output)
    return child


def live(control: int, output: int, processor: int) -> None:
    """The child: run the node, and never return."""
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # the kernel's way to end a torn write
        die_with_parent()
        if processor >= 0:
            os.sched_setaffinity(0, {processor})
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        from labs.node.hosts import process
        from labs.node.hosts.control import Channel

        process.main(Channel(socket.socket(fileno=control)))
    finally:
        os._exit(0)


def end(pid: int) -> int:
    """Kill a child and all that it started, and reap it; its wait status."""
    for kill in (os.killpg, os.kill):  # the second for a child too young to lead its group
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return -1


def main() -> None:
    """Entry: `python -m labs.node.hosts.zygote DESCRIPTOR`, executed twice to fix the addresses."""
    if os.environ.pop("FIX_ADDRESSES", ""):
        fix_addresses()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    die_with_parent()
    refuse_huge_pages()
    link = socket.socket(fileno=int(sys.argv[1]))
    link.setblocking(True)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    warm_up()
    try:
        link.send(ANSWER.pack(0))
    except BrokenPipeError:  # nobody needs it any more
        return
    serve(link)


def warm_up() -> None:
    """Import what nodes use, forget where this code came from, and freeze the heap for sharing."""
    import asyncio
    import collections
    import dataclasses
    import datetime
    import glob
    import json
    import logging
    import pathlib
    import secrets
    import shutil
    import tempfile
    import uuid

    from labs.node.hosts import process

    del asyncio, collections, dataclasses, datetime, glob, json, logging, pathlib
    del secrets, shutil, tempfile, uuid, process
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(__file__))))
    sys.path[:] = [p for p in sys.path if p not in ("", ".", here)]
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
