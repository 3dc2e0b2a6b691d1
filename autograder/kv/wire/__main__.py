"""`python -m autograder.kv.wire`: make the code for `kv.proto` anew, after it has changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
FOLDER = Path(__file__).resolve().parent.relative_to(REPOSITORY)
HEADER = "# mypy: ignore-errors\n"
MADE = ("kv_pb2.py", "kv_pb2.pyi", "kv_pb2_grpc.py")


def generate(target: Path) -> list[Path]:
    """Write the code below `target`, a repository or what stands in for it; the files."""
    kinds = [f"--{kind}_out={target}" for kind in ("python", "pyi", "grpc_python")]
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{REPOSITORY}"]
    subprocess.run([*protoc, *kinds, str(REPOSITORY / FOLDER / "kv.proto")], check=True)
    files = [target / FOLDER / name for name in MADE]
    for file in files:
        file.write_text(HEADER + file.read_text(encoding="utf-8"), encoding="utf-8")
    return files


if __name__ == "__main__":
    generate(REPOSITORY)
