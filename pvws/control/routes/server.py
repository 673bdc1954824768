"""The server itself: what it is, and its end."""

from typing import Any

from pvws import __version__
from pvws.answers import ServerInfo, Stopping
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Route
from pvws.timestamp import Timestamp
from pvws.wire.asyncapi import asyncapi_document

__all__ = ["ROUTES"]


def _server(call: Call[Nothing, Query]) -> ServerInfo:
    """What serves, and where."""
    plane = call.plane
    return ServerInfo(
        pvws=__version__,
        pid=plane.pid,
        url=plane.venue.url,
        profile=plane.profile,
        control=plane.url,
        worlds=list(plane.venue.stages),
        started=Timestamp(plane.started),
    )


def _openapi(call: Call[Nothing, Query]) -> dict[str, Any]:
    """This document."""
    return call.plane.document


def _asyncapi(call: Call[Nothing, Query]) -> dict[str, Any]:
    """The AsyncAPI document of what clients are served."""
    return asyncapi_document(__version__)


def _stop(call: Call[Nothing, Query]) -> Stopping:
    """End the server, as SIGTERM does.

    Clients get all that was queued for them and a close frame; recordings are flushed.
    """
    call.plane.stop()
    return Stopping()


ROUTES = (
    Route(method="GET", path="/v1", tag="server", handle=_server, answer=ServerInfo),
    Route(method="GET", path="/v1/openapi.json", tag="server", handle=_openapi, answer=dict[str, Any]),
    Route(method="GET", path="/v1/asyncapi.json", tag="server", handle=_asyncapi, answer=dict[str, Any]),
    Route(method="POST", path="/v1/stop", tag="server", handle=_stop, answer=Stopping, status=202),
)
"""What this file serves."""
