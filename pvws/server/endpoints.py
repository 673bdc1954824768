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
    """What the server counts. `uptime` in microseconds; the instant is the server's own, not a scenario's.

    `events` counts by topic, `errors` the error messages sent by code, `disconnects` the connections that the server
    ended by why, and `dropped` the messages that slow clients were never sent.
    """

    now: Timestamp
    uptime: int
    active_connections: int
    total_connections: int
    messages_received: int
    dropped: int
    events: dict[str, int]
    errors: dict[str, int]
    disconnects: dict[str, int]


def answer(request: Request, figures: Figures) -> Response:
    """The answer to a request that is no WebSocket handshake."""
    path = request.path
    if request.method == "OPTIONS" and (path in ENDPOINTS or path == "*"):
        return Response(204, b"", content_type=None)
    if path not in ENDPOINTS:
        near = get_close_matches(path, ENDPOINTS, 1)
        advice = f" (did you mean {near[0]}?)" if near else ""
        return Response(404, f"expected one of {', '.join(ENDPOINTS)}, got {path}{advice}\n".encode())
    if request.method not in ("GET", "HEAD"):
        return Response(
            405, b"only GET, HEAD and OPTIONS are answered here\n", headers=[("Allow", "GET, HEAD, OPTIONS")]
        )
    uptime = duration_text(figures.uptime)
    if path == "/ws/health":
        return _json({"status": "healthy", "timestamp": figures.now.text, "uptime": uptime, "version": __version__})
    if path == "/ws/metrics":
        accepted = request.header("accept") or ""
        if "application/openmetrics-text" in accepted or "text/plain" in accepted:
            return _exposition(figures, open_metrics="application/openmetrics-text" in accepted)
        return _metrics(figures, uptime)
    if path == "/ws/status":
        server = {"name": "pvws", "version": __version__, "status": "running", "uptime": uptime}
        websocket = {"active_connections": figures.active_connections, "endpoints": ENDPOINTS}
        return _json({"server": server, "websocket": websocket, "timestamp": figures.now.text})
    return upgrade_required("this is a WebSocket endpoint; connect to it with a WebSocket client\n")


def upgrade_required(text: str) -> Response:
    """What a request to the WebSocket endpoint gets that is no handshake (RFC 9110, section 15.5.22)."""
    headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")]
    return Response(426, text.encode(), headers=headers)


def _metrics(figures: Figures, uptime: str) -> Response:
    websocket = {
        "active_connections": figures.active_connections,
        "total_connections": figures.total_connections,
        "uptime": uptime,
        "messages_received": figures.messages_received,
        "messages_dropped": figures.dropped,
        "events_published": figures.events,
        "errors_sent": figures.errors,
        "disconnects": figures.disconnects,
    }
    return _json({"websocket": websocket, "fileserver": {"status": "running"}, "timestamp": figures.now.text})


def _exposition(figures: Figures, *, open_metrics: bool) -> Response:
    """The same figures in Prometheus' text format, or OpenMetrics', which differ in names of counters and the end."""
    lines: list[str] = []

    def family(name: str, kind: str, help_text: str, values: dict[str, float]) -> None:
        total = "_total" if kind == "counter" else ""
        declared = name if open_metrics else name + total
        lines.extend((f"# HELP {declared} {help_text}", f"# TYPE {declared} {kind}"))
        lines.extend(f"{name}{total}{labels} {value:g}" for labels, value in values.items())

    def labelled(label: str, values: dict[str, int]) -> dict[str, float]:
        return {f'{{{label}="{value}"}}': count for value, count in values.items()}

    family("pvws_connections_active", "gauge", "Open WebSocket connections.", {"": figures.active_connections})
    family("pvws_connections", "counter", "WebSocket connections ever.", {"": figures.total_connections})
    family("pvws_uptime_seconds", "gauge", "Seconds since the server was started.", {"": figures.uptime / 1_000_000})
    family("pvws_messages_received", "counter", "Messages that clients sent.", {"": figures.messages_received})
    family("pvws_messages_dropped", "counter", "Messages that slow clients were never sent.", {"": figures.dropped})
    family("pvws_events_published", "counter", "Events by topic.", labelled("topic", figures.events))
    family("pvws_errors_sent", "counter", "Error messages sent by code.", labelled("code", figures.errors))
    family("pvws_disconnects", "counter", "Connections the server ended.", labelled("reason", figures.disconnects))
    if open_metrics:
        kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        return Response(200, "\n".join([*lines, "# EOF", ""]).encode(), content_type=kind)
    kind = "text/plain; version=0.0.4; charset=utf-8"
    return Response(200, "\n".join([*lines, ""]).encode(), content_type=kind)


def _json(value: object) -> Response:
    return Response(200, msgspec.json.encode(value), content_type="application/json")
