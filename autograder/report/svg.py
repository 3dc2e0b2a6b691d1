"""The static drawing: one SVG, without script, that is complete by itself.

`picture.js` draws the same shapes the same way for any window; a test compares the two.
"""

from __future__ import annotations

import math
import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from autograder.report.drawing import Drawing
from autograder.report.scene import Scene
from autograder.report.shapes import Shape
from autograder.report.text import attributes, block, escaped, line

WIDTH, GUTTER, AXIS, FOOT = 960.0, 112.0, 26.0, 22.0  # pixels
BUDGET = 400  # shapes; more are thinned out
CHARACTER = 6.65  # pixels, of the font that labels have
TICK = 100.0  # pixels between ticks, at least
TALKATIVE = 30.0  # pixels for each line in view, below which only what matters is labelled
MOST = 80  # labels of what matters
LEGIBLE = 12  # characters of the evidence's text that are worth cutting it to
LEADING = 17.0  # from line to line of the heading
COLUMNS, SENTENCE = 122, 480  # characters of a line, and of a sentence, in the heading
LISTED = 20  # operations of the evidence that the heading lists
Point = tuple[float, float]


@dataclass
class Plot:
    """The plot of one window: `width` pixels for the time from `start` to `end`."""

    start: float
    end: float
    width: float
    taken: list[tuple[float, float, float]] = field(default_factory=list)  # by labels: x, x, y

    def x(self, time: float | None) -> float:
        """Where a time stands; what lies outside is kept near the edge. None: open."""
        if time is None:
            return self.width + 20
        at = (time - self.start) / (self.end - self.start) * self.width
        return min(max(at, -20.0), self.width + 20)

    def is_free(self, x: float, y: float, text: str) -> bool:
        """Whether there is room for a label."""
        end = x + len(text) * CHARACTER
        return x >= 0 and end <= self.width and not any(
            abs(y - other) < 12 and x < right and end > left for left, right, other in self.taken
        )  # fmt: skip

    def take(self, x: float, y: float, text: str) -> None:
        """Note the place of a label."""
        self.taken.append((x, x + len(text) * CHARACTER, y))


def svg(drawing: Drawing, budget: int = BUDGET, words: Scene | None = None, style: str = "") -> str:
    """The drawing of the first window; `words` put the finding above it, `style` makes it complete."""
    title = [] if words is None else [*heading(words, drawing)]
    top = LEADING * len(title) + (10 if title else 0)
    height = top + AXIS + drawing.height + FOOT
    size = attributes(
        class_="run-svg", viewBox=f"0 {-top:g} {WIDTH:g} {height:g}", width=f"{WIDTH:g}",
        role="img", aria_label=f"Picture of the run {drawing.title}",
    )  # fmt: skip
    paper = path(f"M0 {-top:g}h{WIDTH:g}v{height:g}H0z", "paper")
    rules = f"<style>{style}</style>{paper}" if style else ""
    said = (text(8, LEADING * (n + 1) - top, *row) for n, row in enumerate(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{size}>{rules}{"".join(said)}'
        f"{content(drawing, budget)}</svg>"
    )


def heading(words: Scene, drawing: Drawing) -> Iterator[tuple[str, str]]:
    """The finding in lines, each with its look."""
    yield f"{words.verdict.value}  {drawing.title}", "heading"
    promise, seen = block(words.promise, SENTENCE), block(words.seen, SENTENCE).partition("\n")[0]
    edge = "; ".join(drawing.edge)
    said = [("promised ", promise, "said"), ("seen     ", seen, "heading")]
    more = len(drawing.evidence) - LISTED
    listed = drawing.evidence[:LISTED] + ([f"and {more:,} more"] if more > 0 else [])
    said += [("         ", operation, "said") for operation in listed]
    said += [("repeat   ", line(words.command, SENTENCE), "said"), ("left edge", edge, "said")]
    for term, sentence, look in said:
        for n, part in enumerate(textwrap.wrap(sentence, COLUMNS)):
            yield f"{term if n == 0 else ' ' * len(term)}  {part}", look


def content(drawing: Drawing, budget: int = BUDGET) -> str:
    """All that stands in the drawing."""
    plot = Plot(*drawing.window, WIDTH - GUTTER)
    seen = [shape for shape in drawing.shapes if shape.within(*drawing.window)]
    drawn = thin(seen, plot, budget)
    return "".join(
        [
            *names(drawing),
            *axis(plot, drawing),
            f'<svg x="{GUTTER:g}" y="{AXIS:g}" width="{plot.width:g}" height="{drawing.height:g}">',
            *(element(shape, plot) for shape in drawn),
            *labels(drawn, plot),
            "</svg>",
            *foot(drawing, plot, len(seen) - len(drawn)),
        ]
    )


def thin(shapes: Sequence[Shape], plot: Plot, budget: int) -> list[Shape]:
    """About `budget` shapes: of those that look alike and nearly coincide, the first. Evidence stays."""
    pixels, drawn = 1, list(shapes)
    while len(drawn) > budget and pixels <= 64:
        last: dict[tuple[str, float, float], int] = {}  # the place of the last one of each kind
        drawn = []
        for shape in shapes:
            kind, place = (shape.look, shape.y0, shape.y1), math.floor(plot.x(shape.start) / pixels)
            if last.get(kind) != place or stays(shape, plot, pixels):
                drawn.append(shape)
            last[kind] = place
        pixels *= 2
    return drawn


def stays(shape: Shape, plot: Plot, pixels: int) -> bool:
    """Whether no other shape can stand for this one, with so many pixels for one."""
    wide = shape.form == "bar" and plot.x(shape.end) - plot.x(shape.start) >= pixels
    return wide or any(map(shape.has, ("evidence", "hot", "guide", "life")))


# ---- around the plot -----------------------------------------------------------------------------


def names(drawing: Drawing) -> Iterator[str]:
    """The names of the rows."""
    for row in drawing.rows:
        yield text(GUTTER - 10, AXIS + row.y + 4, cut(row.name, GUTTER - 16), f"name {row.kind}")


def axis(plot: Plot, drawing: Drawing) -> Iterator[str]:
    """Ticks of virtual time."""
    step, digits = tick_step(plot)
    for number in range(math.ceil(plot.start / step), math.floor(plot.end / step) + 1):
        x = GUTTER + plot.x(number * step)
        yield f'<path class="tick" d="M{x:.1f} {AXIS - 6:g}V{AXIS + drawing.height:g}"/>'
        said = f"{number * step / 1e6:.{digits}f} s"
        if x + len(said) * CHARACTER / 2 <= GUTTER + plot.width:
            yield text(x, AXIS - 10, said, "time")


def tick_step(plot: Plot) -> tuple[int, int]:
    """Microseconds from tick to tick, and the digits that tell ticks apart."""
    least = max((plot.end - plot.start) * TICK / plot.width, 1)
    power = 10 ** math.floor(math.log10(least))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= least)
    return step, max(6 - math.floor(math.log10(step)), 0)


