"""The table of all routes: what is served, and what the OpenAPI document is made of."""

from pvws.control.route import Route
from pvws.control.routes import clock, scenarios, server, state, worlds

__all__ = ["routes"]


def routes() -> tuple[Route, ...]:
    """Every route, in the order in which the document has them."""
    return (
        *server.ROUTES,
        *worlds.ROUTES,
        *state.ROUTES,
        *clock.ROUTES,
        *scenarios.ROUTES,
    )
