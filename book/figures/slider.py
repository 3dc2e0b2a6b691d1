"""One of several figures at a time, chosen by a slider."""

from __future__ import annotations

from collections.abc import Mapping

from book.figures.page import Figure, Shown, assets, figure_of, once, text


def slider(frames: Mapping[str, Shown], label: str) -> Figure:
    """One of several figures at a time, chosen by a slider; all of them, with their names, without scripts.

    `slider({"0%": run(calm), "10%": run(lossy)}, "messages lost")`. Frames may be anything that shows
    itself in a cell. All are in the page from the start, so few and small ones are best.
    """
    if not frames:
        raise ValueError("a slider needs at least one frame")
    figures = {name: figure_of(shown) for name, shown in frames.items()}
    inside = "".join(frame(name, label, figure) for name, figure in figures.items())
    said = "\n".join(f"{label}: {name}\n{figure.words}" for name, figure in figures.items())
    return Figure(
        f'<figure class="book-figure book-slider" role="group" aria-label="{text(label)}, '
        f'by a slider" data-label="{text(label)}">{inside}</figure>',
        said,
        once([*(asset for f in figures.values() for asset in f.assets), *assets("slider")]),
    )


def frame(name: str, label: str, figure: Figure) -> str:
    """One figure with its name."""
    return (
        f'<div class="slider-frame" data-name="{text(name)}">'
        f'<p class="slider-name">{text(label)}: <b>{text(name)}</b></p>{figure.html}</div>'
    )
