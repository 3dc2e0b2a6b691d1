"""What a notebook's cell shows: a table of verdicts, and the failures. As HTML, and as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.report.figure import document
from autograder.report.text import SENTENCE, attributes, escaped, line
from autograder.verdict import TestVerdict, Verdict

HEIGHT = 760  # pixels of a picture's frame
COLOURS = {Verdict.PASS: "#2e8b57", Verdict.FAIL: "#d64545", Verdict.UNKNOWN: "#b8860b"}
CELL = "text-align: left; vertical-align: top"


@dataclass
class Board:
    """The table: `tests` maps names to points, `verdicts` those that are decided to their verdicts."""

    lab: str
    warnings: Sequence[str]
    tests: Mapping[str, int] = field(default_factory=dict)
    verdicts: dict[str, TestVerdict] = field(default_factory=dict)
    state: str = "starting"

    @property
    def failed(self) -> list[TestVerdict]:
        """The verdicts that are no pass, in the order of the tests."""
        decided = [self.verdicts[name] for name in self.tests if name in self.verdicts]
        return [verdict for verdict in decided if verdict.verdict is not Verdict.PASS]

    def summary(self) -> str:
        """How far the checks are, and the points so far."""
        if not self.tests:
            return f"{self.lab}: {self.state}"
        decided = self.verdicts.values()
        passed = sum(each.verdict is Verdict.PASS for each in decided)
        points, most = sum(each.points for each in decided), sum(self.tests.values())
        said = f"{self.lab}: {passed} of {len(self.tests)} tests passed, {points} of {most} points"
        return said if self.state == "done" else f"{said}; {self.state}"

    def __repr__(self) -> str:
        rows = [row(each) for name in self.tests if (each := self.verdicts.get(name))]
        return "\n".join([*self.warnings, *rows, self.summary()])

    def _repr_html_(self) -> str:
        warnings = "".join(
            f"<p><strong>{escaped(line(each, SENTENCE))}</strong></p>" for each in self.warnings
        )
        rows = "".join(self._html_row(name, points) for name, points in self.tests.items())
        head = "".join(
            f'<th style="{CELL}">{name}</th>' for name in ("test", "points", "verdict", "promise")
        )
        table = (
            f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
        )
        return f"{warnings}{table}<p>{escaped(self.summary())}</p>"

    def _html_row(self, name: str, points: int) -> str:
        decided = self.verdicts.get(name)
        cells = [f"<code>{escaped(name)}</code>"]
        if decided is None:
            cells += [f"/{points}", "", ""]
        else:
            look = f"color: {COLOURS[decided.verdict]}; font-weight: bold"
            cells.append(f"{decided.points}/{points}")
            cells.append(f'<span style="{look}">{decided.verdict.value}</span>')
            cells.append(escaped(line(decided.promise, SENTENCE)))
        return "<tr>" + "".join(f'<td style="{CELL}">{cell}</td>' for cell in cells) + "</tr>"


def row(verdict: TestVerdict) -> str:
    """A verdict on one line of plain text."""
    points = f"{verdict.points}/{verdict.max_points}"
    return f"{verdict.verdict.value:<7} {points:>6}  {verdict.name}"


@dataclass(frozen=True)
class Failure:
    """A test that did not pass: its picture if there is one, and its words."""

    name: str
    words: str
    picture: str | None  # what `autograder.report.failure.figures_in` gives

    def __repr__(self) -> str:
        return f"{self.name}\n{self.words}"

    def _repr_html_(self) -> str:
        """The picture in a frame: apart from the notebook, with no script but its own, and no network."""
        if self.picture is None:
            return f"<p><code>{escaped(self.name)}</code></p><pre>{escaped(self.words)}</pre>"
        frame = attributes(
            srcdoc=document(self.name, self.picture), sandbox="allow-scripts",
            title=f"Picture of {self.name}",
            style=f"width: 100%; height: {HEIGHT}px; border: 0; resize: vertical;",
        )  # fmt: skip
        return f"<iframe{frame}></iframe>"
