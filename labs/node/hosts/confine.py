"""What a node's process does to itself so that it reaches nothing but what it was given.

The grader decides what (`autograder.sandbox`); here it is done, by a process that still runs our code
alone. What the kernel lacks is an error: the grader has tried it before.
"""

from __future__ import annotations

import ctypes
import functools
import os
import signal
import struct
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

Files = Literal["landlock", "mounts", "uid", ""]

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = (
    444,
    445,
    446,
)  # Landlock's system calls, on every processor
PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << n for n in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (
    1 << n for n in range(6, 13)
)
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FIRST_RIGHTS = (1 << 13) - 1  # those of the first version
LATER_RIGHTS = ((2, REFER), (3, TRUNCATE), (5, IOCTL_DEV))
READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
FILE_RIGHTS = READ_FILE | WRITE_FILE | TRUNCATE  # of a rule for what is no folder
TCP, TCP_SINCE = 0b11, 4  # bind and connect
SCOPES, SCOPES_SINCE = 0b11, 6  # abstract sockets, and signals

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, PR_SET_PDEATHSIG = 38, 24, 1
CAPABILITY_VERSION = 0x20080522

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x0002_0000, 0x0400_0000, 0x0800_0000
CLONE_NEWUSER, CLONE_NEWNET = 0x1000_0000, 0x4000_0000
MS_REC, MS_BIND, MS_PRIVATE = 0x4000, 0x1000, 1 << 18
MS_NOSUID, MS_NODEV = 2, 4
MOUNT_SETATTR, AT_RECURSIVE, AT_FDCWD = 442, 0x8000, -100
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MNT_DETACH = 2
HOST = "/.host"  # where the old tree is while the new one is made

MY_PID = 0x5EED_F1D0  # stands for the process's own number in a filter


class Confinement(msgspec.Struct, frozen=True):
    """What a zygote's nodes are kept from, and by what means. The empty one keeps them from nothing.

    `namespaces`: the zygote has its own users, network and shared memory, and a tree of only those
    files that some node of it is given: `readable`, `roots` and `runs`. `files`: the means by which each
    node is kept from what others are given. `filters`: of system calls, for a node in virtual time and
    for one on the wall clock.
    """

    namespaces: bool = False
    files: Files = ""
    readable: tuple[str, ...] = ()  # what Python is made of
    roots: tuple[str, ...] = ()  # the folders of the submission, and of what is given with it
    runs: str = ""  # the folder of the folders that nodes share, and of their disks
    uid: int = 0  # that the nodes get, with "uid"
    filters: tuple[bytes, bytes] = (b"", b"")
    possible: bool = True  # False where it is known beforehand that it cannot be done


class Filter(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_char_p))


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library, whose errors are kept; looked up once, by the zygote."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """The result of a call of the C library; raises `OSError` if it failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def choose(confinements: Sequence[Confinement]) -> int:
    """The first of these that this machine can do, tried by children that end at once; -1 if none is."""
    return next((n for n, confinement in enumerate(confinements) if can(confinement)), -1)


def can(confinement: Confinement) -> bool:
    """Whether a process can be so confined here, and then still reads what Python is made of."""
    if not confinement.possible:
        return False
    child = os.fork()
    if child == 0:
        try:
            prepare(confinement)
            confine(confinement, (confinement.runs,), virtual=True)
            for path in (*confinement.readable, *confinement.roots):
                os.listdir(path) if os.path.isdir(path) else open(path).close()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def prepare(confinement: Confinement) -> None:
    """Do to a zygote what need not be done to each of its nodes."""
    libc()
    if confinement.namespaces:
        enter_namespaces()
        if confinement.files != "mounts":
            mount_files((*confinement.readable, *confinement.roots), (confinement.runs,))


def enter_namespaces() -> None:
    """Leave the users, the network, the shared memory and the host's name to others."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS
    check(libc().unshare(flags), "unshare")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def confine(confinement: Confinement, writable: Sequence[str], virtual: bool) -> None:
    """Keep this process from all files but the readable and these, and from all else, until it ends."""
    readable = (*confinement.readable, *confinement.roots)
    match confinement.files:
        case "landlock":
            restrict_files(readable, writable)
        case "mounts":
            mount_files(readable, writable)
        case "uid":
            become(confinement.uid)
    if confinement.files:
        give_up_privileges()
    if program := confinement.filters[0 if virtual else 1]:
        filter_calls(program)


@functools.cache
def landlock_version() -> int:
    """Of the kernel's Landlock; 0 if it has none."""
    return max(0, int(libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)))


