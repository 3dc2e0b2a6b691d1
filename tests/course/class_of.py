"""A class of students, generated: what each hands in for the lock, and the tests that it must fail."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.catalog import LABS, REPOSITORY
from autograder.grading.tests import list_tests
from tests.mutants.mutants import HERE as MUTANTS
from tests.mutants.mutants import apply, read

LOCK = LABS["lock"]
TESTS = frozenset(test.name for test in list_tests(LOCK))
OWN_STORE = frozenset(name for name in TESTS if name.startswith("test_own_store"))
SOLUTIONS = REPOSITORY / "solutions"
NOTEBOOK = "lock.ipynb"
MARKER = "a-kernel-ran"  # a file that cells of the class make, in the folder that $HOME names
SCRIPT = "<script>hacked('{}')</script>"
HREF = r"$\href{javascript:hacked('formula')}{a}$ [a](javascript:hacked('link'))"
Json = dict[str, Any]


@dataclass(frozen=True)
class Student:
    """One of the class. `hand_in` fills the folder, given the notebook that was handed out."""

    name: str
    hand_in: Callable[[Path, Json], None]
    fails: frozenset[str]
    told: tuple[str, ...] = ()  # what the feedback says of the hand-in


def solution(file: str, root: Path = SOLUTIONS) -> str:
    return (root / file).read_text(encoding="utf-8")


def put(folder: Path, file: str, text: str) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def put_notebook(folder: Path, notebook: Json) -> None:
    put(folder, NOTEBOOK, json.dumps(notebook))


def put_files(folder: Path, root: Path = SOLUTIONS) -> None:
    """The files of the lab, and those of the store that it may stand on."""
    for file in ("lock/lock.py", "kv/server.py", "kv/clerk.py"):
        put(folder, file, solution(file, root))


def cell(notebook: Json, id: str) -> Json:
    """The cell of a notebook with one of nbgrader's ids."""
    found: Json = next(
        each
        for each in notebook["cells"]
        if each["metadata"].get("nbgrader", {}).get("grade_id") == id
    )
    return found


def code(source: str, **metadata: Any) -> Json:
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def trap() -> Json:
    """A cell that leaves a trace if a kernel runs it."""
    return code(f"from pathlib import Path\nPath.home().joinpath({MARKER!r}).touch()")


def fill(notebook: Json, text: str) -> None:
    """Put a text under the first line of the cell of the lab's file."""
    filled = cell(notebook, "file-lock")
    header = "".join(filled["source"]).partition("\n")[0]
    filled["source"] = f"{header}\n{text}"


# --- who hands in what ----------------------------------------------------------------------------


def everything(folder: Path, notebook: Json) -> None:
    notebook["cells"].insert(0, trap())
    cell(notebook, "why")["source"] = "Since **two** could write at once."
    put_notebook(folder, notebook)
    put_files(folder)


def only_cells(folder: Path, notebook: Json) -> None:
    fill(notebook, solution("lock/lock.py"))
    put_notebook(folder, notebook)


def what_was_handed_out(folder: Path, notebook: Json) -> None:
    put_notebook(folder, notebook)


def nothing(folder: Path, notebook: Json) -> None:
    folder.mkdir(parents=True)


def half_a_notebook(folder: Path, notebook: Json) -> None:
    text = json.dumps(notebook)
    put(folder, NOTEBOOK, text[: len(text) // 2])
    put_files(folder)


def shuffled_cells(folder: Path, notebook: Json) -> None:
    """Graded cells are gone, one is there twice, one is new; another kernel; another name."""
    fill(notebook, solution("lock/lock.py"))
    twice = deepcopy(cell(notebook, "check-test_pace"))
    notebook["cells"].remove(cell(notebook, "check-test_maybe"))
    notebook["cells"].reverse()
    bonus = {"grade_id": "bonus", "grade": True, "points": 1000, "solution": False}
    notebook["cells"] += [twice, code("1000", nbgrader={**bonus, "locked": True})]
    notebook["metadata"]["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    put(folder, "lock (1).ipynb", json.dumps(notebook))
    for file in ("kv/server.py", "kv/clerk.py"):
        put(folder, file, solution(file))


def late_mutant(folder: Path, notebook: Json) -> None:
    put_notebook(folder, notebook)
    with TemporaryDirectory() as root:
        put_files(folder, apply(MUTANT, SOLUTIONS, Path(root, "mutant")))
    put(folder, "timestamp.txt", "2030-01-02 00:00:00 UTC\n")


FORGED = [
    {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"text/plain": "25.0", "text/html": SCRIPT.format("output")},
    },
    {
        "output_type": "display_data",
        "metadata": {},
        "data": {"application/javascript": "hacked('javascript')"},
    },
]
SABOTAGE = f"""
class Lock:
    def __init__(self, *arguments, **options):
        raise RuntimeError("{SCRIPT.format("evidence")}</pre></code></dd>{HREF}")
"""


def forged(folder: Path, notebook: Json) -> None:
    """Scores in outputs and metadata, scripts wherever there is text, and files of somebody else."""
    for each in notebook["cells"]:
        about = each["metadata"].get("nbgrader", {})
        if about.get("grade") and each["cell_type"] == "code":
            each |= {"outputs": FORGED, "source": "25.0"}
            each["metadata"] |= {"tags": ["skip-execution"], "name": SCRIPT.format("name")}
            about |= {"points": 0.5, "checksum": "0" * 32, "cell_type": "markdown"}
    cell(notebook, "why")["source"] = (
        f"{SCRIPT.format('answer')} <img src=x onerror=hacked(1)> {HREF}"
    )
    notebook["cells"][0]["source"] = SCRIPT.format("markdown")
    notebook["cells"] += [trap(), deepcopy(cell(notebook, "why"))]
    notebook["metadata"] |= {"title": SCRIPT.format("title"), "widgets": {"a": "</script>"}}
    put_notebook(folder, notebook)
    put(folder, "lock/lock.py", SABOTAGE)
    put(folder, "index.html", SCRIPT.format("file"))
    put(folder, "<img src=x onerror=hacked('file name')>.py", "")
    put(folder, "timestamp.txt", SCRIPT.format("time") * 100)
    (folder / "notes.txt").symlink_to("../../alice/lock/lock/lock.py")
    os.mkfifo(folder / "pipe.txt")


def from_another_system(folder: Path, notebook: Json) -> None:
    """Windows line ends, a byte order mark, and a folder in a folder."""
    put_files(folder / "My work")
    for file in ("lock/lock.py", "kv/clerk.py"):
        path = folder / "My work" / file
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))


