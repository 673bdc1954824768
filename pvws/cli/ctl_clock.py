"""`pvws ctl`'s commands of the clock: hold stage time, move it by hand, let it run."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeAlias

import typer

from pvws.answers import ClockState, Moved
from pvws.cli.answered import clock_text, moved_lines
from pvws.cli.options import parsed
from pvws.cli.steering import Told, seconds, steer
from pvws.client.control.control import Control
from pvws.errors import InputError, Problem

__all__ = ["advance", "clock", "pause", "resume", "seek", "settle", "speed", "speed_of", "step", "until"]

_Timeout: TypeAlias = Annotated[
    str, typer.Option(metavar="D", help="How much real time it may take; who is slower is named.")
]
_Ack: TypeAlias = Annotated[
    bool, typer.Option("--ack", help="Wait for a pong of every client behind the last event; 1 if one is missing.")
]


def clock(context: typer.Context) -> None:
    """Tell where stage time stands.

    \b
    Example:
      pvws ctl clock
    """

    async def act(control: Control) -> Told:
        return _stands(await control.clock.state())

    steer(context.obj, act)


def pause(context: typer.Context, timeout: _Timeout = "10s", ack: _Ack = False) -> None:
    """Hold the clock where it is.

    Returns when all that was due by then has been handed to every client; those that have not got it are named.

    \b
    Example:
      pvws ctl pause
    """
    _move(context, lambda control, options: control.clock.hold(**options), timeout, ack)


def resume(context: typer.Context) -> None:
    """Let the clock run on from where it stands.

    \b
    Example:
      pvws ctl resume
    """

    async def act(control: Control) -> Told:
        return _stands(await control.clock.resume())

    steer(context.obj, act)


def step(
    context: typer.Context,
    count: Annotated[int, typer.Argument(metavar="[N]", min=1, help="How many instants.")] = 1,
    timeout: _Timeout = "10s",
    ack: _Ack = False,
) -> None:
    """Move a held clock on to the next event.

    And give out all that is due at that instant.

    \b
    Examples:
      pvws ctl step
      pvws ctl step 10
    """
    _move(context, lambda control, options: control.clock.step(count, **options), timeout, ack)


def advance(
    context: typer.Context,
    by: Annotated[str | None, typer.Argument(metavar="[D]", help="How far: 30s, 1m30s, 500ms.")] = None,
    to: Annotated[str | None, typer.Option(metavar="T", help="Or to which instant: 2024-01-01T00:05:00Z.")] = None,
    timeout: _Timeout = "10s",
    ack: _Ack = False,
) -> None:
    """Move a held clock on, and give out what is due on the way.

    \b
    Examples:
      pvws ctl advance 30s
      pvws ctl advance --to 2024-01-01T00:05:00Z --json
    """
    if (by is None) == (to is None):
        raise InputError(Problem("advance", "either a duration, or --to", "both" if to is not None else "neither"))
    _move(context, lambda control, options: control.clock.advance(by, to=to, **options), timeout, ack)


def until(
    context: typer.Context,
    where: Annotated[
        str | None, typer.Argument(metavar="[EXPR]", help="Until the next event for which this holds.")
    ] = None,
    type_: Annotated[str | None, typer.Option("--type", metavar="T", help="Until the next event of a type.")] = None,
    topic: Annotated[str | None, typer.Option(metavar="T", help="Until the next event of a topic.")] = None,
    mark: Annotated[str | None, typer.Option(metavar="NAME", help="Until the next mark of this name.")] = None,
    within: Annotated[str | None, typer.Option(metavar="D", help="But no further than so much stage time.")] = None,
    timeout: _Timeout = "10s",
    ack: _Ack = False,
) -> None:
    """Move a held clock on until something happens.

    \b
    Examples:
      pvws ctl until --type storage_alert
      pvws ctl until "type == 'file_uploaded' and data.size > '1 MiB'" --within 5m
    """

    def go(control: Control, options: dict[str, Any]) -> Awaitable[Moved]:
        return control.clock.until(where, mark=mark, type=type_, topic=topic, within=within, **options)

    _move(context, go, timeout, ack)


def seek(
    context: typer.Context,
    to: Annotated[str, typer.Argument(metavar="T", help="The instant: 2024-01-01T00:05:00Z.")],
) -> None:
    """Set the clock to an instant, forward or back.

    What lies between happens, and nobody hears of it.

    \b
    Example:
      pvws ctl seek 2024-01-01T00:05:00Z
    """

    async def act(control: Control) -> Told:
        return _moved(await control.clock.seek(to))

    steer(context.obj, act)


def speed(
    context: typer.Context,
    factor: Annotated[
        str, typer.Argument(metavar="X|max", help="How many times as fast as real time, or as fast as possible.")
    ],
) -> None:
    """Have the clock run at another speed from now on.

    \b
    Examples:
      pvws ctl speed 10
      pvws ctl speed max
    """
    wanted = speed_of("speed", factor)

    async def act(control: Control) -> Told:
        return _stands(await control.clock.set_speed(wanted))

    steer(context.obj, act)


def speed_of(option: str, text: str) -> float | Literal["max"]:
    """A speed as the control plane takes it. Raises InputError."""
    from pvws.scenario.quantities import speed as read

    factor = parsed(option, text, read)
    return "max" if factor is None else factor


def settle(context: typer.Context, timeout: _Timeout = "10s") -> None:
    """Wait until everybody has got everything.

    That is: until all that was published has been handed to every client. Exits with 1 if somebody has not got it in
    time.

    \b
    Example:
      pvws ctl settle --timeout 30s
    """
    timeout_s = seconds("--timeout", timeout)

    async def act(control: Control) -> Told:
        moved = await control.clock.settle(timeout_s=timeout_s)
        return Told(moved, moved_lines(moved), exit_code=int(not moved.complete))

    steer(context.obj, act)


def _move(
    context: typer.Context, go: Callable[[Control, dict[str, Any]], Awaitable[Moved]], timeout: str, ack: bool
) -> None:
    options = {"timeout_s": seconds("--timeout", timeout), "ack": ack}

    async def act(control: Control) -> Told:
        moved = await go(control, options)
        return _moved(moved, exit_code=int(ack and not moved.complete))

    steer(context.obj, act)


def _stands(clock: ClockState) -> Told:
    return Told(clock, [clock_text(clock)])


def _moved(moved: Moved, exit_code: int = 0) -> Told:
    return Told(moved, moved_lines(moved), exit_code)
