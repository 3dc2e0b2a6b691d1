"""Pictures of runs: as SVG for print, as HTML to look around in, in a notebook's cell.

`draw(Scene("test_put", events=outcome.trace.events, operations=[*history])).page()`
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.report.drawing import LIMIT, Drawing, drawing
from autograder.report.figure import ASSETS, document, figure, printed_css
from autograder.report.scene import Scene
from autograder.report.svg import BUDGET, svg
from autograder.report.text import attributes

__all__ = ["Picture", "Scene", "draw"]

LARGEST = 100_000  # bytes of a static picture
FRAME = 600  # pixels of height that a notebook gives to what stands around the drawing


@dataclass(frozen=True)
class Picture:
    """A scene, laid out. The same scene gives the same bytes; nothing in them asks the network."""

    scene: Scene
    drawing: Drawing

    def svg(self, words: bool = True) -> str:
        """A static picture, at most 100 KB, cut to its window: an SVG that is complete by itself.

        `words`: whether the finding stands above it.
        """
        scene = self.scene if words else None
        budget = BUDGET
        while True:
            drawn = svg(self.drawing, budget, words=scene, style=printed_css())
            if len(drawn.encode()) <= LARGEST or budget < 20:
                return drawn
            budget //= 2

    def figure(self) -> str:
        """The picture as HTML, for a page that holds `figure.ASSETS` once for all its pictures."""
        return figure(self.scene, self.drawing)

    def html(self) -> str:
        """The picture as a piece of HTML, complete by itself; static where no script runs."""
        return self.figure() + ASSETS

    def page(self) -> str:
        """The picture as a whole HTML page."""
        return document(self.scene.title, self.figure())

    def _repr_html_(self) -> str:
        """The picture in a notebook's cell: in a frame, apart from the notebook and other pictures."""
        height = self.drawing.height + FRAME
        frame = attributes(
            srcdoc=self.page(), sandbox="allow-scripts", title=f"Picture of {self.drawing.title}",
            loading="lazy", style=f"width: 100%; height: {height:.0f}px; border: 0;",
        )  # fmt: skip
        return f"<iframe{frame}></iframe>"


def draw(scene: Scene, limit: int = LIMIT) -> Picture:
    """A picture of a scene, of which it holds at most `limit` messages."""
    return Picture(scene, drawing(scene, limit))
