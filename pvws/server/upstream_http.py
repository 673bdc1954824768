"""HTTP as the shipped server speaks it: Go's words, and CORS headers on everything.

E1 and the like are the rows of docs/upstream-profile.md.
"""

from pvws.server.endpoints import ENDPOINTS, WEBSOCKET_PATH, Figures
from pvws.server.http import Request, Response
from pvws.units import duration_text
from pvws.wire.golang import go_json, go_timestamp, zone_named
from pvws.wire.profiles import Quirks

__all__ = ["cors_headers", "refusal", "upstream_answer"]

_VERSION = "1.0.0"
_NAME = "PeerVault WebSocket API"
_UTC = zone_named("UTC")
_PHRASES = {400: b"Bad Request\n", 405: b"Method Not Allowed\n", 404: b"404 page not found\n"}


def cors_headers(origin: str | None) -> list[tuple[str, str]]:
    """What goes with every answer; without an origin the header is there all the same, empty (E10)."""
    return [
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Headers", "Content-Type, Authorization"),
        ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
        ("Access-Control-Allow-Origin", origin or ""),
    ]


def refusal(status: int, origin: str | None) -> Response:
    """A refusal in Go's words (H4, H6, H7, H10)."""
    headers = [("X-Content-Type-Options", "nosniff"), *cors_headers(origin)]
    if status != 404:
        headers.append(("Sec-Websocket-Version", "13"))
    return Response(status, _PHRASES[status], headers=headers)


def upstream_answer(request: Request, figures: Figures, quirks: Quirks) -> Response | None:
    """The answer to a plain request under these quirks; None where the documented one holds."""
    origin = request.header("origin")
    if request.method == "OPTIONS":
        return Response(200, b"", headers=cors_headers(origin)) if quirks.any_method else None
    if request.path not in ENDPOINTS:
        return refusal(404, origin) if quirks.go_refusals else None
    if request.path == WEBSOCKET_PATH:
        return refusal(400, origin) if quirks.go_refusals else None
    if request.method not in ("GET", "HEAD") and not quirks.any_method:
        return None
    if not quirks.go_endpoints:
        return None
    body = go_json(_bodies(figures, quirks)[request.path]) + b"\n"
    return Response(200, body, content_type="application/json", headers=cors_headers(origin))


def _bodies(figures: Figures, quirks: Quirks) -> dict[str, dict[str, object]]:
    uptime = duration_text(figures.uptime)
    timestamp = go_timestamp(figures.now.micros, 0, _UTC) if quirks.go_timestamps else figures.now.text
    active = figures.active_connections
    return {
        "/ws/health": {"status": "healthy", "timestamp": timestamp, "uptime": uptime, "version": _VERSION},
        "/ws/metrics": {
            "fileserver": {"status": "running"},
            "timestamp": timestamp,
            "websocket": {
                "active_connections": active,
                "total_connections": active if quirks.shrinking_total else figures.total_connections,
                "uptime": uptime,
            },
        },
        "/ws/status": {
            "server": {"name": _NAME, "status": "running", "uptime": uptime, "version": _VERSION},
            "timestamp": timestamp,
            "websocket": {"active_connections": active, "endpoints": list(ENDPOINTS)},
        },
    }
