"""The grader's side of the zygotes, the warm processes from which nodes are forked.

There are two, with different hash seeds, and the nodes of a cluster come from them in turn: so a
program that spreads keys by Python's salted `hash()` goes wrong here as it would on two machines.
"""

from __future__ import annotations

import array
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from autograder.cluster.errors import HarnessFault
from labs.node.hosts import zygote as protocol
from labs.node.hosts.confine import Confinement

REPOSITORY = Path(__file__).resolve().parents[2]
HASH_SEEDS = (1, 2)
_ENTRY = (
    f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); "
    "from labs.node.hosts.zygote import main; main()"
)


class Zygote:
    """One such process, started when it is made.

    It confines its nodes as the first of the `confinements` says that this machine can do.
    """

    def __init__(self, hash_seed: int, confinements: Sequence[Confinement]) -> None:
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-sP", "-c", _ENTRY, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=environment(hash_seed),
            )
        self._link.send(msgspec.json.encode(confinements))
        self._chosen: int | None = None

    def spawn(self, control: socket.socket, output: int, processor: int) -> int:
        """Fork a node that talks over `control` and prints to `output`; its process number."""
        descriptors = array.array("i", [control.fileno(), output])
        request = protocol.REQUEST.pack(protocol.SPAWN, processor, 0)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
        self.chosen()
        self._link.sendmsg([request], rights)
        pid = self._answer()
        if pid < 0:
            raise HarnessFault(
                "no process could be started: the machine is out of processes or memory"
            )
        return pid

    def end(self, pid: int) -> int:
        """Kill a node if it still runs, and reap it; its wait status."""
        self._link.send(protocol.REQUEST.pack(protocol.END, pid, 0))
        return self._answer()

    def limit_file_size(self, pid: int, size: int) -> None:
        """Let the kernel kill a node as it writes past this size."""
        self._link.send(protocol.REQUEST.pack(protocol.LIMIT, pid, size))
        if self._answer() != 0:
            raise HarnessFault("the size of a node's files could not be limited")

    def chosen(self) -> int:
        """The number of the confinement that this machine can do."""
        if self._chosen is None:
            self._chosen = self._answer()
        if self._chosen < 0:
            raise HarnessFault("this machine cannot confine nodes as it was told to")
        return self._chosen

    def _answer(self) -> int:
        data = self._link.recv(protocol.ANSWER.size)
        if len(data) != protocol.ANSWER.size:
            raise HarnessFault("the process that nodes are forked from has died")
        number: int = protocol.ANSWER.unpack(data)[0]
        return number

    def close(self) -> None:
        """End the process; its children die with it."""
        self._link.close()
        self._process.wait()


def environment(hash_seed: int) -> dict[str, str]:
    """All that nodes see of the environment: the same on every machine."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": "/nonexistent",
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",
        # Fixed, since glibc would raise them with what a program frees: then freed memory goes back to
        # the system at once, and what a node has is what it keeps.
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "FIX_ADDRESSES": "1",
    }


class Zygotes:
    """Both of them."""

    def __init__(self, confinements: Sequence[Confinement]) -> None:
        self._zygotes = [Zygote(seed, confinements) for seed in HASH_SEEDS]
        self._confinements = confinements

    def chosen(self) -> int:
        """The number of the confinement that both have chosen."""
        return max(zygote.chosen() for zygote in self._zygotes)

    def give(self, folder: str) -> None:
        """Let the nodes have what is ours in a folder, if they are another user's."""
        confinement = self._confinements[self.chosen()]
        if confinement.files != "uid":
            return
        os.chmod(confinement.runs, 0o711)  # through which they get there
        for path, folders, files in os.walk(folder):
            for name in ("", *folders, *files):
                give_away(os.path.join(path, name), confinement.uid)

    def of(self, number: int) -> Zygote:
        """The one for the node that was started as number so-and-so."""
        return self._zygotes[number % len(self._zygotes)]

    def close(self) -> None:
        """End both."""
        for zygote in self._zygotes:
            zygote.close()


def give_away(path: str, uid: int) -> None:
    """Make a file or folder of ours another user's.

    One that has more names than one may have been given its name here by a node, and stays ours.
    """
    status = os.lstat(path)
    alone = stat.S_ISDIR(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_nlink == 1)
    if alone and status.st_uid == os.geteuid():
        os.chown(path, uid, -1, follow_symlinks=False)
