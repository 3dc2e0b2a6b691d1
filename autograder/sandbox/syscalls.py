"""The system calls that a node may make: what Python needs to compute, and to use files it was given.

All others are refused, with `EPERM`; what is newer than our list with `ENOSYS`, so that the C library
falls back. No process, no socket but a pair, no memory or lock shared with others, no debugger, no key
ring, no change to the times or modes of files and no look at how busy the machine is, by which nodes
could tell each other something.
(seccomp(2); the names are Linux's.)
"""

from __future__ import annotations

import errno
import tempfile
from typing import TYPE_CHECKING

from labs.node.hosts.confine import MY_PID

if TYPE_CHECKING:
    from pyseccomp import SyscallFilter

ALLOWED = """
    read write readv writev pread64 pwrite64 preadv pwritev lseek close close_range
    open openat creat access faccessat faccessat2 stat lstat fstat newfstatat statx statfs fstatfs
    readlink readlinkat getcwd chdir fchdir getdents getdents64 umask
    mkdir mkdirat rmdir rename renameat renameat2 unlink unlinkat link linkat
    truncate ftruncate fallocate fsync fdatasync copy_file_range sendfile fadvise64
    dup dup2 dup3 pipe pipe2 eventfd eventfd2 epoll_create epoll_create1 epoll_ctl epoll_wait
    epoll_pwait epoll_pwait2 poll ppoll select pselect6
    sendto recvfrom sendmsg recvmsg shutdown getsockopt setsockopt getsockname getpeername
    mmap munmap mprotect mremap madvise brk
    rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack restart_syscall
    nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times
    getitimer setitimer alarm
    getpid getppid gettid getuid geteuid getgid getegid getgroups getresuid getresgid getpgid getpgrp
    getsid uname getrlimit getrusage sched_yield sched_getaffinity getcpu
    get_robust_list set_robust_list rseq arch_prctl membarrier
    getrandom exit exit_group wait4 waitid
"""
UNKNOWN = ("clone3", "openat2", "futex_waitv", "io_uring_setup", "map_shadow_stack", "cachestat")
OWN_SIGNALS = ("kill", "tgkill", "rt_sigqueueinfo")  # to the process itself
CLONE_THREAD = 0x0001_0000
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030
TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX = 0x5401, 0x541B, 0x5421, 0x5450, 0x5451
AF_UNIX = 1
FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_CLOCK_REALTIME, FUTEX_PRIVATE = 0, 9, 256, 128
SIGXFSZ, LARGEST_SIGNAL = 25, 64
LOW = 0xFFFF_FFFF  # of a 64-bit argument, the bits that an int has


def compiled(threads: bool) -> bytes:
    """The filter as a program in classic BPF; with `threads`, a node may start them."""
    import pyseccomp  # takes long, and looks for the C library as it is imported

    filter_ = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    for name in ALLOWED.split():
        allow(filter_, name)
    for name in UNKNOWN:
        add(filter_, pyseccomp.ERRNO(errno.ENOSYS), name)
    for name in OWN_SIGNALS:
        allow(filter_, name, (0, MY_PID))
    for command in (F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC):
        allow(filter_, "fcntl", (1, command))
    for request in (TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX):
        allow(filter_, "ioctl", (1, request))
    allow(filter_, "socketpair", (0, AF_UNIX))
    allow(filter_, "prlimit64", (0, 0), (2, 0))
    allow_bits(filter_, "futex", 1, FUTEX_PRIVATE, FUTEX_PRIVATE)  # others reach other processes
    if threads:
        allow_bits(filter_, "clone", 0, CLONE_THREAD, CLONE_THREAD)
        for wait in (FUTEX_WAIT, FUTEX_WAIT_BITSET):  # for the end of a thread
            allow_bits(filter_, "futex", 1, LOW & ~FUTEX_CLOCK_REALTIME, wait)
    for bit in range(LARGEST_SIGNAL.bit_length()):  # any signal but this, which ends a torn write
        allow_bits(filter_, "rt_sigaction", 0, 1 << bit, ~SIGXFSZ & 1 << bit)
    with tempfile.TemporaryFile() as file:
        filter_.export_bpf(file)
        file.seek(0)
        return file.read()


def allow_bits(filter_: SyscallFilter, name: str, place: int, mask: int, value: int) -> None:
    """Allow a call, if these bits of an argument have this value."""
    import pyseccomp

    add(filter_, pyseccomp.ALLOW, name, pyseccomp.Arg(place, pyseccomp.MASKED_EQ, mask, value))


def allow(filter_: SyscallFilter, name: str, *arguments: tuple[int, int]) -> None:
    """Allow a call, if it is called with these low halves of arguments, by their places."""
    import pyseccomp

    wanted = [pyseccomp.Arg(place, pyseccomp.MASKED_EQ, LOW, value) for place, value in arguments]
    add(filter_, pyseccomp.ALLOW, name, *wanted)


def add(filter_: SyscallFilter, action: int, name: str, *arguments: object) -> None:
    """Add a rule for a call, unless this processor has no such call, or this library never heard of it."""
    import pyseccomp

    if pyseccomp.resolve_syscall(pyseccomp.system_arch(), name) >= 0:
        filter_.add_rule(action, name, *arguments)
