"""`pvws watch`: the terminal client."""

import sys
from collections.abc import Callable
from datetime import UTC
from difflib import get_close_matches
from typing import Annotated

import typer

from pvws.cli.ear import recorded_client
from pvws.cli.following import JsonView, LogView, follow
from pvws.cli.options import parsed
from pvws.cli.run import Stop, run
from pvws.client.address import DEFAULT_URL
from pvws.client.client import PATIENCE_FIRST_S, Client
from pvws.client.tap import Tap
from pvws.errors import InputError, Problem, PvwsError
from pvws.terminal.printable import printable
from pvws.units import duration
from pvws.wire.topics import TOPICS, Topic

__all__ = ["chosen_topics", "watch"]


def watch(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address.")] = DEFAULT_URL,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", metavar="T", help="Only this topic; may be given again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each message as it came, one a line.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="Shorten nothing.")] = False,
    utc: Annotated[bool, typer.Option("--utc", help="Times in UTC instead of this machine's zone.")] = False,
    count: Annotated[int | None, typer.Option("--count", metavar="N", min=1, help="Leave after N messages.")] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="D", help="Leave that long after the first connection: 30s, 5m.")
    ] = None,
    patience: Annotated[
        str | None,
        typer.Option(
            "--patience", metavar="D", help="How long to try to connect. Else 10s at first, and later for ever."
        ),
    ] = None,
    record: Annotated[
        str | None, typer.Option(metavar="F", help="Record all that comes: F.pvrec.jsonl, .gz or .zst.")
    ] = None,
) -> None:
    """Subscribe to a server and show what it says.

    Connects again when the connection is lost. The counts on leaving, and what happens to the connection, go to
    stderr; stdout has the messages alone.

    \b
    Examples:
      pvws watch
      pvws watch --topic alerts --topic system --for 1m
      pvws watch --json | head -5
    """
    topics = chosen_topics(topic or [])
    for_s = None if for_ is None else _seconds("--for", for_)
    patience_s = None if patience is None else _seconds("--patience", patience)
    stdout = sys.stdout
    if stdout is None:  # closed by who started us; the event loop would take its descriptor for something else
        raise PvwsError("standard output is closed")

    async def watching(stop: Stop) -> int:
        if record is None:
            return await watched(stop, None)
        async with recorded_client(url, record, topics) as tap:
            return await watched(stop, tap)

    async def watched(stop: Stop, tap: Callable[[], Tap] | None) -> int:
        client = Client(
            url,
            topics,
            patience_first_s=PATIENCE_FIRST_S if patience_s is None else patience_s,
            patience_s=patience_s,
            tap=tap,
        )
        view = JsonView(stdout) if as_json else LogView(stdout, zone=UTC if utc else None, wide=wide)
        return await follow(client, view, stop, count=count, for_s=for_s)

    raise typer.Exit(run(watching))


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


def _seconds(option: str, text: str) -> float:
    return parsed(option, printable(text), duration) / 1_000_000
