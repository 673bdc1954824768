"""Scenarios: those that come with pvws."""

import asyncio
from functools import cache

from pvws.answers import ShippedScenario, ShippedScenarios
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Route
from pvws.stage.shipped import find_scenario, shipped_scenarios

__all__ = ["ROUTES"]


async def _scenarios(call: Call[Nothing, Query]) -> ShippedScenarios:
    """The scenarios that come with pvws, which can be loaded by their names."""
    return ShippedScenarios(
        scenarios=await asyncio.to_thread(_shipped)
    )  # reading them all takes longer than an event may wait


@cache
def _shipped() -> list[ShippedScenario]:
    found = [(name, find_scenario(name)) for name in shipped_scenarios()]
    return [
        ShippedScenario(name=name, description=each.description or "", duration_s=each.duration / 1_000_000)
        for name, each in found
    ]


ROUTES = (Route(method="GET", path="/v1/scenarios", tag="scenario", handle=_scenarios, answer=ShippedScenarios),)
"""What this file serves."""
