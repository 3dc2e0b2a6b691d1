"""Several figures as one, below each other."""

from __future__ import annotations

from book.figures.page import Figure, Shown, assets, figure_of, once


def stack(*shown: Shown) -> Figure:
    """Figures below each other: one frame of a slider, say, that has two."""
    figures = [figure_of(each) for each in shown]
    return Figure(
        f'<div class="book-stack">{"".join(figure.html for figure in figures)}</div>',
        "\n".join(figure.words for figure in figures),
        once([*(asset for figure in figures for asset in figure.assets), *assets("stack")]),
    )