def foot(drawing: Drawing, plot: Plot, thinned: int) -> Iterator[str]:
    """What lies outside the window, and what was left out in it."""
    y = AXIS + drawing.height + 15
    times = drawing.times
    before = drawing.before + bisect_left(times, plot.start)
    after = drawing.after + len(times) - bisect_right(times, plot.end)
    yield text(GUTTER, y, f"◂ {before:,} before" if before else "the run begins here", "foot")
    yield text(WIDTH - 4, y, f"{after:,} after ▸" if after else "the run ends here", "foot right")
    left_out = [*drawing.left_out, *([f"{thinned:,} not drawn at this scale"] if thinned else [])]
    yield text((GUTTER + WIDTH) / 2, y, "; ".join(left_out), "foot middle") if left_out else ""


# ---- shapes --------------------------------------------------------------------------------------


def element(shape: Shape, plot: Plot) -> str:
    """One shape."""
    inside = {"bar": bar, "line": arrow, "mark": symbol}[shape.form](shape, plot)
    title = f"<title>{escaped(shape.title)}</title>" if shape.title else ""
    return f'<g class="shape {shape.look}">{title}{"".join(inside)}</g>'


def bar(shape: Shape, plot: Plot) -> Iterator[str]:
    """A bar; without a right side if it is open. Bands are hatched."""
    x0, x1 = plot.x(shape.start), plot.x(shape.end)
    x1 = max(x1, x0 + 2)
    y0, y1 = shape.y0, shape.y1
    yield path(f"M{x1:.1f} {y0:g}H{x0:.1f}V{y1:g}H{x1:.1f}{'' if shape.end is None else 'Z'}")
    if shape.has("band"):
        yield path(f"M{x0:.1f} {(y0 + y1) / 2:g}H{x1:.1f}", "hatch")
    said = "" if squeezed(shape, plot) else cut(shape.text, room(shape, plot))
    if said:
        left = max(x0, 0.0)
        plot.take(left, (y0 + y1) / 2 + 4, said)
        yield text(left + 4, (y0 + y1) / 2 + 4, said)


def room(shape: Shape, plot: Plot) -> float:
    """The pixels that a bar has for its text."""
    return min(plot.x(shape.end), plot.width) - max(plot.x(shape.start), 0.0) - 8


def squeezed(shape: Shape, plot: Plot) -> bool:
    """Whether a bar of the evidence is so narrow that its text stands beside it."""
    legible = min(len(shape.text), LEGIBLE)
    return shape.has("evidence") and room(shape, plot) < legible * CHARACTER


