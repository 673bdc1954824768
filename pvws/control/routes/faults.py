"""Faults: what networks and servers do to clients in real life, switched on and off."""

import re
from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from msgspec import structs

from pvws.answers import ActiveFault, Faults, OfNodes, encoded
from pvws.control.problems import Refusal
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Reaching, Reading, Route
from pvws.control.told import fault_of, fault_of_all, labelled
from pvws.scenario.faults.spec import FaultSpec, fault_schema, read_fault

__all__ = ["ROUTES"]

_ID = re.compile(r"f\d+")

_FAULT = Reading("Fault", lambda node: read_fault(node, ""), fault_schema)


def _faults(call: Call[Nothing, Reaching]) -> Faults:
    """Those that are on, in the order in which they began; or on all nodes, each with its node."""
    return Faults(faults=[fault_of(each) for each in call.stage.faults.active()])


def _add_fault(call: Call[Any, Reaching]) -> ActiveFault:
    """Switch a fault on, from now on: exactly one kind with its value, and whom, which messages and how long.

    It is written as in a scenario's timeline: `{"latency": "200ms +- 50ms", "topics": ["alerts"], "for": "30s"}`. On
    all nodes it has a name, made up where it was given none, by which it can be asked about and switched off there.
    """
    spec: FaultSpec = call.body
    return fault_of(call.stage.controller.faults.add(spec))


def _fault(call: Call[Nothing, Reaching]) -> ActiveFault:
    """One that is on, by its id or its name, and what it did."""
    return fault_of(call.stage.faults.find(call.path["which"]))


def _remove_fault(call: Call[Nothing, Reaching]) -> ActiveFault:
    """Switch one off, by its id or its name; what it holds back is given out."""
    return fault_of(call.stage.controller.faults.remove(call.path["which"]))


def _clear_faults(call: Call[Nothing, Reaching]) -> Faults:
    """Switch all off; which ones that were."""
    return Faults(faults=[fault_of(each) for each in call.stage.controller.faults.clear()])


def _fault_schema(call: Call[Nothing, Query]) -> dict[str, Any]:
    """The JSON Schema of a fault, with its kinds in `x-kinds`."""
    return fault_schema("urn:pvws:schema:fault:1")


def _named(call: Call[Any, Reaching]) -> tuple[Call[Any, Reaching], str | None, bytes | None]:
    """A fault that is to be on everywhere, with a name."""
    spec: FaultSpec = call.body
    if not spec.name:
        spec = structs.replace(spec, name=f"all-{token_hex(3)}")
    return Call(call.plane, call.path, call.query, spec, call.headers), None, encoded(spec.written())


def _by_name(call: Call[Any, Reaching]) -> tuple[Call[Any, Reaching], str | None, bytes | None]:
    """A fault that is asked about everywhere goes by its name: ids are each server's own. Raises Refusal where it has
    none.
    """
    which = call.path["which"]
    if not _ID.fullmatch(which):
        return call, None, None
    active = call.stage.faults.find(which)
    if not active.spec.name:
        raise Refusal(
            "conflict",
            f"{active.id} is what the fault is called here, and it has no name by which other nodes could know it; "
            "give it one when it is added, as in name: slow",
        )
    return call, f"/v1/faults/{active.spec.name}", None


def _all_faults(values: Sequence[tuple[str, Faults]], missing: OfNodes) -> Faults:
    return Faults(faults=labelled(values, "faults"), silent=missing.silent, refused=missing.refused)


ROUTES = (
    Route(
        method="GET",
        path="/v1/faults",
        tag="faults",
        handle=_faults,
        query=Reaching,
        answer=Faults,
        merge=_all_faults,
    ),
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
        merge=fault_of_all,
        for_all=_named,
    ),
    Route(
        method="DELETE",
        path="/v1/faults",
        tag="faults",
        handle=_clear_faults,
        query=Reaching,
        answer=Faults,
        merge=_all_faults,
    ),
    Route(
        method="GET",
        path="/v1/faults/{which}",
        tag="faults",
        handle=_fault,
        query=Reaching,
        answer=ActiveFault,
        problems=("unknown", "conflict"),
        merge=fault_of_all,
        for_all=_by_name,
    ),
    Route(
        method="DELETE",
        path="/v1/faults/{which}",
        tag="faults",
        handle=_remove_fault,
        query=Reaching,
        answer=ActiveFault,
        problems=("unknown", "conflict"),
        merge=fault_of_all,
        for_all=_by_name,
    ),
    Route(method="GET", path="/v1/schema/fault", tag="faults", handle=_fault_schema, answer=dict[str, Any]),
)
"""What this file serves."""
