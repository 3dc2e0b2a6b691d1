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

import msgspec

from labs.node.hosts.confine import Confinement, become, choose, prepare

SPAWN, END, LIMIT = b"S", b"E", b"L"
REQUEST = struct.Struct("<cii")  # what, process number or processor, size of files in bytes
ANSWER = struct.Struct("<i")  # process number or wait status; -1 if it failed
LARGEST = 1 << 17  # bytes of the first record: the confinements that are wanted, the best one first
decode_confinements = msgspec.json.Decoder(list[Confinement]).decode

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


def be_killed_first() -> None:
    """Let the kernel kill a node, and not the grader, if the machine runs out of memory."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass


def serve(link: socket.socket, confinement: Confinement) -> None:
    """Answer requests until the cluster's process is gone."""
    request = bytearray(REQUEST.size)
    while True:
        try:
            read, ancillary, _, _ = link.recvmsg_into([request], socket.CMSG_SPACE(2 * 4))
        except ConnectionResetError:  # it went away while we answered
            return
        if not read:
            return
        what, number, size = REQUEST.unpack(request)
        if what == SPAWN:
            link.send(ANSWER.pack(spawn(link, ancillary, number, confinement)))
        elif what == LIMIT:
            link.send(ANSWER.pack(limit_file_size(number, size, confinement)))
        else:
            link.send(ANSWER.pack(end(number)))


def spawn(
    link: socket.socket,
    ancillary: list[tuple[int, int, bytes]],
    processor: int,
    confinement: Confinement,
) -> int:
    """Fork a node that talks over the descriptors in `ancillary`; its process number."""
    control, output = struct.unpack("ii", ancillary[0][2])
    try:
        child = os.fork()
    except OSError:
        child = -1
    if child == 0:
        link.close()
        live(control, output, processor, confinement)
    os.close(control)
    os.close(output)
    return child


def live(control: int, output: int, processor: int, confinement: Confinement) -> None:
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
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)  # its own: nodes that share one share its flags
        from labs.node.hosts import process
        from labs.node.hosts.control import Channel

        process.main(Channel(socket.socket(fileno=control)), confinement)
    finally:
        os._exit(0)


def limit_file_size(pid: int, size: int, confinement: Confinement) -> int:
    """Let the kernel end a node as it writes past a size; 0 if it will.

    The limits of another user's process are root's to set only in some containers, and always its own's.
    """
    import resource  # only POSIX has it

    child = os.fork()
    if child == 0:
        try:
            if confinement.files == "uid":
                become(confinement.uid)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1]


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
    be_killed_first()
    link = socket.socket(fileno=int(sys.argv[1]))
    link.setblocking(True)
    try:
        confinements = decode_confinements(link.recv(LARGEST))
        warm_up()
        chosen = choose(confinements)
        if chosen >= 0:
            prepare(confinements[chosen])
        link.send(ANSWER.pack(chosen))
    except (BrokenPipeError, msgspec.DecodeError):  # nobody needs it any more
        return
    serve(link, confinements[chosen])


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
