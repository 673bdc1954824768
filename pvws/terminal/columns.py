"""Rows below titles, each column as wide as what stands in it. Pure."""

from collections.abc import Sequence
from typing import TypeAlias

from pvws.terminal.lines import Line, cut, width_of
from pvws.terminal.printable import printable
from pvws.terminal.spans import Span

__all__ = ["Cell", "columns"]

Cell: TypeAlias = str | Span
"""What stands in a column of a row."""

_GAP = "  "


def columns(
    titles: Sequence[str], rows: Sequence[Sequence[Cell]], *, right: str = "", width: int | None = None
) -> list[Line]:
    """A line of titles and one a row. A column stands on the right where `right` has an `r` in its place: `"..r"`.

    Cells are made printable. Lines are cut at `width` columns of the terminal, unless that is None.
    """
    cells = [[_span(cell) for cell in row] for row in rows]
    head = [Span(title, "faint") for title in titles]
    widths = [max(width_of([cell]) for cell in column) for column in zip(head, *cells, strict=True)]
    lines = []
    for row in (head, *cells):
        line = Line()
        for place, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            blank = Span(" " * (wide - width_of([cell])))
            if line:
                line.append(Span(_GAP))
            line += [blank, cell] if right[place : place + 1] == "r" else [cell, blank]
        while line and not line[-1].text.strip():  # what is cut says so, and blanks at the end are nothing
            line.pop()
        lines.append(line if width is None else cut(line, width))
    return lines


def _span(cell: Cell) -> Span:
    text, style = (cell, "") if isinstance(cell, str) else cell
    return Span(printable(text), style)
