"""How a stage is doing, and what was delivered on it."""

import asyncio
from collections.abc import Sequence

from msgspec import structs

from pvws.answers import ClientLedger, DeliveryReport, NodeInfo, Nodes, OfNodes, StageState
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Reaching, Route
from pvws.control.told import client_ledger_of, ledger_of, nodes_of, state_of, together_of

__all__ = ["ROUTES"]

_SLICE = 50  # clients between two turns of the loop


async def _state(call: Call[Nothing, Reaching]) -> StageState:
    """How the stage is doing: time, scenario, clients, events, deliveries and how late they were.

    Of all nodes: how many clients, faults and rules there are on them, and in `ledger` what they delivered `together`.
    """
    state, company = state_of(call.stage), call.stage.controller.company
    if company is None or not call.everywhere:
        return state
    together = together_of(await company.ledger(call.stage))
    return structs.replace(state, ledger=structs.replace(state.ledger, together=together))


def _state_of_all(values: Sequence[tuple[str, StageState]], missing: OfNodes) -> StageState:
    states = [value for _, value in values]
    return structs.replace(
        states[0],
        clients=sum(each.clients for each in states),
        faults=sum(each.faults for each in states),
        rules=sum(each.rules for each in states),
        silent=missing.silent,
        refused=missing.refused,
    )


async def _ledger(call: Call[Nothing, Query]) -> DeliveryReport:
    """What was delivered, how late, and to whom; what faults did, and to whom.

    On a bus it has as well what all servers delivered `together`, with the names of those that have not said.
    """
    stage = call.stage
    found: list[ClientLedger] = []
    for place, (number, client) in enumerate(list(stage.clients().values())):
        found.append(client_ledger_of(stage, number, client))
        if place % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
    company = stage.controller.company
    if company is None:
        return ledger_of(stage, found)
    return structs.replace(ledger_of(stage, found), together=together_of(await company.ledger(stage)))


def _nodes(call: Call[Nothing, Query]) -> Nodes:
    """The servers that show the same, by a bus: its source and its nodes, with how far each has come."""
    company = call.stage.controller.company
    if company is None:
        return Nodes(nodes=[_alone(call)])
    return Nodes(bus=company.bus, nodes=nodes_of(call.stage, company, call.plane.venue.url))


def _alone(call: Call[Nothing, Query]) -> NodeInfo:
    url = call.plane.venue.url
    return NodeInfo(name=url, url=url, clients=len(call.stage.clients()), source=True, here=True)


ROUTES = (
    Route(
        method="GET",
        path="/v1/state",
        tag="state",
        handle=_state,
        query=Reaching,
        answer=StageState,
        merge=_state_of_all,
    ),
    Route(method="GET", path="/v1/nodes", tag="state", handle=_nodes, answer=Nodes),
    Route(method="GET", path="/v1/ledger", tag="state", handle=_ledger, answer=DeliveryReport),
)
"""What this file serves."""
