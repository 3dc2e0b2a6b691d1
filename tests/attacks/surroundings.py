"""What is around the nodes of an attack: things that it may want to reach, and must not."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autograder.catalog import GIVEN, REPOSITORY

SHARED_MEMORY = Path("/dev/shm")


class Surroundings:
    """`names` is what attacks can name; `root` is where their files are."""

    def __init__(self, folder: Path, memory: Path, stack: ExitStack) -> None:
        self.root = folder / "root"
        self.secret = secrets.token_hex(16)
        self._stack = stack
        self._victim: subprocess.Popen[bytes] | None = None
        self.root.mkdir()
        self._write_files(folder)
        self.names: dict[str, object] = {
            "private": str(folder / "private"),
            "public": str(folder / "public"),
            "tmp": str(folder / "tmp"),
            "memory": str(memory),
            "root": str(self.root),
            "given": str(GIVEN),
            "repository": str(REPOSITORY),
            "grader": os.getpid(),
            "key": secrets.randbelow(1 << 30) + 1,
            **self._listen(folder),
        }

    def _write_files(self, folder: Path) -> None:
        """Another student's file, which only the grader may read, one for all, and a folder for all."""
        for name, mode in (("private", 0o700), ("public", 0o755), ("tmp", 0o1777)):
            (folder / name).mkdir()
            (folder / name).chmod(mode)
        for name in ("private", "public"):
            (folder / name / "secret").write_text(self.secret)
        (folder / "private" / "results.json").write_text('{"score": 0}')

    def _listen(self, folder: Path) -> dict[str, object]:
        """Sockets of others."""
        tcp = self._socket(socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_STREAM)
        udp = self._socket(socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_DGRAM)
        abstract, path = b"\0" + self.secret.encode(), str(folder / "tmp" / "socket").encode()
        for name in (abstract, path):
            self._socket(socket.AF_UNIX, name, socket.SOCK_STREAM)
        os.chmod(path, 0o777)
        return {
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "abstract": abstract,
            "socket": path,
        }

    def _socket(self, family: int, address: object, kind: int) -> socket.socket:
        made = self._stack.enter_context(socket.socket(family, kind))
        made.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            made.listen(64)
        return made

    def around(self) -> dict[str, object]:
        """What an attack can name now, with a process of the grader's user that is alive."""
        if self._victim is None or self._victim.poll() is not None:
            self._victim = subprocess.Popen(
                ["sleep", "3600"], env={"SECRET": self.secret}, start_new_session=True
            )
        return {**self.names, "victim": self._victim.pid}

    def is_whole(self) -> bool:
        """Whether nobody has done anything to what is private."""
        results = Path(str(self.names["private"])) / "results.json"
        alive = self._victim is not None and self._victim.poll() is None
        return alive and results.read_text() == '{"score": 0}'

    def tidy(self) -> None:
        """Forget what an attack has left where all may write."""
        for folder in (self.names["tmp"], self.names["memory"]):
            for path in Path(str(folder)).iterdir():
                if not path.is_socket():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def close(self) -> None:
        """End the process."""
        if self._victim is not None:
            self._victim.kill()
            self._victim.wait()


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Surroundings that are gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="attacks-")))
        folder.chmod(0o755)
        base = SHARED_MEMORY if SHARED_MEMORY.is_dir() else folder
        memory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=base)))
        memory.chmod(0o1777)
        made = Surroundings(folder, memory, stack)
        stack.callback(made.close)
        yield made
