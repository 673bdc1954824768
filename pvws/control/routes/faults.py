"""Faults: what networks and servers do to clients in real life, switched on and off."""

from typing import Any

from pvws.answers import ActiveFault, Faults
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Reaching, Reading, Route
from pvws.control.told import fault_of
from pvws.scenario.faults.spec import FaultSpec, fault_schema, read_fault

__all__ = ["ROUTES"]

_FAULT = Reading("Fault", lambda node: read_fault(node, ""), fault_schema)


def _faults(call: Call[Nothing, Query]) -> Faults:
    """Those that are on, in the order in which they began."""
    return Faults(faults=[fault_of(each) for each in call.stage.faults.active()])


def _add_fault(call: Call[Any, Reaching]) -> ActiveFault:
    """Switch a fault on, from now on: exactly one kind with its value, and whom, which messages and how long.

    It is written as in a scenario's timeline: `{"latency": "200ms +- 50ms", "topics": ["alerts"], "for": "30s"}`. On
    `all` nodes of a bus it is on until it is switched off where it was switched on.
    """
    spec: FaultSpec = call.body
    with call.plane.reaching(call.stage, call.query.nodes):
        return fault_of(call.stage.controller.faults.add(spec))


def _fault(call: Call[Nothing, Query]) -> ActiveFault:
    """One that is on, by its id or its name, and what it did."""
    return fault_of(call.stage.faults.find(call.path["which"]))


def _remove_fault(call: Call[Nothing, Query]) -> ActiveFault:
    """Switch one off, by its id or its name; what it holds back is given out."""
    return fault_of(call.stage.controller.faults.remove(call.path["which"]))


def _clear_faults(call: Call[Nothing, Query]) -> Faults:
    """Switch all off; which ones that were."""
    return Faults(faults=[fault_of(each) for each in call.stage.controller.faults.clear()])


def _fault_schema(call: Call[Nothing, Query]) -> dict[str, Any]:
    """The JSON Schema of a fault, with its kinds in `x-kinds`."""
    return fault_schema("urn:pvws:schema:fault:1")


ROUTES = (
    Route(method="GET", path="/v1/faults", tag="faults", handle=_faults, answer=Faults),
    Route(
        method="POST",
        path="/v1/faults",
        tag="faults",
        handle=_add_fault,
        body=_FAULT,
        query=Reaching,
        answer=ActiveFault,
        status=201,
        problems=("conflict", "too-many"),
    ),
    Route(method="DELETE", path="/v1/faults", tag="faults", handle=_clear_faults, answer=Faults),
    Route(
        method="GET", path="/v1/faults/{which}", tag="faults", handle=_fault, answer=ActiveFault, problems=("unknown",)
    ),
    Route(
        method="DELETE",
        path="/v1/faults/{which}",
        tag="faults",
        handle=_remove_fault,
        answer=ActiveFault,
        problems=("unknown",),
    ),
    Route(method="GET", path="/v1/schema/fault", tag="faults", handle=_fault_schema, answer=dict[str, Any]),
)
"""What this file serves."""
