"""A fault of a proxy as the command line says it: one that may begin later than the proxy."""

from typing import Annotated

from msgspec import Meta

from pvws.notation.quantities import Duration
from pvws.scenario.faults.spec import FaultSpec

__all__ = ["PlannedFault"]


class PlannedFault(FaultSpec, frozen=True, kw_only=True):
    """A fault, and when it begins: `at: 30s, restart: 5s`."""

    at: Annotated[Duration, Meta(description="How long after the proxy it begins, in real time.")] = 0
