"""What a command does with its standard files: a word to a person, and what may be wrong with where it writes.

Every command imports this, so it imports next to nothing.
"""

import os
import shutil
import sys
from contextlib import suppress

from pvws.errors import PvwsError
from pvws.terminal.printable import printable

__all__ = ["LAST_WRITE_S", "ProgressLine", "note", "print_json", "tell_failure", "terminal_at"]

LAST_WRITE_S = 0.5
"""After a signal, for a reader that is only slow; one that has stopped must not keep us."""


def note(text: str) -> None:
    """Tell a person something on stderr, besides what goes to stdout. What it quotes can't steer the terminal."""
    if sys.stderr is None:
        return
    try:
        lines = "\n".join(printable(line) for line in text.split("\n"))
        print(f"pvws: {lines}", file=sys.stderr, flush=True)  # noqa: T201
    except OSError:
        # Nobody reads it any more. Point it elsewhere, so that the interpreter's last flush is quiet.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def print_json(document: object) -> None:
    """Print what a program is to read, laid out so that a person can as well."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(document)).decode())  # noqa: T201


class ProgressLine:
    """A line on a terminal at stderr that says how far something is, drawn anew each time; elsewhere nothing."""

    def __init__(self) -> None:
        self._shown = terminal_at(sys.stderr)

    def show(self, text: str) -> None:
        """Have it say this, cut to the width of the terminal."""
        if self._shown:
            width = shutil.get_terminal_size().columns - 1
            with suppress(OSError):  # a terminal that is gone is nobody's loss
                print(f"\r{text[:width]}\x1b[K", end="", file=sys.stderr, flush=True)  # noqa: T201

    def clear(self) -> None:
        """Take it away."""
        self.show("")


def tell_failure(error: OSError, where: str = "standard output") -> None:
    """A reader that left is no failure: `| head -5` has got what it wanted. A full disk is."""
    if not isinstance(error, BrokenPipeError):
        raise PvwsError(f"can't write to {where}: {(error.strerror or str(error)).lower()}")


def terminal_at(stream: object) -> bool:
    """Whether a standard stream, which may be closed, is a terminal on which a line can be drawn anew."""
    is_a_terminal = getattr(stream, "isatty", bool)
    return bool(is_a_terminal()) and os.environ.get("TERM") != "dumb"
