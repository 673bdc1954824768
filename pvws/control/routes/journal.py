"""The journal: what clients did and sent, to be looked up and to be waited for."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from pvws.answers import JournalEntries
from pvws.control.problems import Refusal
from pvws.control.quantities import Timeout, check_expression
from pvws.control.reading import JsonObject, Nothing
from pvws.control.route import Call, Query, Route
from pvws.control.told import entry_of
from pvws.scenario.faults.scope import ClientWord
from pvws.stage.journal import Entry, Journal, JournalTimeoutError, Wanted

__all__ = ["ROUTES"]

_LIMIT = 1_000
_LIMIT_MAX = 10_000

_Did: TypeAlias = Literal["connects", "disconnects", "subscribes", "unsubscribes", "sends"]


class _Listed(Query, frozen=True, kw_only=True):
    """Which entries."""

    after: Annotated[int, Meta(ge=0, description="Those behind the one of this number.")] = 0
    limit: Annotated[int, Meta(ge=1, le=_LIMIT_MAX, description="At most so many, the earliest first.")] = _LIMIT
    client: Annotated[str | None, Meta(description="Its id or eight digits of it, its name, or number.")] = None
    did: Annotated[_Did | None, Meta(description="What it did.")] = None
    type: Annotated[str | None, Meta(description="Messages of this type.")] = None
    topic: Annotated[str | None, Meta(description="About this topic.")] = None
    where: Annotated[
        str | None, Meta(description="That meet an expression.", examples=["type == 'ping' and not valid"])
    ] = None


class _Awaited(Struct, frozen=True):
    """What to wait for. What is left out says nothing."""

    match: Annotated[
        str | None,
        Meta(
            description="An expression on the message, or on `did`, `client.name`, `valid`, `error` and more of it.",
            examples=["type == 'subscribe' and topic == 'alerts'"],
        ),
    ] = None
    schema: Annotated[JsonObject | None, Meta(description="A JSON Schema that the message fits.")] = None
    client: Annotated[ClientWord | None, Meta(description="Its id or eight digits of it, its name, or number.")] = None
    did: Annotated[_Did | None, Meta(description="What it does.")] = None
    type: Annotated[str | None, Meta(description="A message of this type.")] = None
    topic: Annotated[str | None, Meta(description="About this topic.")] = None
    count: Annotated[int, Meta(ge=1, le=_LIMIT_MAX, description="So many of them.")] = 1
    after: Annotated[int, Meta(ge=0, description="Only behind the entry of this number.")] = 0
    timeout: Timeout = 10.0


async def _journal(call: Call[Nothing, _Listed]) -> JournalEntries:
    """What clients did and sent, the earliest first."""
    query, journal = call.query, call.stage.controller.journal
    if query.where is not None:
        check_expression("where", query.where)
    wanted = Wanted(query.where, None, query.client, query.type, query.did, query.topic)
    return _entries(journal, await journal.select(wanted, after=query.after, limit=query.limit))


async def _wait(call: Call[_Awaited, Query]) -> JournalEntries:
    """Wait until clients have done something so many times; what was there before counts, unless `after` says so.

    Past the timeout the answer is 408, with what came of it in `entries`.
    """
    body, journal = call.body, call.stage.controller.journal
    if body.match is not None:
        check_expression("match", body.match)
    wanted = Wanted(body.match, body.schema, body.client, body.type, body.did, body.topic)
    try:
        found = await journal.wait(wanted, count=body.count, timeout=body.timeout, after=body.after)
    except JournalTimeoutError as error:
        raise Refusal("timeout", str(error), entries=[entry_of(each) for each in error.came]) from None
    return _entries(journal, found)


def _forget(call: Call[Nothing, Query]) -> JournalEntries:
    """Forget all entries; their numbers go on."""
    journal = call.stage.controller.journal
    journal.clear()
    return _entries(journal, [])


def _entries(journal: Journal, found: list[Entry]) -> JournalEntries:
    return JournalEntries(entries=[entry_of(each) for each in found], last=journal.last, lost=journal.first - 1)


ROUTES = (
    Route(
        method="GET",
        path="/v1/journal",
        tag="clients",
        handle=_journal,
        query=_Listed,
        answer=JournalEntries,
        problems=("invalid",),
    ),
    Route(
        method="POST",
        path="/v1/journal/wait",
        tag="clients",
        handle=_wait,
        body=_Awaited,
        answer=JournalEntries,
        waits=True,
        problems=("timeout",),
    ),
    Route(method="DELETE", path="/v1/journal", tag="clients", handle=_forget, answer=JournalEntries),
)
"""What this file serves."""