def arrow(shape: Shape, plot: Plot) -> Iterator[str]:
    """A line with what a message ends in; a plain line for anything else."""
    x0 = plot.x(shape.start)
    x1 = plot.x(shape.end)
    yield path(f"M{x0:.1f} {shape.y0:g}L{x1:.1f} {shape.y1:g}")
    if shape.has("lost"):
        yield path(cross(x1, shape.y1), "head")
    elif shape.has("message") and not shape.has("pending"):
        yield path(head((x0, shape.y0), (x1, shape.y1), shape), "head")


def cross(x: float, y: float) -> str:
    """What a lost message ends in."""
    return f"M{x - 5:.1f} {y - 5:g}l10 10m0-10l-10 10"


def head(start: Point, tip: Point, shape: Shape) -> str:
    """What an arrow ends in: closed for a request, open for a reply, twice for a second copy."""
    angle = math.atan2(tip[1] - start[1], tip[0] - start[0])
    first = barbs(tip, angle) + ("Z" if shape.has("request") else "")
    if not shape.has("copy"):
        return first
    return first + barbs((tip[0] - 6 * math.cos(angle), tip[1] - 6 * math.sin(angle)), angle)


def barbs(tip: Point, angle: float) -> str:
    """The two strokes of an arrowhead."""
    left, right = ((tip[0] - 8 * math.cos(angle + turn), tip[1] - 8 * math.sin(angle + turn))
                   for turn in (-0.4, 0.4))  # fmt: skip
    return f"M{left[0]:.1f} {left[1]:.1f}L{tip[0]:.1f} {tip[1]:.1f}L{right[0]:.1f} {right[1]:.1f}"


SYMBOLS = {
    "file": "m0-5v10",
    "disk": "m0-5v10",
    "start": "m-3-5l8 5l-8 5z",
    "other": "m0-5l5 5l-5 5l-5-5z",
}


def symbol(shape: Shape, plot: Plot) -> Iterator[str]:
    """A mark: a stroke for a file, a triangle for a start, a diamond for the rest."""
    yield path(f"M{plot.x(shape.start):.1f} {shape.y0:g}{SYMBOLS[shape.look.split()[1]]}")


def labels(shapes: Sequence[Shape], plot: Plot) -> Iterator[str]:
    """The labels beside shapes that find a place; those that matter most choose first."""
    spoken = [s for s in shapes if s.text and (s.form != "bar" or squeezed(s, plot))]
    spoken.sort(key=weight)
    if len(spoken) * TALKATIVE > plot.width:
        spoken = [shape for shape in spoken if weight(shape) > 0][-MOST:]
    for shape in reversed(spoken):
        left, right, y = beside(shape, plot)
        said, places = shape.text, (right + 8, left - 8 - len(shape.text) * CHARACTER)
        place = next((place for place in places if plot.is_free(place, y, said)), None)
        if place is None and shape.has("evidence"):
            said, place = said[:1], right + 4  # its number, whatever stands there
        if place is not None:
            plot.take(place, y, said)
            yield text(place, y, said, f"label {shape.look}")


def weight(shape: Shape) -> int:
    """What is worth a label most: the evidence, its lost messages, its others, other lost ones."""
    return 4 * shape.has("evidence") + 2 * shape.has("hot") + shape.has("lost")


def beside(shape: Shape, plot: Plot) -> tuple[float, float, float]:
    """What a label stands left or right of, and its height: a bar, a cross, a part of an arrow, a mark."""
    x0, x1 = plot.x(shape.start), plot.x(shape.end)
    if shape.form == "bar":
        return x0, x1, (shape.y0 + shape.y1) / 2 + 4
    part = 1.0 if shape.has("lost") else 0.4
    x = x0 + (x1 - x0) * part
    return x, x, shape.y0 + (shape.y1 - shape.y0) * part + 4


# ---- elements ------------------------------------------------------------------------------------


def cut(said: str, pixels: float) -> str:
    """As much of a label as fits; nothing if that would say nothing."""
    fitting = math.floor(pixels / CHARACTER)
    if fitting >= len(said):
        return said
    return f"{said[: fitting - 1]}…" if fitting > 3 else ""


def path(d: str, class_: str = "") -> str:
    """A path; all that is drawn is one."""
    given = {"class_": class_} if class_ else {}
    return f"<path{attributes(**given, d=d)}/>"


def text(x: float, y: float, said: str, class_: str = "") -> str:
    """A text, from runs or not: it is escaped here."""
    given = {"class_": class_} if class_ else {}
    return f"<text{attributes(**given, x=f'{x:.1f}', y=f'{y:g}')}>{escaped(said)}</text>"
