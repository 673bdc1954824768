"""Expressions of a command line: read, or refused with a mark below the mistake."""

from pvws.errors import InputError, Problem
from pvws.expression.expression import Expression
from pvws.expression.trouble import ExpressionError
from pvws.terminal.printable import printable
from pvws.terminal.selection import NAMES

__all__ = ["FilterError", "expression"]

_EXCERPT = 60  # columns of the text around the mistake: an expression may be much longer than a line


class FilterError(InputError):
    """An option's expression can't be read. Its text shows the place."""

    def __init__(self, option: str, text: str, error: ExpressionError) -> None:
        self.column = error.column
        super().__init__(Problem(f"{option}: column {error.column}", error.expected, error.found, hint=error.hint))
        self._picture = _picture(text, error.column)

    def __str__(self) -> str:
        return f"{super().__str__()}\n{self._picture}"


def expression(option: str, text: str) -> Expression:
    """The expression of an option's text, which may ask for the fields of a message. Raises FilterError."""
    try:
        return Expression.parse(text, NAMES)
    except ExpressionError as error:
        raise FilterError(option, text, error) from None


def _picture(text: str, column: int) -> str:
    """The text, and below it a mark at the column."""
    first = max(0, column - 1 - _EXCERPT)
    before, behind = printable(text[first : column - 1]), printable(text[column - 1 : column - 1 + _EXCERPT])
    lead = "…" if first else ""
    return f"  {lead}{before}{behind}\n  {' ' * len(lead + before)}^"