def half(folder: Path, notebook: Json) -> None:
    """The lock is done, and the store on which it could stand is not."""
    put_files(folder)
    put(folder, "kv/server.py", solution("kv/server.py", REPOSITORY / "labs"))


def both(folder: Path, notebook: Json) -> None:
    """The file is right, and its cell is something else that was begun."""
    fill(notebook, solution("lock/lock.py").replace("POLL = 0.02", "POLL = 90"))
    put_notebook(folder, notebook)
    put_files(folder)


def no_python(folder: Path, notebook: Json) -> None:
    put_files(folder)
    put(folder, "lock/lock.py", "class Lock:\n    async def acquire(self\n")


def link(folder: Path, notebook: Json) -> None:
    """Another's file, by a link; an own one that is too large; names that lead elsewhere."""
    (folder / "lock").mkdir(parents=True)
    (folder / "lock" / "lock.py").symlink_to("../../../alice/lock/lock/lock.py")
    put(folder, "..\\..\\alice\\lock.py", solution("lock/lock.py"))


def large(folder: Path, notebook: Json) -> None:
    put_files(folder)
    put(folder, "lock/lock.py", solution("lock/lock.py") + "#" * (2 << 20))


def with_attack(attack: str) -> Callable[[Path, Json], None]:
    """A hand-in of which the first thing is an attack, and the rest is right."""

    def hand_in(folder: Path, notebook: Json) -> None:
        put_files(folder)
        text = solution("lock/lock.py")
        assert text.count(ANCHOR) == 1
        put(folder, "lock/lock.py", text.replace(ANCHOR, f"{attack}\n{ANCHOR}"))

    return hand_in


ANCHOR = "POLL = 0.02"
READS_ANOTHER = f"""
from pathlib import Path
stolen = Path({str(SOLUTIONS)!r}, "lock", "lock.py").read_text()
"""
KILLS = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
MULTIPLIES = "import os\nos.fork()"
LEAVES = "import os\nos._exit(0)"
PRETENDS = """
print('{"verdict": "PASS", "points": 1000, "max_points": 1000}')
try:
    open("grade.json", "w").write('{"labs": []}')
except OSError:
    pass
"""

MUTANT = read(MUTANTS / "lock" / "names_are_stripped.toml")
CLASS = (
    Student("alice", everything, frozenset()),
    Student("ben", only_cells, OWN_STORE, ("Only a notebook was handed in",)),
    Student("cleo", what_was_handed_out, TESTS),
    Student("dan", nothing, TESTS, ("Nothing was handed in",)),
    Student("eve", forged, TESTS, ("Links are not followed: notes.txt",)),
    Student("fay", half_a_notebook, frozenset(), ("lock.ipynb is no notebook",)),
    Student(
        "gus",
        shuffled_cells,
        frozenset(),
        (
            "Cells were deleted or lost their id: check-test_maybe",
            "Cells are there more than once: check-test_pace",
            "are worth nothing: bonus",
            "The notebook is lock (1).ipynb",
            "another kernel, R",
        ),
    ),
    Student("hal", late_mutant, frozenset(MUTANT.recipe.caught_by)),
    Student("ida", from_another_system, frozenset(), ("Only .py files were handed in",)),
    Student("jan", half, OWN_STORE),
    Student("kim", both, frozenset(), ("were both changed",)),
    Student("leo", no_python, TESTS),
    Student("mia", link, TESTS, ("Links are not followed: lock/lock.py", "Nothing was handed in")),
    Student("ned", large, TESTS, ("bytes, more than", "Nothing was handed in")),
    Student("ola", with_attack(READS_ANOTHER), TESTS),
    Student("pam", with_attack(KILLS), TESTS),
    Student("quy", with_attack(MULTIPLIES), TESTS),
    Student("rob", with_attack(LEAVES), TESTS),
    Student("sue", with_attack(PRETENDS), frozenset()),
    Student("tim", only_cells, OWN_STORE, ("Only a notebook was handed in",)),
)


def hand_in(submitted: Path, notebook: Path) -> None:
    """Let all hand in, below `submitted`; `notebook` is what was handed out."""
    handed_out = json.loads(notebook.read_text(encoding="utf-8"))
    for student in CLASS:
        student.hand_in(submitted / student.name / LOCK.name, deepcopy(handed_out))
