"""What happens, as it happens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from pvws.control.feed import KINDS, Choice, Feed
from pvws.control.problems import Refusal
from pvws.control.quantities import Words, check_expression, check_words
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Route
from pvws.stage.condition import until
from pvws.wire.topics import TOPICS

if TYPE_CHECKING:
    from pvws.control.plane import Plane

__all__ = ["READERS_MAX", "ROUTES"]

READERS_MAX = 64
"""Of streams at a time: a page each, and some to spare."""


class _Wanted(Query, frozen=True, kw_only=True):
    """What to be told."""

    kinds: Annotated[
        Words, Meta(description=f"Which kinds of happenings, with commas between: {', '.join(KINDS)}; gaps always.")
    ] = KINDS
    topics: Annotated[Words | None, Meta(description="Of events only those of these topics.")] = None
    types: Annotated[Words | None, Meta(description="And of these types.")] = None
    where: Annotated[
        str | None, Meta(description="And that meet an expression.", examples=["data.level == 'critical'"])
    ] = None
    rate: Annotated[
        float | None, Meta(gt=0, le=1_000_000, description="At most so many events a second; a gap counts the rest.")
    ] = None


def _events(call: Call[Nothing, _Wanted]) -> AsyncGenerator[bytes, None]:
    """Server-sent events: what happens from now on.

    The kinds are `event` (published messages, several in a block), `client` (came, went, subscribed), `message` (that a
    client sent), `clock`, `fault`, `rule`, `scenario`, `cue` (marks and the like), `state` (each second), and `gap`: so
    many `events` and `others` were left out, because the reader was slow or wants but so many. The stream ends with the
    world or the server.
    """
    query, plane, stage = call.query, call.plane, call.stage
    check_words("kinds", query.kinds, (*KINDS, "gap"))
    check_words("topics", query.topics or (), TOPICS)
    meant = None
    if query.where is not None:
        check_expression("where", query.where)
        meant = until(query.where, None)[0]
    if plane.readers >= READERS_MAX:
        raise Refusal("busy", f"there are {READERS_MAX} readers of events, as many as there may be at a time")
    choice = Choice(query.kinds, query.topics, query.types, meant, query.rate)
    feed = Feed(stage, choice, lambda: plane.venue.find(stage.name) is stage)
    return _counted(plane, feed.chunks(again="last-event-id" in call.headers))


async def _counted(plane: "Plane", chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    plane.readers += 1
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk
    finally:
        plane.readers -= 1


ROUTES = (
    Route(
        method="GET",
        path="/v1/events",
        tag="events",
        handle=_events,
        query=_Wanted,
        answer=str,
        media="text/event-stream",
        problems=("busy", "invalid"),
    ),
)
"""What this file serves."""
