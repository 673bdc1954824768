"""The table of all routes: what is served, and what the OpenAPI document is made of."""

from pvws.control.route import Route
from pvws.control.routes import clients, clock, events, faults, journal, rules, scenarios, server, state, world, worlds

__all__ = ["routes"]


def routes() -> tuple[Route, ...]:
    """Every route, in the order in which the document has them."""
    return (
        *server.ROUTES,
        *worlds.ROUTES,
        *state.ROUTES,
        *clients.ROUTES,
        *journal.ROUTES,
        *clock.ROUTES,
        *scenarios.ROUTES,
        *faults.ROUTES,
        *rules.ROUTES,
        *world.ROUTES,
        *events.ROUTES,
    )
