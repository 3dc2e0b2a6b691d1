"""What several programs came to, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from book.figures.page import Figure, assets, text

RIGHT, WRONG = "\N{CHECK MARK}", "\N{BALLOT X}"
Judge = Callable[[object], bool]


def table(
    rows: Mapping[str, Mapping[str, object]], title: str, right: Judge | None = None
) -> Figure:
    """A row for each name, with a cell for each column; all rows have the columns of the first.

    With `right`, a mark in front of each cell says whether it is right.
    `table({"in place": {"seed 1": "whole", "seed 2": "torn"}}, "after a loss of power", "whole".__eq__)`.
    """
    columns = list(next(iter(rows.values())))
    head = "".join(f'<th scope="col">{text(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{text(name)}</th>{"".join(cell(row[c], right) for c in columns)}</tr>'
        for name, row in rows.items()
    )
    told = [
        f"  {name}: {', '.join(f'{c} {marked(row[c], right)}' for c in columns)}"
        for name, row in rows.items()
    ]
    return Figure(
        f'<div class="book-figure book-outcomes" tabindex="0" role="group" aria-label="{text(title)}">'
        f"<table><caption>{text(title)}</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>",
        "\n".join([title, *told]),
        assets("outcomes"),
    )


def marked(value: object, right: Judge | None) -> str:
    """A value, and whether it is right."""
    return str(value) if right is None else f"{RIGHT if right(value) else WRONG} {value}"


def cell(value: object, right: Judge | None) -> str:
    """The same as a cell."""
    look = "" if right is None else f' class="{"good" if right(value) else "bad"}"'
    return f"<td{look}>{text(marked(value, right))}</td>"
