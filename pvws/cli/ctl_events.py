"""`pvws ctl events`: what happens on a running server, followed as it happens."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import aclosing
from typing import Annotated, Any

import typer

from pvws.answers import ClockState, Happening, Message, StageState
from pvws.cli.answered import clock_text, state_lines, value_text
from pvws.cli.steering import control_of, seconds
from pvws.client.control.control import Control
from pvws.terminal.lines import Line
from pvws.terminal.printable import printable, shown
from pvws.terminal.spans import Span, plain
from pvws.timestamp import Timestamp

__all__ = ["events", "happening_line"]

_KINDS = ("event", "client", "message", "clock", "fault", "rule", "scenario", "cue", "gap")
_KIND_COLUMNS = 8


def events(
    context: typer.Context,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", metavar="K", help="Of a kind: event, client, message, clock, fault …; may be given again."
        ),
    ] = None,
    topics: Annotated[
        list[str] | None, typer.Option("--topic", metavar="T", help="Events of a topic; may be given again.")
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", metavar="T", help="Events of a type; may be given again.")
    ] = None,
    where: Annotated[str | None, typer.Option(metavar="EXPR", help="Events for which this holds.")] = None,
    count: Annotated[int | None, typer.Option(metavar="N", min=1, help="Leave after so many.")] = None,
    for_: Annotated[str | None, typer.Option("--for", metavar="D", help="Leave after so long.")] = None,
) -> None:
    """Follow what happens, as it happens.

    Events, what clients do and say, faults, the clock. The state of each second is told where it is asked for. With
    --json each happening is a line. Ends with the server, or when it is interrupted.

    \b
    Examples:
      pvws ctl events
      pvws ctl events --kind client --kind message
      pvws ctl events --kind event --topic alerts --json | head -1
    """
    from pvws.cli.run import run

    reach = context.obj
    following = _Following(
        control_of(reach),
        {"kinds": kinds or _KINDS, "topics": topics, "types": types, "where": where},
        as_json=reach.as_json,
        count=count,
        for_s=None if for_ is None else seconds("--for", for_),
    )
    raise typer.Exit(run(following))


class _Following:
    """One run. Call it with the `Stop` of the command; it gives the exit code."""

    def __init__(
        self, control: Control, asked: dict[str, Any], *, as_json: bool, count: int | None, for_s: float | None
    ) -> None:
        self._control = control
        self._asked = asked
        self._as_json = as_json
        self._count = count
        self._for_s = for_s

    async def __call__(self, stop: Any) -> int:
        from pvws.cli.standard import LAST_WRITE_S, tell_failure
        from pvws.cli.views import painted
        from pvws.terminal.output import Output

        output, paint = Output(sys.stdout.fileno()), plain if self._as_json else painted(sys.stdout)
        following = asyncio.ensure_future(self._follow(output, paint))
        stopping = asyncio.ensure_future(stop.wait())
        failing = asyncio.ensure_future(output.failed())
        try:
            async with self._control:
                await asyncio.wait(
                    {following, stopping, failing}, timeout=self._for_s, return_when=asyncio.FIRST_COMPLETED
                )
                following.cancel()
                await asyncio.wait({following})
            if failing.done():
                tell_failure(failing.result())
            else:
                await asyncio.wait({asyncio.ensure_future(output.drain()), failing}, timeout=LAST_WRITE_S)
            if not following.cancelled():
                following.result()
        finally:
            for each in (following, stopping, failing):
                each.cancel()
            await asyncio.gather(following, stopping, failing, return_exceptions=True)
        return int(stop.exit_code)

    async def _follow(self, output: Any, paint: Callable[[Line], str]) -> None:
        left = self._count
        async with aclosing(self._control.events(**self._asked)) as happenings:
            async for happening in happenings:
                output.write(_json_line(happening) if self._as_json else paint(happening_line(happening)))
                if output.full:
                    await output.drain()
                if left is not None and (left := left - 1) == 0:
                    return


def _json_line(happening: Happening) -> str:
    from pvws.answers import encoded

    return encoded(happening).decode()


def happening_line(happening: Happening) -> Line:
    """What happened, in a line: an event as `watch` shows it, everything else after the word for its kind."""
    data = happening.data
    match data:
        case Message():
            return _event_line(data)
        case ClockState():
            return _other(happening.kind, clock_text(data))
        case StageState():
            return _other(happening.kind, "; ".join(plain(line) for line in state_lines(data)))
        case dict() if happening.kind == "gap":
            return _other(happening.kind, _gap_text(data), "warning")
        case {"what": str(what), "client": dict(client)}:
            return _other(happening.kind, _client_text(what, client, data))
        case {"what": str(what), "fault": dict(fault)}:
            return _other(happening.kind, f"{what} {fault.get('id', '')}  {fault.get('text', '')}", "warning")
        case _:
            return _other(happening.kind, value_text(data))


def _event_line(message: Message) -> Line:
    from pvws.client.happenings import Received
    from pvws.terminal.log import Log

    return Log(zone=None, wide=False).of(Received(message.text, message.at.micros / 1_000_000))


def _gap_text(data: dict[str, Any]) -> str:
    missing = [f"{data[name]:,} {name}" for name in ("events", "others") if data.get(name)]
    return f"{', '.join(missing) or 'something'} left out" + (f": {why}" if (why := data.get("reason")) else "")


def _client_text(what: str, client: dict[str, Any], data: dict[str, Any]) -> str:
    who = client.get("name") or shown(str(client.get("id", "")), wide=False)
    more = {
        name: value for name, value in data.items() if name not in ("what", "client", "at") and value not in (None, "")
    }
    told = "  ".join(f"{name} {value if isinstance(value, str) else value_text(value)}" for name, value in more.items())
    at = data.get("at")
    when = f"  at {Timestamp.parse(at)}" if isinstance(at, str) else ""
    return f"{client.get('number', '?')} ({who}) {what}  {told}{when}".rstrip()


def _other(kind: str, text: str, style: str = "") -> Line:
    return [Span(f"{printable(kind):<{_KIND_COLUMNS}}  ", "faint"), Span(printable(text), style)]