def restrict_files(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Leave these paths to this process, by Landlock (kernel 5.13 and later)."""
    call, version = libc().syscall, landlock_version()
    handled = FIRST_RIGHTS | sum(right for since, right in LATER_RIGHTS if version >= since)
    tcp = TCP if version >= TCP_SINCE else 0
    scopes = SCOPES if version >= SCOPES_SINCE else 0
    attributes = struct.pack("QQQ", handled, tcp, scopes)[: 24 if scopes else 16 if tcp else 8]
    ruleset = check(
        call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0), "landlock"
    )
    for path, rights in (
        *((path, READ) for path in readable),
        *((path, WRITE) for path in writable),
        (os.devnull, READ_FILE | WRITE_FILE),
    ):
        try:
            beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        allowed = rights & handled & (~0 if os.path.isdir(path) else FILE_RIGHTS)
        rule = struct.pack("=Qi", allowed, beneath)
        check(call(ADD_RULE, ruleset, PATH_BENEATH, rule, 0), "landlock")
        os.close(beneath)
    refuse_new_privileges()
    check(call(RESTRICT_SELF, ruleset, 0), "landlock")
    os.close(ruleset)


def mount_files(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Leave these paths to this process, as the only ones of a tree of its own."""
    given = [
        *((path, os.path.realpath(path), ATTR_RDONLY) for path in readable),
        *((path, os.path.realpath(path), 0) for path in (*writable, os.devnull)),
    ]
    c, top = libc(), "/tmp"  # any folder that is there
    check(c.unshare(CLONE_NEWNS), "unshare")
    check(c.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount")
    check(c.mount(b"tmpfs", top.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, b"size=1m"), "mount")
    os.mkdir(f"{top}{HOST}")
    pivot = PIVOT_ROOT[os.uname().machine]
    check(c.syscall(pivot, top.encode(), f"{top}{HOST}".encode()), "pivot_root")
    os.chdir("/")
    for path, source, attributes in given:
        bind(HOST + source, path, attributes)
    check(c.umount2(HOST.encode(), MNT_DETACH), "umount")
    os.rmdir(HOST)
    seal("/", ATTR_RDONLY)


def bind(source: str, path: str, attributes: int) -> None:
    """Have a file or folder of the old tree in the new one."""
    if not os.path.exists(source):
        return
    if os.path.isdir(source):
        os.makedirs(path, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        open(path, "a").close()
    check(libc().mount(source.encode(), path.encode(), None, MS_BIND | MS_REC, None), "mount")
    no_devices = 0 if path == os.devnull else ATTR_NODEV
    seal(path, attributes | ATTR_NOSUID | no_devices, AT_RECURSIVE)


def seal(path: str, attributes: int, flags: int = 0) -> None:
    """Set attributes of a mount (kernel 5.12 and later)."""
    data = struct.pack("QQQQ", attributes, 0, 0, 0)
    size = ctypes.c_size_t(len(data))
    check(
        libc().syscall(MOUNT_SETATTR, AT_FDCWD, path.encode(), flags, data, size), "mount_setattr"
    )


def become(uid: int) -> None:
    """Be a user who owns nothing."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # Another user forgets that it is to die with its parent.
    check(libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "pdeathsig")


def give_up_privileges() -> None:
    """Be root no more, whatever the user's number is, in the namespaces or out of them."""
    c = libc()
    for capability in range(64):
        if c.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    check(c.capset(header, bytes(24)), "capset")
    refuse_new_privileges()


def refuse_new_privileges() -> None:
    """As the kernel demands of a process without privileges before it restricts itself."""
    check(libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def filter_calls(program: bytes) -> None:
    """Let the kernel refuse all system calls that the program, in classic BPF, does not allow."""
    own = program.replace(struct.pack("I", MY_PID), struct.pack("I", own_pid()))
    filter_ = Filter(len(own) // 8, own)
    check(libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_)), "seccomp")


def own_pid() -> int:
    """The process's number, whatever `os.getpid` has been made to say."""
    return int(libc().getpid())
