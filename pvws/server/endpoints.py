"""The HTTP endpoints: what the server says about itself (contract, "HTTP endpoints")."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

import msgspec
from msgspec import Struct

from pvws import __version__
from pvws.histogram import Spread
from pvws.server.delivered import ClientDelivery, StageDelivery
from pvws.server.http import Request, Response
from pvws.server.own_process import ProcessFigures
from pvws.timestamp import Timestamp
from pvws.units import duration_text

__all__ = ["ENDPOINTS", "WEBSOCKET_PATH", "Figures", "StageFigures", "answer", "upgrade_required"]

WEBSOCKET_PATH = "/ws"
ENDPOINTS: tuple[str, ...] = (WEBSOCKET_PATH, "/ws/health", "/ws/metrics", "/ws/status")
"""Every path there is, as `/ws/status` lists them."""


class StageFigures(Struct, frozen=True):
    """What is told of one stage: its time, how many are here, what was delivered, and what the slowest of them got."""

    name: str
    now: Timestamp
    clients: int
    delivery: StageDelivery
    slowest: list[ClientDelivery]


class Figures(Struct, frozen=True):
    """What is counted, of the clients of one `world` or of all. `uptime` and `now` are the server's, in real time;
    `uptime` in microseconds.

    `events` counts by topic, `errors` the error messages sent by code, `disconnects` the connections that the server
    ended by why, and `dropped` the messages that slow clients were never sent. `stage` reckons the figures of the stage
    that was asked for, `process` those of the server's process.
    """

    now: Timestamp
    uptime: int
    world: str | None
    active_connections: int
    total_connections: int
    messages_received: int
    dropped: int
    events: Mapping[str, int]
    errors: Mapping[str, int]
    disconnects: Mapping[str, int]
    stage: Callable[[], StageFigures]
    process: Callable[[], ProcessFigures]


def answer(request: Request, figures: Figures) -> Response:
    """The answer to a request that is no WebSocket handshake."""
    path = request.path
    if request.method == "OPTIONS" and (path in ENDPOINTS or path == "*"):
        return Response(204, b"", content_type=None)
    if path not in ENDPOINTS:
        if (request.header("upgrade") or "").strip().lower() == "websocket":
            return Response(404, f"expected a WebSocket at {WEBSOCKET_PATH}, got {path}\n".encode())
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
    return _json(
        {
            "websocket": websocket,
            "fileserver": {"status": "running"},
            "stage": _stage(figures.stage()),
            "process": _process(figures.process()),
            "timestamp": figures.now.text,
        }
    )


def _stage(stage: StageFigures) -> dict[str, object]:
    delivery = stage.delivery
    return {
        "name": stage.name,
        "timestamp": stage.now.text,
        "clients": stage.clients,
        "events": delivery.events,
        "deliveries": {
            "owed": delivery.owed,
            "written": delivery.written,
            "pending": delivery.pending,
            "lost": delivery.lost,
        },
        "lateness_ms": _milliseconds(delivery.lateness),
        "fault_effects": delivery.faults,
        "faults": [{"id": each.id, "fault": each.fault, "effects": each.effects} for each in delivery.by_fault],
        "slowest_clients": [
            {
                "client_id": client.client_id,
                "written": client.written,
                "pending": client.pending,
                "pending_bytes": client.pending_bytes,
                "lost": client.lost,
                "lateness_ms": _milliseconds(client.lateness),
                "fault_effects": client.faults,
            }
            for client in stage.slowest
        ],
    }


def _process(process: ProcessFigures) -> dict[str, object]:
    found = {
        "resident_bytes": process.resident,
        "cpu_s": process.cpu / 1_000_000,
        "open_descriptors": process.descriptors,
        "descriptors_max": process.descriptors_max,
        "tasks": process.tasks,
        "allocated_blocks": process.blocks,
    }
    return {name: value for name, value in found.items() if value is not None}


def _milliseconds(spread: Spread) -> dict[str, float]:
    return {"p50": spread.p50 / 1000, "p99": spread.p99 / 1000, "worst": spread.worst / 1000}


def _exposition(figures: Figures, *, open_metrics: bool) -> Response:
    """The same figures in Prometheus' text format, or OpenMetrics', which differ in names of counters and the end."""
    lines: list[str] = []

    def family(name: str, kind: str, help_text: str, values: dict[str, float]) -> None:
        total = "_total" if kind == "counter" else ""
        declared = name if open_metrics else name + total
        lines.extend((f"# HELP {declared} {help_text}", f"# TYPE {declared} {kind}"))
        lines.extend(f"{name}{total}{labels} {value}" for labels, value in values.items())

    # Who asks for a world as well as for all gets no two figures under one name.
    world = [] if figures.world is None else [f'world="{figures.world}"']
    here = f"{{{world[0]}}}" if world else ""

    def labelled(label: str, values: Mapping[str, int]) -> dict[str, float]:
        return {"{" + ",".join([*world, f'{label}="{value}"']) + "}": count for value, count in values.items()}

    family("pvws_connections_active", "gauge", "Open WebSocket connections.", {here: figures.active_connections})
    family("pvws_connections", "counter", "WebSocket connections ever.", {here: figures.total_connections})
    family("pvws_uptime_seconds", "gauge", "Seconds since the server was started.", {"": figures.uptime / 1_000_000})
    family("pvws_messages_received", "counter", "Messages that clients sent.", {here: figures.messages_received})
    family("pvws_messages_dropped", "counter", "Messages that slow clients were never sent.", {here: figures.dropped})
    family("pvws_events_published", "counter", "Events by topic.", labelled("topic", figures.events))
    family("pvws_errors_sent", "counter", "Error messages sent by code.", labelled("code", figures.errors))
    family("pvws_disconnects", "counter", "Connections the server ended.", labelled("reason", figures.disconnects))
    for name, kind, help_text, values in _delivery_families(figures.stage()):
        family(name, kind, help_text, values)
    for name, kind, help_text, value in _process_families(figures.process()):
        if value is not None:
            family(name, kind, help_text, {"": value})
    if open_metrics:
        kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        return Response(200, "\n".join([*lines, "# EOF", ""]).encode(), content_type=kind)
    kind = "text/plain; version=0.0.4; charset=utf-8"
    return Response(200, "\n".join([*lines, ""]).encode(), content_type=kind)


def _delivery_families(stage: StageFigures) -> Iterator[tuple[str, str, str, dict[str, float]]]:
    """Name, kind, help and values by labels of what one stage has delivered."""
    world, delivery = f'world="{stage.name}"', stage.delivery
    by_client = [(f'{world},client="{client.client_id}"', client) for client in stage.slowest]
    lateness = _quantiles(world, delivery.lateness) | {
        f"_sum{{{world}}}": delivery.total_lateness / 1_000_000,
        f"_count{{{world}}}": delivery.lateness.count,
    }
    of_clients = [_quantiles(labels, client.lateness) for labels, client in by_client]
    label = f"{{{world}}}"
    yield "pvws_stage_clients", "gauge", "Clients of the stage.", {label: stage.clients}
    yield "pvws_deliveries_owed", "counter", "Events times the clients subscribed to them.", {label: delivery.owed}
    yield "pvws_deliveries_written", "counter", "Those handed to a socket.", {label: delivery.written}
    yield "pvws_deliveries_lost", "counter", "Those that will never be.", {label: delivery.lost}
    yield "pvws_deliveries_pending", "gauge", "Those that clients lag behind with.", {label: delivery.pending}
    yield "pvws_delivery_lateness_seconds", "summary", "From due to written to all who keep up.", lateness
    yield (
        "pvws_client_pending_messages",
        "gauge",
        "Messages that wait for a client.",
        {f"{{{labels}}}": client.pending for labels, client in by_client},
    )
    yield (
        "pvws_client_lost",
        "counter",
        "Events that a client will never get.",
        {f"{{{labels}}}": client.lost for labels, client in by_client},
    )
    yield (
        "pvws_fault_effects",
        "counter",
        "What each fault did to messages and connections.",
        {
            f'{{{world},fault="{each.id}",effect="{effect}"}}': times
            for each in delivery.by_fault
            for effect, times in each.effects.items()
        },
    )
    yield (
        "pvws_client_fault_effects",
        "counter",
        "What faults did to a client.",
        {
            f'{{{labels},effect="{effect}"}}': times
            for labels, client in by_client
            for effect, times in client.faults.items()
        },
    )
    yield (
        "pvws_client_lateness_seconds",
        "summary",
        "From due to written to one client.",
        {name: value for values in of_clients for name, value in values.items()},
    )


def _process_families(process: ProcessFigures) -> Iterator[tuple[str, str, str, float | None]]:
    """The same of the process; what every process has is under the names that Prometheus' own clients give it."""
    yield "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", process.resident
    yield "process_cpu_seconds", "counter", "User and system CPU time in seconds.", process.cpu / 1_000_000
    yield "process_open_fds", "gauge", "Open file descriptors.", process.descriptors
    yield "process_max_fds", "gauge", "How many there may be.", process.descriptors_max
    yield "pvws_tasks", "gauge", "Tasks of asyncio.", process.tasks
    yield "pvws_allocated_blocks", "gauge", "Blocks of memory that Python has given out.", process.blocks


def _quantiles(labels: str, spread: Spread) -> dict[str, float]:
    found = (("0.5", spread.p50), ("0.99", spread.p99), ("1", spread.worst))
    return {f'{{{labels},quantile="{share}"}}': micros / 1_000_000 for share, micros in found}


def _json(value: object) -> Response:
    return Response(200, msgspec.json.encode(value), content_type="application/json")
