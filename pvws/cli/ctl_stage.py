"""`pvws ctl`'s commands of a world: its state, its clients, the truth of it, and what was delivered."""

import json
from typing import Annotated, Any

import typer

from pvws.answers import ClientState
from pvws.cli.answered import (
    client_lines,
    clients_table,
    comparison_lines,
    info_lines,
    ledger_lines,
    nodes_table,
    state_lines,
    world_lines,
)
from pvws.cli.steering import Told, WhichNodes, missing_lines, steer
from pvws.client.control.control import Control
from pvws.client.control.values import Found
from pvws.errors import InputError, Problem
from pvws.terminal.lines import Line

__all__ = ["clients", "compare", "disconnect", "info", "json_of", "ledger", "mark", "nodes", "state", "stop", "world"]


def info(context: typer.Context) -> None:
    """Tell what serves, and where clients connect.

    \b
    Example:
      pvws ctl info
    """

    async def act(control: Control) -> Told:
        found = await control.info()
        return Told(found, info_lines(found))

    steer(context.obj, act)


def state(context: typer.Context, nodes: WhichNodes = "here") -> None:
    """Show the world at a glance.

    \b
    Examples:
      pvws ctl state
      pvws ctl state --nodes all
      pvws ctl state --json | jq .clock.at
    """

    async def act(control: Control) -> Told:
        found = await control.state(nodes=nodes)
        return Told(found, [*state_lines(found), *missing_lines(found.silent, found.refused)])

    steer(context.obj, act)


def clients(
    context: typer.Context,
    which: Annotated[
        str | None, typer.Argument(metavar="[CLIENT]", help="One alone: id or its beginning, name, or number.")
    ] = None,
    nodes: WhichNodes = "here",
) -> None:
    """List who is connected, or show one of them.

    \b
    Examples:
      pvws ctl clients
      pvws ctl clients --nodes all
      pvws ctl clients mobile --json
    """
    if which is not None and nodes == "all":
        raise InputError(Problem("--nodes", "no client beside it, since a name or number is one of each node", "both"))

    async def act(control: Control) -> Told:
        if which is not None:
            client: ClientState = await control.client(which)
            return Told(client, client_lines(client))
        found = await control.clients(nodes=nodes)
        answer = {"clients": found} | _missing(found)
        return Told(answer, [*clients_table(found), *missing_lines(found.silent, found.refused)])

    steer(context.obj, act)


def disconnect(
    context: typer.Context,
    which: Annotated[
        str | None, typer.Argument(metavar="[CLIENT]", help="Id or its beginning, name, or number.")
    ] = None,
    share: Annotated[
        str | None, typer.Option("--clients", metavar="SHARE", help="Or a share of all: 50%, 100%.")
    ] = None,
    code: Annotated[int, typer.Option(metavar="N", help="The close code.")] = 1000,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="The close reason.")] = "",
    nodes: WhichNodes = "here",
) -> None:
    """Close the connection of a client, or of a share of them.

    \b
    Examples:
      pvws ctl disconnect mobile --code 1012 --reason restart
      pvws ctl disconnect --clients 50%
      pvws ctl disconnect --clients all --nodes all
    """
    if (which is None) == (share is None):
        raise InputError(Problem("disconnect", "either a client, or --clients", "both" if share else "neither"))

    async def act(control: Control) -> Told:
        told = await control.disconnect(which, clients=share, code=code, reason=reason, nodes=nodes)
        missing = missing_lines(told.silent, told.refused)
        lines: list[str | Line] = [f"{len(told):,} disconnected", *(f"  {each}" for each in told), *missing]
        return Told({"clients": told} | _missing(told), lines)

    steer(context.obj, act)


def nodes(context: typer.Context) -> None:
    """List the servers that show the same, by a bus.

    With how many clients each has, and how far it is behind the source.

    \b
    Example:
      pvws ctl nodes
    """

    async def act(control: Control) -> Told:
        found = await control.nodes()
        return Told({"nodes": found}, nodes_table(found))

    steer(context.obj, act)


def mark(context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Set a mark in the stream, which recordings and waits see.

    \b
    Example:
      pvws ctl mark before-the-storm
    """

    async def act(control: Control) -> Told:
        await control.mark(name)
        return Told({"mark": name})

    steer(context.obj, act)


def world(
    context: typer.Context,
    at: Annotated[
        str | None, typer.Option(metavar="T", help="At an instant: 2024-01-01T00:05:00Z. Default: now.")
    ] = None,
) -> None:
    """Tell the truth about the simulated network.

    Its peers, what is stored and where, and the alerts that are not cleared.

    \b
    Examples:
      pvws ctl world
      pvws ctl world --at 2024-01-01T00:05:00Z --json
    """

    async def act(control: Control) -> Told:
        truth = await control.truth(at)
        return Told(truth, world_lines(truth))

    steer(context.obj, act)


def compare(
    context: typer.Context,
    view: Annotated[
        str, typer.Argument(metavar="JSON|@F", help="What a client believes; @F is in a file, - is stdin.")
    ],
    at: Annotated[str | None, typer.Option(metavar="T", help="At an instant. Default: now.")] = None,
) -> None:
    """Compare a client's own view with the truth.

    Exits with 0 if the view is true, and with 1 if it isn't.

    \b
    Examples:
      pvws ctl compare @view.json
      pvws ctl compare '{"fileCount": 12}'
    """
    believed = json_of("JSON", view)
    if not isinstance(believed, dict):
        raise InputError(Problem("JSON", "an object with what the client believes", type(believed).__name__))

    async def act(control: Control) -> Told:
        found = await control.compare(believed, at)
        return Told(found, comparison_lines(found), exit_code=int(not found.equal))

    steer(context.obj, act)


def ledger(context: typer.Context) -> None:
    """Show what was delivered, how late, and what clients missed.

    \b
    Example:
      pvws ctl ledger
    """

    async def act(control: Control) -> Told:
        found = await control.ledger()
        return Told(found, ledger_lines(found))

    steer(context.obj, act)


def stop(context: typer.Context) -> None:
    """End the server, as a signal would.

    \b
    Example:
      pvws ctl stop
    """

    async def act(control: Control) -> Told:
        await control.stop()
        return Told({"stopping": True}, ["the server ends"])

    steer(context.obj, act)


def _missing(found: Found[Any]) -> dict[str, Any]:
    """What an answer of all nodes says of those that are not in it; nothing where all are."""
    return {"silent": found.silent, "refused": found.refused} if found.silent or found.refused else {}


def json_of(option: str, text: str) -> Any:
    """The value of a JSON text, of `@FILE`, or of stdin for `-`. Raises InputError with line and column."""
    import sys

    from pvws.cli.files import read_file

    file = text[1:] if text.startswith("@") else None
    said = read_file(option, file) if file else sys.stdin.read() if text == "-" else text
    try:
        return json.loads(said)
    except json.JSONDecodeError as error:
        problem = Problem(
            option, "JSON", file=file, line=error.lineno, column=error.colno, hint=error.msg[0].lower() + error.msg[1:]
        )
        raise InputError(problem) from None
    except RecursionError:
        raise InputError(Problem(option, "JSON that is not nested so deeply", file=file)) from None
