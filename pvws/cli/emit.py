"""`pvws emit`: one event, through a running server."""

from typing import Annotated

import typer

from pvws.answers import Emitted
from pvws.cli.steering import ControlToken, ControlUrl, ControlWorld, Json, Reach, Told, steer
from pvws.client.control.address import looks_like_address
from pvws.client.control.control import Control
from pvws.errors import InputError, Problem

__all__ = ["emit"]


def emit(
    context: typer.Context,
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="[CONTROL_URL] TOPIC TYPE", help="For example: alerts storage_alert", show_default=False
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(metavar="JSON|@F", help="Its data; what is left out is filled in. @F is in a file, - is stdin."),
    ] = None,
    client: Annotated[
        str | None,
        typer.Option(metavar="ID", help="To this client only: its id or the beginning of it, its name, or its number."),
    ] = None,
    to_all: Annotated[
        bool, typer.Option("--to-all", help="To every client, subscribed or not, as the shipped server can do.")
    ] = False,
    url: ControlUrl = None,
    world: ControlWorld = "main",
    token: ControlToken = None,
    as_json: Json = False,
) -> None:
    """Have a running server send one event.

    \b
    Examples:
      pvws emit alerts storage_alert --data '{"level": "critical", "value": 97}'
      pvws emit :9001 file_operations file_uploaded --data @upload.json --client mobile
    """
    from pvws.cli.ctl_stage import json_of

    reach = context.obj if isinstance(context.obj, Reach) else Reach(url, world, token, as_json)
    words = list(what)
    if words and looks_like_address(words[0]):
        reach = Reach(words.pop(0), reach.world, reach.token, reach.as_json)
    if len(words) != 2:
        raise InputError(Problem("emit", "a topic and a type", f'"{" ".join(words)}"', hint=_meant(words)))
    value = None if data is None else json_of("--data", data)
    if value is not None and not isinstance(value, dict):
        raise InputError(Problem("--data", "a JSON object", type(value).__name__))
    topic, type_ = words

    async def act(control: Control) -> Told:
        emitted: Emitted = await control.emit(topic, type_, value, client=client, to_all=to_all)
        number = "" if emitted.sequence is None else f" {emitted.sequence:,}"
        reached = f"{emitted.reached:,} client{'' if emitted.reached == 1 else 's'}"
        return Told(emitted, [f"event{number} at {emitted.at}, for {reached}"])

    steer(reach, act)


def _meant(words: list[str]) -> str:
    """A hint at the type's topic where the type alone was given, and else an example."""
    from pvws.wire.events import EVENT_TYPES

    found = EVENT_TYPES.get(words[0]) if len(words) == 1 else None
    topic, name = ("alerts", "storage_alert") if found is None else (found.topic, words[0])
    return f"as in: pvws emit {topic} {name}"
