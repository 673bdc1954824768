"""`pvws watch`: the terminal client."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC
from difflib import get_close_matches
from typing import Annotated, Literal, TextIO

import typer

from pvws.cli.ear import recorded_client
from pvws.cli.filtering import expression
from pvws.cli.following import Reasons, follow
from pvws.cli.options import seconds
from pvws.cli.reaching import token_for
from pvws.cli.run import Stop, run
from pvws.cli.standard import note
from pvws.cli.views import Looks, view_on
from pvws.client.address import DEFAULT_URL, checked_url
from pvws.client.client import PATIENCE_FIRST_S, Client
from pvws.client.tap import Tap
from pvws.errors import InputError, Problem, PvwsError
from pvws.terminal.printable import printable
from pvws.terminal.selection import Selection, nearest_type
from pvws.wire.topics import TOPICS, Topic

__all__ = ["chosen_topics", "watch"]


def watch(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address.")] = DEFAULT_URL,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", metavar="T", help="Only this topic; may be given again.")
    ] = None,
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="T", help="Only this type, or those like file_*; may be given again."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            "--where", metavar="EXPR", help="Only messages for which this holds, such as data.size > '1 MiB'."
        ),
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", metavar="T|@FILE", help="A token to present. Default: that of PVWS_TOKEN.")
    ] = None,
    profile: Annotated[
        Literal["documented", "upstream"] | None,
        typer.Option("--profile", help="Read only what such a server sends. Default: what either sends."),
    ] = None,
    view: Annotated[
        Literal["log", "table", "dashboard"] | None,
        typer.Option(
            "--view", help="How to show it on a terminal; elsewhere, table and dashboard are printed once, on leaving."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each message as it came, one per line.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="Show values in full, however long the line.")] = False,
    utc: Annotated[bool, typer.Option("--utc", help="Times in UTC instead of this machine's zone.")] = False,
    relative: Annotated[
        bool, typer.Option("--relative", help="Times since the first message instead of times of day.")
    ] = False,
    count: Annotated[
        int | None, typer.Option("--count", metavar="N", min=1, help="Leave after showing N messages.")
    ] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="D", help="Leave that long after the first connection: 30s, 5m.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="EXPR",
            help="Leave when a message comes for which this holds, with exit code 0; 1 if none comes.",
        ),
    ] = None,
    patience: Annotated[
        str | None,
        typer.Option(
            "--patience", metavar="D", help="How long to try to connect. Default: 10s at first, later for ever."
        ),
    ] = None,
    record: Annotated[
        str | None, typer.Option(metavar="F", help="Record all that comes: F.pvrec.jsonl, .gz or .zst.")
    ] = None,
) -> None:
    """Connect to a server and show what it sends.

    Connects again when the connection is lost. The counts on leaving, and what happens to the connection, go to
    stderr; stdout has the messages alone. On a terminal, keys pause, filter and change the view; ? lists them.

    \b
    Examples:
      pvws watch
      pvws watch --view dashboard
      pvws watch --topic alerts --topic system --for 1m
      pvws watch --where "data.size > '1 MiB'" --type "file_*"
      pvws watch --until "data.level == 'critical'" --for 1m
      pvws watch --json | head -5
    """
    if as_json and view is not None:
        raise InputError(Problem("--json", "no --view beside it", f"--view {view}"))
    topics = chosen_topics(topic or [])
    selection = Selection(_types(type_ or []), None if where is None else expression("--where", where))
    reasons = Reasons(
        count=count,
        for_s=None if for_ is None else seconds("--for", printable(for_)),
        until=None if until is None else expression("--until", until),
    )
    patience_s = None if patience is None else seconds("--patience", printable(patience))
    looks = Looks(zone=UTC if utc else None, wide=wide, relative=relative)
    stdout, presented = _stdout(), token_for(checked_url(url), token)

    async def watching(stop: Stop) -> int:
        if record is None:
            return await watched(stop, None)
        async with recorded_client(url, record, topics) as tap:
            return await watched(stop, tap)

    async def watched(stop: Stop, tap: Callable[[], Tap] | None) -> int:
        client = Client(
            url,
            topics,
            token=presented,
            patience_first_s=PATIENCE_FIRST_S if patience_s is None else patience_s,
            patience_s=patience_s,
            tap=tap,
        )
        shown = view_on(stdout, client.url, "json" if as_json else view or "log", selection, looks, topics=topics)
        return await follow(client, shown, stop, reasons, zone=looks.zone, profile=profile)

    raise typer.Exit(run(watching))


def _stdout() -> TextIO:
    if sys.stdout is None:  # closed by who started us; the event loop would take its descriptor for something else
        raise PvwsError("standard output is closed")
    return sys.stdout


def _types(globs: Sequence[str]) -> Sequence[str]:
    """The globs; one that no type of the contract is like is told of, for it may be a slip."""
    for glob in globs:
        if (near := nearest_type(glob)) is not None:
            hint = f"; did you mean {near}?" if near else ""
            note(f"no type of the API is like --type {printable(glob)}{hint}")
    return globs


def chosen_topics(names: list[str]) -> tuple[Topic, ...]:
    """The topics wanted, each once, all of them if none is named. Raises InputError for every unknown name at once."""
    problems = [_unknown_topic(name) for name in names if name not in TOPICS]
    if problems:
        raise InputError(*problems)
    return tuple(dict.fromkeys(Topic(name) for name in names)) or TOPICS


def _unknown_topic(name: str) -> Problem:
    words = {word: topic for topic in TOPICS for word in (topic.value, *topic.split("_"))}  # "peers" is near to "peer"
    near = get_close_matches(name.lower(), words, 1)
    hint = f"did you mean {words[near[0]]}?" if near else None
    return Problem("--topic", f"one of {', '.join(TOPICS)}", f'"{printable(name)}"', hint=hint)
