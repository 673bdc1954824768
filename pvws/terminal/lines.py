"""Lines that fit: cut and filled to so many columns of a terminal, put beside each other and below headings. Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.cells import cell_len, set_cell_size

from pvws.terminal.spans import Span

__all__ = ["Line", "beside", "cut", "fitted", "heading", "padded", "width_of"]

Line: TypeAlias = list[Span]
"""A line of a picture: pieces of text from left to right."""


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)  # an ideograph takes two columns


def width_of(line: Iterable[Span]) -> int:
    """How many columns a line takes."""
    return sum(_width(span.text) for span in line)


def fitted(line: Iterable[Span], width: int) -> Line:
    """The line in exactly so many columns: filled with blanks, or cut, which an ellipsis shows."""
    found, left = Line(), width
    for span in line:
        taken = _width(span.text)
        if taken > left:
            return [*_cut(found, span, left)]
        found.append(span)
        left -= taken
    if left:
        found.append(Span(" " * left))
    return found


def _cut(found: Line, span: Span, left: int) -> Line:
    if left <= 0:
        return _cut_before(found)
    text = span.text[: left - 1] if span.text.isascii() else set_cell_size(span.text, left - 1)
    return [*found, Span(text + "…", span.style)]


def _cut_before(found: Line) -> Line:
    """There is no column left for the ellipsis: it takes the last one of what is there."""
    if not found:
        return []
    *rest, last = found
    wanted = _width(last.text) - 1
    text = last.text[:-1] if last.text.isascii() else set_cell_size(last.text, wanted)
    return [*rest, Span(text + "…", last.style)] if wanted >= 0 else _cut_before(rest)


def cut(line: Line, width: int) -> Line:
    """The line in at most so many columns."""
    return line if width_of(line) <= width else fitted(line, width)


def padded(lines: Sequence[Line], height: int) -> list[Line]:
    """So many lines: cut at the end, or filled with empty ones."""
    return [*lines[:height], *([] for _ in range(height - len(lines)))]


def heading(title: str, width: int, note: str = "") -> Line:
    """A rule with a title in it: `── peers  24, 2 degraded ─────`."""
    line = [Span("── ", "rule"), Span(title, "title"), Span(" ")]
    if note:
        line += [Span(note, "faint"), Span(" ")]
    left = width - width_of(line)
    return fitted([*line, Span("─" * max(left, 0), "rule")], width)


def beside(columns: Sequence[tuple[Sequence[Line], int]], gap: int = 2) -> list[Line]:
    """Columns of lines side by side, each as wide as it says, with blanks between."""
    height = max((len(lines) for lines, _ in columns), default=0)
    whole = []
    for number in range(height):
        line = Line()
        for lines, width in columns:
            if line:
                line.append(Span(" " * gap))
            line += fitted(lines[number] if number < len(lines) else [], width)
        whole.append(line)
    return whole
