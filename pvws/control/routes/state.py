"""How a stage is doing, and what was delivered on it."""

import asyncio

from msgspec import structs

from pvws.answers import ClientLedger, DeliveryReport, StageState
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Route
from pvws.control.told import client_ledger_of, ledger_of, state_of, together_of

__all__ = ["ROUTES"]

_SLICE = 50  # clients between two turns of the loop


def _state(call: Call[Nothing, Query]) -> StageState:
    """How the stage is doing: time, scenario, clients, events, deliveries and how late they were."""
    return state_of(call.stage)


async def _ledger(call: Call[Nothing, Query]) -> DeliveryReport:
    """What was delivered, how late, and to whom; what faults did, and to whom.

    On a bus its source says as well what it and all its nodes delivered `together`.
    """
    stage = call.stage
    found: list[ClientLedger] = []
    for place, (number, client) in enumerate(list(stage.clients().values())):
        found.append(client_ledger_of(stage, number, client))
        if place % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
    nodes = stage.controller.nodes
    if nodes is None:
        return ledger_of(stage, found)
    from pvws.stage import nodes as of_nodes

    together = together_of(await nodes.ledger(of_nodes.ledger_of(stage)))
    return structs.replace(ledger_of(stage, found), together=together)


ROUTES = (
    Route(method="GET", path="/v1/state", tag="state", handle=_state, answer=StageState),
    Route(method="GET", path="/v1/ledger", tag="state", handle=_ledger, answer=DeliveryReport),
)
"""What this file serves."""
