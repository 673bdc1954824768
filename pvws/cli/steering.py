"""What the commands that steer a running server share: reaching it, waiting for it, and telling what it said."""

import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, TypeAlias, TypeVar

import typer
from msgspec import Struct

from pvws.client.control.control import Control
from pvws.client.control.values import Nodes
from pvws.errors import PvwsError
from pvws.terminal.lines import Line, cut
from pvws.terminal.printable import printable
from pvws.terminal.spans import Span

__all__ = [
    "ControlToken",
    "ControlUrl",
    "ControlWorld",
    "Json",
    "Reach",
    "Told",
    "WhichNodes",
    "control_of",
    "missing_lines",
    "seconds",
    "steer",
]

_T = TypeVar("_T")

ControlWorld: TypeAlias = Annotated[
    str, typer.Option("--world", metavar="W", help="Which of the server's worlds is meant.")
]
"""One of the worlds of a server."""

ControlToken: TypeAlias = Annotated[
    str | None,
    typer.Option("--token", metavar="T|@FILE", help="The control plane's token. Default: that of PVWS_CONTROL_TOKEN."),
]
"""Who may steer it."""

ControlUrl: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="CONTROL_URL",
        help="Where the control plane is: http://host:8084, host:8084 or :8084. It may also stand before the command. "
        "Default: that of PVWS_CONTROL_URL, else http://localhost:8084.",
    ),
]
"""Where it is steered."""

WhichNodes: TypeAlias = Annotated[
    Nodes, typer.Option("--nodes", metavar="here|all", help="Whether this server is meant, or all that are on its bus.")
]
"""How far a command reaches."""

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print what the server answers, as JSON.")]
"""For programs."""


class Told(Struct, frozen=True):
    """What a command has to say: an `answer` of the server, its lines for a person, and the exit code.

    With `each` the answer is a list whose items are a JSON line each.
    """

    answer: Any
    lines: Sequence[str | Line] = ()
    exit_code: int = 0
    each: bool = False


class Reach(Struct, frozen=True):
    """Which world of which server, how one gets there, and whether a program reads what it says."""

    url: str | None = None
    world: str = "main"
    token: str | None = None
    as_json: bool = False


def steer(reach: Reach, act: Callable[[Control], Awaitable[Told]]) -> None:
    """Do something with a `Control`, print what came of it, and leave with the exit code. A signal interrupts it."""
    from pvws.cli.run import Stop, run, unless_stopped

    control = control_of(reach)

    async def steering(stop: Stop) -> int:
        async with control:
            told = await unless_stopped(stop, act(control))
        if told is None:
            return stop.exit_code
        _print(told, reach.as_json)
        return told.exit_code

    raise typer.Exit(run(steering))


def control_of(reach: Reach) -> Control:
    """The `Control` of it. Raises InputError."""
    from pvws.cli.reaching import secret

    return Control(reach.url, world=reach.world, token=secret("--token", reach.token))


def missing_lines(silent: Iterable[str], refused: Mapping[str, str]) -> list[Line]:
    """The nodes that are not in an answer of all."""
    said = [f"the node {node} did not answer within 5 s" for node in silent]
    said += [f"the node {node} could not do it: {why}" for node, why in refused.items()]
    return [[Span(printable(each), "warning")] for each in said]


def _print(told: Told, as_json: bool) -> None:
    if sys.stdout is None:
        raise PvwsError("standard output is closed")
    try:
        for line in _json_lines(told) if as_json else _lines(told.lines):
            print(line)  # noqa: T201
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has enough; what is held for it must not fail again when we end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _json_lines(told: Told) -> Iterable[str]:
    import msgspec

    from pvws.answers import encoded

    if told.each:
        return (encoded(each).decode() for each in told.answer)
    return (msgspec.json.format(encoded(told.answer)).decode(),)


def _lines(lines: Iterable[str | Line]) -> Iterable[str]:
    from pvws.cli.views import painted

    paint = painted(sys.stdout)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in lines:
        spans = [Span(printable(line))] if isinstance(line, str) else line
        yield paint(spans if width is None or isinstance(line, str) else cut(spans, width)).rstrip()


def seconds(option: str, text: str) -> float:
    """A length of real time in seconds. Raises InputError."""
    from pvws.cli.options import parsed
    from pvws.units import duration

    return parsed(option, text, duration) / 1_000_000
