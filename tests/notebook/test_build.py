"""How the notebook of a lab is made from its text and its stubs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.catalog import GIVEN, LABS, REPOSITORY, Lab
from autograder.grading.tests import list_tests
from autograder.notebook import cells
from autograder.notebook.build import notebook, notebooks
from autograder.stubs import StubsError, check

LAB = LABS["lock"]
TEXT = (REPOSITORY / "book" / "lock.md").read_text(encoding="utf-8")
STUBS = {file: (GIVEN / file).read_bytes() for lab in LABS.values() for file in lab.files}


def parsed(lab: Lab) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((GIVEN / lab.name / f"{lab.name}.ipynb").read_bytes())
    return made


def graded(notebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """nbgrader's metadata by id."""
    found = [cell["metadata"].get("nbgrader") for cell in notebook["cells"]]
    return {each["grade_id"]: each for each in found if each}


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_every_lab_has_a_notebook_and_it_is_a_valid_one(lab: Lab) -> None:
    text = (GIVEN / lab.name / f"{lab.name}.ipynb").read_text(encoding="utf-8")
    read = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    nbformat.validate(read)
    # What Jupyter would save.
    assert nbformat.writes(read) + "\n" == text


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_each_file_has_a_cell_with_exactly_its_stub(lab: Lab) -> None:
    written = cells.written(cells.parse((GIVEN / lab.name / f"{lab.name}.ipynb").read_bytes()), lab)
    assert {each.file: each.text.encode() for each in written} == {f: STUBS[f] for f in lab.files}
    assert all(each.notes == [] for each in written)


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_each_module_has_a_locked_cell_worth_its_points(lab: Lab) -> None:
    found = graded(parsed(lab))
    assert list(found) == cells.expected_ids(lab)
    checks = {id: each for id, each in found.items() if each["grade"]}
    assert list(checks) == [f"check-{path.stem}" for path in lab.suite]
    assert sum(each["points"] for each in checks.values()) == 100
    assert sum(test.points for test in list_tests(lab)) == 100
    assert all(each["locked"] and not each["solution"] for each in checks.values())
    files = [each for id, each in found.items() if id not in checks]
    assert all(each["solution"] and not each["locked"] for each in files)
    assert {each["schema_version"] for each in found.values()} == {3}


def test_the_same_text_gives_the_same_bytes() -> None:
    made = notebook(LAB, TEXT, STUBS)
    assert made == notebook(LAB, TEXT, STUBS)
    assert made == (GIVEN / "lock" / "lock.ipynb").read_bytes()


def test_a_notebook_knows_its_stubs() -> None:
    known = cells.parse(notebook(LAB, TEXT, STUBS)).stubs
    assert known == {"lock/lock.py": cells.fingerprint(STUBS["lock/lock.py"].decode())}
    assert cells.fingerprint("a\n\n") == cells.fingerprint("a") != cells.fingerprint("b")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('check("lock", "pace")', "1 + 1", "needs the cells"),
        ('check("lock", "pace")', 'check("lock", "maybe")', "needs the cells"),
        ('check("lock", "pace")', 'check("kv", "pace")', "checks 'kv'"),
        ("../labs/lock/lock.py", "../labs/kv/messages.py", "kv/messages.py, which is no student's"),
        ("```{literalinclude} ../labs/lock/lock.py\n```", "", "needs the cells"),
    ],
)
def test_a_text_that_lacks_or_doubles_a_cell_is_refused(old: str, new: str, sentence: str) -> None:
    assert old in TEXT
    with pytest.raises(StubsError, match=re.escape(sentence)):
        notebook(LAB, TEXT.replace(old, new), STUBS)


ONLY_BOOK = """
+++ {"tags": ["book"]}

See [](kv.md), and {term}`clerk`.

:::{dropdown} Hint: where to begin
With the clerk.
:::

```{code-cell} ipython3
:tags: [book, hide-input]

from book.figures import suite_table
```

+++ {"tags": ["book"]}

What the picture shows.

+++

Said in both.

"""


def beginning_with(text: str) -> str:
    """The text of the lab with something at its beginning."""
    _, settings, rest = TEXT.split("---\n", 2)
    return f"---\n{settings}---\n\n{text}\n\n{rest}"


def test_what_only_the_book_has_is_left_out() -> None:
    made = notebook(LAB, beginning_with(ONLY_BOOK), STUBS)
    first = "".join(json.loads(made)["cells"][0]["source"])
    assert first.startswith("Said in both.")
    text = made.decode()
    assert [
        word for word in ("clerk`", "Hint:", "suite_table", "picture shows") if word in text
    ] == []


def test_tags_of_cells_stay_in_the_book() -> None:
    without = TEXT.replace(":tags: [skip-execution]\n\n", "")
    tagged = re.sub("^check", ":tags: [skip-execution]\n\ncheck", without, flags=re.MULTILINE)
    assert notebook(LAB, without, STUBS) == notebook(LAB, tagged, STUBS)


@pytest.mark.parametrize(
    "text",
    [
        ":::{dropdown} Hint\nBegin.\n:::",
        "```{include} ../labs/lock/README.md\n```",
        "A {term}`clerk`.",
        "See [](kv.md).",
    ],
)
def test_what_a_notebook_cannot_show_is_refused(text: str) -> None:
    with pytest.raises(StubsError, match=re.escape(text.partition("\n")[0][-8:])):
        notebook(LAB, beginning_with(text), STUBS)


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(StubsError, match="test_nothing"):
        notebook(LAB, TEXT.replace('"pace"', '"nothing"'), STUBS)


def test_only_labs_with_a_text_get_a_notebook(tmp_path: Path) -> None:
    (tmp_path / "lock.md").write_text(TEXT, encoding="utf-8")
    assert set(notebooks(tmp_path, STUBS)) == {"lock/lock.ipynb"}


def test_a_notebook_that_is_stale_is_seen_by_the_check_of_stubs(tmp_path: Path) -> None:
    for name, content in {
        "solutions/lock/lock.py": STUBS["lock/lock.py"],
        "labs/lock/lock.py": STUBS["lock/lock.py"],
        "labs/lock/lock.ipynb": notebook(LAB, TEXT, STUBS),
        "book/lock.md": TEXT.encode(),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert check(tmp_path / "solutions", tmp_path / "labs") == []
    (tmp_path / "book" / "lock.md").write_text(beginning_with("Read this first."))
    (said,) = check(tmp_path / "solutions", tmp_path / "labs")
    assert "lock.ipynb is not what" in said
