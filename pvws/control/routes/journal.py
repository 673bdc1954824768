"""The journal: what clients did and sent, to be looked up and to be waited for."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, structs

from pvws.answers import JournalEntries, JournalEntry, OfNodes, encoded
from pvws.control.problems import Refusal
from pvws.control.quantities import Timeout, check_expression
from pvws.control.reading import JsonObject, Nothing
from pvws.control.route import Call, Reaching, Route
from pvws.control.told import entry_of, labelled
from pvws.errors import InputError, Problem
from pvws.scenario.faults.scope import ClientWord
from pvws.stage.company import Company, Other
from pvws.stage.journal import Entry, Journal, JournalTimeoutError, Wanted

__all__ = ["ROUTES"]

_LIMIT = 1_000
_LIMIT_MAX = 10_000

_Did: TypeAlias = Literal["connects", "disconnects", "subscribes", "unsubscribes", "sends"]


class _Listed(Reaching, frozen=True, kw_only=True):
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
    """What clients did and sent, the earliest first; on all nodes by real time, each with its node."""
    query, journal = call.query, call.stage.controller.journal
    _check_after(call, query.after)
    if query.where is not None:
        check_expression("where", query.where)
    wanted = Wanted(query.where, None, query.client, query.type, query.did, query.topic)
    return _entries(journal, await journal.select(wanted, after=query.after, limit=query.limit))


async def _wait(call: Call[_Awaited, Reaching]) -> JournalEntries:
    """Wait until clients have done something so many times; what was there before counts, unless `after` says so.

    Past the timeout the answer is 408, with what came of it in `entries`.
    """
    body, journal = call.body, call.stage.controller.journal
    if body.match is not None:
        check_expression("match", body.match)
    wanted = Wanted(body.match, body.schema, body.client, body.type, body.did, body.topic)
    _check_after(call, body.after)
    company = call.stage.controller.company
    if company is not None and call.everywhere:
        return await _wait_everywhere(company, call.body, journal, wanted)
    try:
        found = await journal.wait(wanted, count=body.count, timeout=body.timeout, after=body.after)
    except JournalTimeoutError as error:
        raise Refusal("timeout", str(error), entries=[entry_of(each) for each in error.came]) from None
    return _entries(journal, found)


async def _wait_everywhere(company: Company, body: _Awaited, journal: Journal, wanted: Wanted) -> JournalEntries:
    """Wait for what clients do here and on all other servers of a bus."""
    from pvws.control.carried import Carried, ask_other
    from pvws.control.waiting import Next, wait_everywhere

    async def here(after: int, seconds: float) -> JournalEntry | None:
        try:
            return entry_of((await journal.wait(wanted, count=1, timeout=seconds, after=after))[0])
        except JournalTimeoutError:
            return None

    def of(other: Other) -> Next:
        async def there(after: int, seconds: float) -> JournalEntry | None:
            said = structs.asdict(structs.replace(body, count=1, after=after, timeout=seconds))
            given = {name: value for name, value in said.items() if value is not None}
            asked = Carried("POST", "/v1/journal/wait", body=encoded(given))
            try:
                entries = await ask_other(company, other, asked, JournalEntries)
            except Refusal as refusal:
                if refusal.kind == "timeout":
                    return None
                raise
            return entries.entries[0]

        return there

    servers = {company.name: here} | {each.name: of(each) for each in company.others()}
    return await wait_everywhere(servers, body.count, body.timeout)


def _check_after(call: Call[Any, Any], after: int) -> None:
    if after and call.everywhere and call.stage.controller.company is not None:
        raise InputError(Problem("after", "none beside nodes=all, since each node counts by itself", str(after)))


def _forget(call: Call[Nothing, Reaching]) -> JournalEntries:
    """Forget all entries; their numbers go on."""
    journal = call.stage.controller.journal
    journal.clear()
    return _entries(journal, [])


def _entries(journal: Journal, found: list[Entry]) -> JournalEntries:
    return JournalEntries(entries=[entry_of(each) for each in found], last=journal.last, lost=journal.first - 1)


def _all_entries(values: Sequence[tuple[str, JournalEntries]], missing: OfNodes) -> JournalEntries:
    found = sorted(labelled(values, "entries"), key=lambda each: each.real.micros)
    lost = sum(value.lost for _, value in values)
    return JournalEntries(entries=found, lost=lost, silent=missing.silent, refused=missing.refused)


ROUTES = (
    Route(
        method="GET",
        path="/v1/journal",
        tag="clients",
        handle=_journal,
        query=_Listed,
        answer=JournalEntries,
        problems=("invalid",),
        merge=_all_entries,
    ),
    Route(
        method="POST",
        path="/v1/journal/wait",
        tag="clients",
        handle=_wait,
        body=_Awaited,
        query=Reaching,
        answer=JournalEntries,
        waits=True,
        problems=("timeout",),
    ),
    Route(
        method="DELETE",
        path="/v1/journal",
        tag="clients",
        handle=_forget,
        query=Reaching,
        answer=JournalEntries,
        merge=_all_entries,
    ),
)
"""What this file serves."""
