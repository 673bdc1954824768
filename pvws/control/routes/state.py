"""How a stage is doing, and what is true in its world."""

from pvws.answers import DeliveryReport, EventCounts, Lateness, StageState
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Route
from pvws.control.routes.clock import clock_of
from pvws.histogram import Spread
from pvws.stage.stage import Stage

__all__ = ["ROUTES", "lateness_of", "ledger_of", "state_of"]


def _state(call: Call[Nothing, Query]) -> StageState:
    """How the stage is doing: time, clients, events, deliveries and how late they were."""
    return state_of(call.stage)


def state_of(stage: Stage) -> StageState:
    """What is told of a stage."""
    published = dict(stage.hub.published)
    return StageState(
        world=stage.name,
        clock=clock_of(stage),
        clients=len(stage.clients()),
        events=EventCounts(total=sum(published.values()), by_topic=published),
        ledger=ledger_of(stage),
    )


def _ledger(call: Call[Nothing, Query]) -> DeliveryReport:
    """What was delivered, and how late."""
    return ledger_of(call.stage)


def ledger_of(stage: Stage) -> DeliveryReport:
    """What the ledger says of a stage."""
    delivery = stage.delivery.stage()
    return DeliveryReport(
        events=delivery.events,
        owed=delivery.owed,
        written=delivery.written,
        pending=delivery.pending,
        lost=delivery.lost,
        lateness=lateness_of(delivery.lateness),
    )


def lateness_of(spread: Spread) -> Lateness:
    """How late deliveries were."""
    return Lateness(
        count=spread.count,
        p50_s=spread.p50 / 1_000_000,
        p99_s=spread.p99 / 1_000_000,
        worst_s=spread.worst / 1_000_000,
    )


ROUTES = (
    Route(method="GET", path="/v1/state", tag="state", handle=_state, answer=StageState),
    Route(method="GET", path="/v1/ledger", tag="state", handle=_ledger, answer=DeliveryReport),
)
"""What this file serves."""
