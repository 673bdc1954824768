"""What is said of an expression or a template that can't be read, or of one that has no value."""

from pvws.errors import InputError, Problem

__all__ = ["ExpressionError", "MissingNameError"]


class ExpressionError(InputError):
    """A text is no expression or template: `column` (from 1) says where, `expected` and `found` what is wrong there.

    `hint` is the nearest valid word, or another sentence that helps.
    """

    def __init__(self, column: int, expected: str, found: str | None = None, hint: str | None = None) -> None:
        self.column = column
        self.expected = expected
        self.found = found
        self.hint = hint
        super().__init__(Problem(f"column {column}", expected, found, hint=hint))

    def moved(self, columns: int) -> "ExpressionError":
        """The same mistake in a text that has so many characters before this one."""
        return ExpressionError(self.column + columns, self.expected, self.found, self.hint)


class MissingNameError(InputError):
    """A template can't be filled in: the part at `column` has no value.

    `name` is the dotted name that is missing; where none is, as in `${1 / 0}`, the part itself.
    """

    def __init__(self, column: int, name: str) -> None:
        self.column = column
        self.name = name
        super().__init__(Problem(f"column {column}", f"a value of {name}", "nothing"))
