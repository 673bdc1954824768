"""How a stage is doing, and what was delivered on it."""

import asyncio

from pvws.answers import ClientLedger, DeliveryReport, StageState
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Route
from pvws.control.told import client_ledger_of, ledger_of, state_of

__all__ = ["ROUTES"]

_SLICE = 50  # clients between two turns of the loop


def _state(call: Call[Nothing, Query]) -> StageState:
    """How the stage is doing: time, scenario, clients, events, deliveries and how late they were."""
    return state_of(call.stage)


async def _ledger(call: Call[Nothing, Query]) -> DeliveryReport:
    """What was delivered, how late, and to whom; what faults did, and to whom."""
    stage = call.stage
    found: list[ClientLedger] = []
    for place, (number, client) in enumerate(list(stage.clients().values())):
        found.append(client_ledger_of(stage, number, client))
        if place % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
    return ledger_of(stage, found)


ROUTES = (
    Route(method="GET", path="/v1/state", tag="state", handle=_state, answer=StageState),
    Route(method="GET", path="/v1/ledger", tag="state", handle=_ledger, answer=DeliveryReport),
)
"""What this file serves."""
