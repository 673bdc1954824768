"""The HTTP endpoints: what the server says about itself (contract, "HTTP endpoints")."""

from difflib import get_close_matches

import msgspec
from msgspec import Struct

from pvws import __version__
from pvws.server.http import Request, Response
from pvws.timestamp import Timestamp
from pvws.units import duration_text

__all__ = ["ENDPOINTS", "WEBSOCKET_PATH", "Figures", "answer", "upgrade_required"]

WEBSOCKET_PATH = "/ws"
ENDPOINTS: tuple[str, ...] = (WEBSOCKET_PATH, "/ws/health", "/ws/metrics", "/ws/status")
"""Every path there is, as `/ws/status` lists them."""


class Figures(Struct, frozen=True):
    """What the server counts. `uptime` in microseconds; the instant is the server's own, not a scenario's."""

    now: Timestamp
    uptime: int
    active_connections: int
    total_connections: int
    events_published: int


def answer(request: Request, figures: Figures) -> Response:
    """The answer to a request that is no WebSocket handshake."""
    path = request.path
    if path not in ENDPOINTS:
        near = get_close_matches(path, ENDPOINTS, 1)
        advice = f" (did you mean {near[0]}?)" if near else ""
        return Response(404, f"expected one of {', '.join(ENDPOINTS)}, got {path}{advice}\n".encode())
    if request.method not in ("GET", "HEAD"):
        return Response(405, b"only GET and HEAD are answered here\n", headers=[("Allow", "GET, HEAD")])
    uptime = duration_text(figures.uptime)
    if path == "/ws/health":
        return _json({"status": "healthy", "timestamp": figures.now.text, "uptime": uptime, "version": __version__})
    if path == "/ws/metrics":
        websocket: dict[str, object] = {
            "active_connections": figures.active_connections,
            "total_connections": figures.total_connections,
            "uptime": uptime,
            "events_published": figures.events_published,
        }
        fileserver = {"status": "running"}
        return _json({"websocket": websocket, "fileserver": fileserver, "timestamp": figures.now.text})
    if path == "/ws/status":
        server = {"name": "pvws", "version": __version__, "status": "running", "uptime": uptime}
        websocket = {"active_connections": figures.active_connections, "endpoints": ENDPOINTS}
        return _json({"server": server, "websocket": websocket, "timestamp": figures.now.text})
    return upgrade_required("this is a WebSocket endpoint; connect to it with a WebSocket client\n")


def upgrade_required(text: str) -> Response:
    """What a request to the WebSocket endpoint gets that is no handshake (RFC 9110, section 15.5.22)."""
    headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")]
    return Response(426, text.encode(), headers=headers)


def _json(value: object) -> Response:
    return Response(200, msgspec.json.encode(value), content_type="application/json")
