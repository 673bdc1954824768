"""The oracle: what is true in the simulated network, and what of a client's own view is not."""

import asyncio
from typing import Annotated, Any

from msgspec import Meta, Struct

from pvws.answers import Comparison, Difference
from pvws.control.quantities import Instant
from pvws.control.reading import JsonObject, Nothing
from pvws.control.route import Call, Query, Route
from pvws.stage.compare import NOTHING, compare
from pvws.stage.stage import Stage
from pvws.timestamp import Timestamp
from pvws.world.network import Network
from pvws.world.truth import Truth

__all__ = ["ROUTES"]

_VIEW_BYTES_MAX = 32 * 1_048_576


class _When(Query, frozen=True, kw_only=True):
    """Of which instant."""

    at: Annotated[Instant | None, Meta(description="What was true then; left out, what is true now.")] = None


class _View(Struct, frozen=True):
    """A client's own view: of what `GET /v1/world` answers, as much as it knows, under the same names."""

    view: Annotated[JsonObject, Meta(description="What the client believes: totals, peers, files, alerts.")]
    at: Annotated[Instant | None, Meta(description="Beside what was true then; left out, what is true now.")] = None
    partial: Annotated[bool, Meta(description="Whether what is missing from its lists is no difference.")] = False


async def _truth(call: Call[Nothing, _When]) -> Truth:
    """What is true in the simulated network: peers, files with their copies, space, alerts that were not cleared.

    For an instant that is past the run is made afresh from its seed and inputs, and played up to there.
    """
    return await _true(call.stage, call.query.at)


def _network(call: Call[Nothing, Query]) -> Network:
    """The simulated network as a picture of it is drawn: totals, peers, links between them, and open alerts.

    It is the truth without files, so it may be asked for every second however many there are. A link is the places of
    its two ends in `peers`.
    """
    return call.stage.controller.network()


async def _compare(call: Call[_View, Query]) -> Comparison:
    """What of a client's own view is not so, field by field."""
    body, stage = call.body, call.stage
    truth = await _true(stage, body.at)
    found = await asyncio.to_thread(compare, body.view, truth, partial=body.partial)
    return Comparison(
        equal=not found,
        differences=[
            Difference(path=each.path, expected=_shown(each.expected), found=_shown(each.found)) for each in found
        ],
        at=truth.at,
    )


async def _true(stage: Stage, at: Timestamp | None) -> Truth:
    """What is or was true. What is past is found out in a thread; it touches nothing of the stage."""
    if at is None or at >= stage.now():
        return stage.controller.truth()
    return await asyncio.to_thread(stage.controller.earlier_truth(at.micros))


def _shown(value: Any) -> Any:
    return None if value is NOTHING else value


ROUTES = (
    Route(
        method="GET",
        path="/v1/world",
        tag="world",
        handle=_truth,
        query=_When,
        answer=Truth,
        problems=("no-world", "no-way-back"),
        of_source=True,
    ),
    Route(
        method="GET",
        path="/v1/network",
        tag="world",
        handle=_network,
        answer=Network,
        problems=("no-world",),
        of_source=True,
    ),
    Route(
        method="POST",
        path="/v1/world/compare",
        tag="world",
        handle=_compare,
        body=_View,
        answer=Comparison,
        body_bytes_max=_VIEW_BYTES_MAX,
        problems=("no-world", "no-way-back"),
        of_source=True,
    ),
)
"""What this file serves."""
