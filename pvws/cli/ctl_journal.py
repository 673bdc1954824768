"""`pvws ctl journal` and `wait`: what clients did, and waiting until they do."""

from typing import Annotated, Any, TypeAlias

import typer

from pvws.cli.answered import journal_table
from pvws.cli.ctl_stage import json_of
from pvws.cli.steering import Told, WhichNodes, missing_lines, seconds, steer
from pvws.client.control.control import Control
from pvws.client.control.errors import ControlTimeoutError
from pvws.errors import InputError, Problem

__all__ = ["journal", "wait"]

_Client: TypeAlias = Annotated[
    str | None, typer.Option(metavar="CLIENT", help="Of one client: id or its beginning, name, or number.")
]
_Type: TypeAlias = Annotated[str | None, typer.Option("--type", metavar="T", help="Messages of a type.")]
_Did: TypeAlias = Annotated[
    str | None, typer.Option(metavar="DID", help="connects, disconnects, subscribes, unsubscribes or sends.")
]
_Topic: TypeAlias = Annotated[str | None, typer.Option(metavar="T", help="About a topic.")]
_After: TypeAlias = Annotated[int | None, typer.Option(metavar="N", help="Behind the entry with this number.")]


def journal(
    context: typer.Context,
    client: _Client = None,
    did: _Did = None,
    type_: _Type = None,
    topic: _Topic = None,
    where: Annotated[str | None, typer.Option(metavar="EXPR", help="Those for which this holds.")] = None,
    after: _After = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="At most so many.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Forget all entries instead.")] = False,
    nodes: WhichNodes = "here",
) -> None:
    """Show what clients did and sent.

    And what was wrong with it. With --json each entry is a line.

    \b
    Examples:
      pvws ctl journal
      pvws ctl journal --client mobile --type subscribe
      pvws ctl journal --where "not valid" --json
      pvws ctl journal --nodes all
    """

    async def act(control: Control) -> Told:
        if clear:
            await control.journal.clear(nodes=nodes)
            return Told(())
        found = await control.journal.entries(
            after=after, limit=limit, client=client, did=did, type=type_, topic=topic, where=where, nodes=nodes
        )
        lost = [f"{found.lost:,} older entries were forgotten"] if found.lost else []
        missing = missing_lines(found.silent, found.refused)
        return Told(found.entries, [*lost, *journal_table(found.entries), *missing], each=True)

    steer(context.obj, act)


def wait(
    context: typer.Context,
    match: Annotated[str | None, typer.Argument(metavar="[EXPR]", help="Entries for which this holds.")] = None,
    schema: Annotated[
        str | None, typer.Option(metavar="JSON|@F", help="Entries whose message fits a JSON Schema.")
    ] = None,
    client: _Client = None,
    did: _Did = None,
    type_: _Type = None,
    topic: _Topic = None,
    after: _After = None,
    count: Annotated[int, typer.Option(metavar="N", min=1, help="How many of them.")] = 1,
    timeout: Annotated[str, typer.Option(metavar="D", help="For how long.")] = "10s",
    nodes: WhichNodes = "here",
) -> None:
    """Wait until clients have done something, and show it.

    Exits with 1 if they have not in time, and shows what came.

    \b
    Examples:
      pvws ctl wait --type subscribe
      pvws ctl wait --did subscribes --topic alerts --count 3 --timeout 30s
      pvws ctl wait "not valid"
      pvws ctl wait --did connects --count 100 --nodes all
    """
    if match is not None and schema is not None:
        raise InputError(Problem("wait", "an expression, or --schema", "both"))
    timeout_s = seconds("--timeout", timeout)
    wanted = None if schema is None else json_of("--schema", schema)

    async def act(control: Control) -> Told:
        try:
            found = await control.journal.wait(
                match,
                schema=wanted,
                client=client,
                did=did,
                type=type_,
                topic=topic,
                count=count,
                timeout_s=timeout_s,
                after=after,
                nodes=nodes,
            )
        except ControlTimeoutError as error:
            return Told(error.entries, [*error.detail.splitlines(), *_table(error.entries)], exit_code=1, each=True)
        return Told(found, [*_table(found), *missing_lines(found.silent, found.refused)], each=True)

    steer(context.obj, act)


def _table(entries: Any) -> list[Any]:
    return journal_table(entries) if entries else []
