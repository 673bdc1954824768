"""Errors by whose fault they are; each carries its facts as attributes and makes its text from them.

Mistakes of our own are assertions, not errors: nobody is meant to catch those.
"""

from pathlib import PurePath

__all__ = ["InputError", "MessageError", "Problem", "PvwsError", "ReachError", "TooManyError"]


class PvwsError(Exception):
    """What a caller may catch to get them all. Its text is a sentence for a person."""

    exit_code = 1
    """What a command that ends with this error gives back to the shell."""


class Problem:
    """One mistake in something a person wrote: where it stands, what was expected there and what was found.

    `file` and `line` (from 1) may be missing, for what came from a command line. `path` is the dotted path
    of the value, `""` for the whole. `hint` is the nearest valid word, or another sentence that helps.
    """

    __slots__ = ("column", "expected", "file", "found", "hint", "line", "path")

    def __init__(
        self,
        path: str,
        expected: str,
        found: str | None = None,
        *,
        file: str | PurePath | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        self.path = path
        self.expected = expected
        self.found = found
        self.file = None if file is None else str(file)
        self.line = line
        self.column = column
        self.hint = hint

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        where = ": ".join(part for part in (place, self.path) if part)
        said = f"expected {self.expected}" + ("" if self.found is None else f", got {self.found}")
        hint = "" if self.hint is None else f" ({self.hint})"
        return f"{where}: {said}{hint}" if where else f"{said}{hint}"


class InputError(PvwsError):
    """Something a person wrote is wrong: a scenario, a configuration, a flag. Holds every `Problem` found."""

    exit_code = 2

    def __init__(self, *problems: Problem) -> None:
        assert problems, "an InputError says what is wrong"
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


class MessageError(PvwsError):
    """A message is not one of the contract's: the fault of whoever sent it.

    `path` is the dotted path of the field, `""` for the whole message.
    """

    def __init__(self, path: str, expected: str, found: str | None = None) -> None:
        self.path = path
        self.expected = expected
        self.found = found
        said = f"expected {expected}" + ("" if found is None else f"; got {found}")
        super().__init__(f"{path}: {said}" if path else said)


class ReachError(PvwsError):
    """An address can't be connected to or listened on: nobody's fault, or the machine's."""

    exit_code = 3

    def __init__(self, address: str, trouble: str, advice: str | None = None) -> None:
        self.address = address
        self.trouble = trouble
        self.advice = advice
        super().__init__(f"{address}: {trouble}" + ("" if advice is None else f"\n{advice}"))


class TooManyError(PvwsError):
    """There are as many of something on a test-bed as there may be: one of them must go first."""

    def __init__(self, what: str, most: int) -> None:
        self.what = what
        self.most = most
        super().__init__(f"there are {most:,} {what}, as many as there may be")
