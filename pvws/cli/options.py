"""Options that several commands share."""

from collections.abc import Callable
from typing import Annotated, TypeAlias, TypeVar

import typer

from pvws.errors import InputError, Problem

__all__ = ["Host", "Port", "ReadyFile", "WaitForClient", "parsed"]

_T = TypeVar("_T")

Host: TypeAlias = Annotated[str, typer.Option(metavar="NAME", help="Name or address to listen on.")]
"""What `serve` and `simulate` listen on."""

Port: TypeAlias = Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 picks a free one.")]
"""And the port of it."""

ReadyFile: TypeAlias = Annotated[
    str | None, typer.Option(metavar="F", help="Written, as JSON (url, pid), once clients can connect.")
]
"""A file that tells scripts where the server is."""

WaitForClient: TypeAlias = Annotated[
    bool, typer.Option("--wait-for-client", help="Begin the scenario when the first client has subscribed.")
]
"""Whether the clock waits."""


def parsed(option: str, text: str, read: Callable[[str], _T]) -> _T:
    """The value of an option that `read` makes of its text. Raises InputError where that raises ValueError."""
    try:
        return read(text)
    except ValueError as error:
        raise InputError(Problem(option, str(error), f'"{text}"')) from None
