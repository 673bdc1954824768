import json

import pytest
from msgspec import structs

from pvws import __version__
from pvws.histogram import Spread
from pvws.server.delivered import ClientDelivery, FaultDelivery, StageDelivery
from pvws.server.endpoints import Figures, StageFigures, answer
from pvws.server.http import Request
from pvws.server.own_process import ProcessFigures
from pvws.timestamp import Timestamp

FIGURES = Figures(
    now=Timestamp.parse("2024-01-01T00:00:00Z"),
    uptime=62_500_000,
    world=None,
    active_connections=2,
    total_connections=5,
    messages_received=11,
    dropped=3,
    events={"alerts": 7, "system": 0},
    errors={"INVALID_MESSAGE": 2},
    disconnects={"no_pong": 1},
    stage=lambda: STAGE,
    process=lambda: PROCESS,
)
PROCESS = ProcessFigures(
    resident=48_000_000, cpu=1_250_000, descriptors=17, descriptors_max=1_024, tasks=6, blocks=400_000
)
STAGE = StageFigures(
    name="main",
    now=Timestamp.parse("2024-01-01T00:00:30Z"),
    clients=2,
    delivery=StageDelivery(
        7,
        14,
        11,
        1,
        Spread(7, 250, 1_500, 2_000),
        3_000,
        {"dropped": 1, "delayed": 4},
        [FaultDelivery("f1", "drop: 10%", {"dropped": 1}), FaultDelivery("f2", "latency: 1s", {"delayed": 4})],
    ),
    slowest=[ClientDelivery("ab" * 16, 5, 2, 1_048_577, 1, Spread(5, 250, 3_000_000, 3_000_000), {"dropped": 1})],
)


def get(path: str, method: str = "GET") -> tuple[int, object]:
    response = answer(Request(method, path, "HTTP/1.1", []), FIGURES)
    if response.content_type == "application/json":
        return response.status, json.loads(response.body)
    return response.status, response.body.decode()


def test_health_says_that_the_server_is_well() -> None:
    assert get("/ws/health") == (
        200,
        {
            "status": "healthy",
            "timestamp": "2024-01-01T00:00:00.000Z",
            "uptime": "1m2.5s",
            "version": __version__,
        },
    )


def test_metrics_have_the_real_servers_figures_and_ours() -> None:
    assert get("/ws/metrics") == (
        200,
        {
            "websocket": {
                "active_connections": 2,
                "total_connections": 5,
                "uptime": "1m2.5s",
                "messages_received": 11,
                "messages_dropped": 3,
                "events_published": {"alerts": 7, "system": 0},
                "errors_sent": {"INVALID_MESSAGE": 2},
                "disconnects": {"no_pong": 1},
            },
            "fileserver": {"status": "running"},
            "stage": {
                "name": "main",
                "timestamp": "2024-01-01T00:00:30.000Z",
                "clients": 2,
                "events": 7,
                "deliveries": {"owed": 14, "written": 11, "pending": 2, "lost": 1},
                "lateness_ms": {"p50": 0.25, "p99": 1.5, "worst": 2.0},
                "fault_effects": {"dropped": 1, "delayed": 4},
                "faults": [
                    {"id": "f1", "fault": "drop: 10%", "effects": {"dropped": 1}},
                    {"id": "f2", "fault": "latency: 1s", "effects": {"delayed": 4}},
                ],
                "slowest_clients": [
                    {
                        "client_id": "ab" * 16,
                        "written": 5,
                        "pending": 2,
                        "pending_bytes": 1_048_577,
                        "lost": 1,
                        "lateness_ms": {"p50": 0.25, "p99": 3000.0, "worst": 3000.0},
                        "fault_effects": {"dropped": 1},
                    }
                ],
            },
            "process": {
                "resident_bytes": 48_000_000,
                "cpu_s": 1.25,
                "open_descriptors": 17,
                "descriptors_max": 1_024,
                "tasks": 6,
                "allocated_blocks": 400_000,
            },
            "timestamp": "2024-01-01T00:00:00.000Z",
        },
    )


def test_what_the_system_does_not_tell_of_the_process_is_left_out() -> None:
    figures = structs.replace(FIGURES, process=lambda: ProcessFigures(None, 1_250_000, None, None, 6, 400_000))
    told = json.loads(answer(Request("GET", "/ws/metrics", "HTTP/1.1", []), figures).body)["process"]
    assert told == {"cpu_s": 1.25, "tasks": 6, "allocated_blocks": 400_000}
    text = answer(Request("GET", "/ws/metrics", "HTTP/1.1", [("accept", "text/plain")]), figures).body.decode()
    assert "process_open_fds" not in text
    assert "None" not in text


def test_status_lists_the_endpoints() -> None:
    assert get("/ws/status") == (
        200,
        {
            "server": {"name": "pvws", "version": __version__, "status": "running", "uptime": "1m2.5s"},
            "websocket": {
                "active_connections": 2,
                "endpoints": ["/ws", "/ws/health", "/ws/metrics", "/ws/status"],
            },
            "timestamp": "2024-01-01T00:00:00.000Z",
        },
    )


@pytest.mark.parametrize("path", ["/ws/health", "/ws/metrics", "/ws/status", "/ws"])
def test_only_get_and_head_are_answered(path: str) -> None:
    response = answer(Request("POST", path, "HTTP/1.1", []), FIGURES)
    assert (response.status, response.headers) == (405, [("Allow", "GET, HEAD, OPTIONS")])


def test_any_other_path_is_404_and_names_the_nearest() -> None:
    paths = "/ws, /ws/health, /ws/metrics, /ws/status"
    assert get("/ws/heath") == (404, f"expected one of {paths}, got /ws/heath (did you mean /ws/health?)\n")
    assert get("/") == (404, f"expected one of {paths}, got /\n")


def test_a_plain_get_of_the_websocket_endpoint_is_426() -> None:
    response = answer(Request("GET", "/ws", "HTTP/1.1", []), FIGURES)
    assert response.status == 426
    assert response.headers == [
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
    ]


@pytest.mark.parametrize(
    ("accept", "content_type", "connections", "last"),
    [
        (
            "text/plain",
            "text/plain; version=0.0.4; charset=utf-8",
            "# TYPE pvws_connections_total counter",
            "pvws_allocated_blocks 400000",
        ),
        (
            "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "# TYPE pvws_connections counter",
            "# EOF",
        ),
    ],
)
def test_metrics_in_prometheus_text_format(accept: str, content_type: str, connections: str, last: str) -> None:
    response = answer(Request("GET", "/ws/metrics", "HTTP/1.1", [("accept", accept)]), FIGURES)
    lines = response.body.decode().splitlines()
    assert response.content_type == content_type
    assert connections in lines
    assert lines[-1].startswith(last)
    assert "pvws_uptime_seconds 62.5" in lines
    assert 'pvws_events_published_total{topic="alerts"} 7' in lines
    assert 'pvws_errors_sent_total{code="INVALID_MESSAGE"} 2' in lines
    assert 'pvws_disconnects_total{reason="no_pong"} 1' in lines
    assert 'pvws_deliveries_owed_total{world="main"} 14' in lines
    assert 'pvws_deliveries_pending{world="main"} 2' in lines
    assert 'pvws_delivery_lateness_seconds{world="main",quantile="0.99"} 0.0015' in lines
    assert 'pvws_delivery_lateness_seconds_sum{world="main"} 0.003' in lines
    assert 'pvws_delivery_lateness_seconds_count{world="main"} 7' in lines
    client = f'{{world="main",client="{"ab" * 16}"'
    assert f"pvws_client_lost_total{client}}} 1" in lines
    assert f'pvws_client_fault_effects_total{client},effect="dropped"}} 1' in lines
    assert 'pvws_fault_effects_total{world="main",fault="f2",effect="delayed"} 4' in lines
    assert f'pvws_client_lateness_seconds{client},quantile="1"}} 3.0' in lines
    assert {"process_cpu_seconds_total 1.25", "process_open_fds 17", "pvws_tasks 6"} <= set(lines)
    assert "process_resident_memory_bytes 48000000" in lines


def test_figures_of_one_world_are_labelled_with_it_for_prometheus() -> None:
    figures = structs.replace(FIGURES, world="one")
    response = answer(Request("GET", "/ws/metrics", "HTTP/1.1", [("accept", "text/plain")]), figures)
    lines = response.body.decode().splitlines()
    assert 'pvws_connections_active{world="one"} 2' in lines
    assert 'pvws_messages_received_total{world="one"} 11' in lines
    assert 'pvws_events_published_total{world="one",topic="alerts"} 7' in lines
    assert 'pvws_disconnects_total{world="one",reason="no_pong"} 1' in lines
    assert "pvws_uptime_seconds 62.5" in lines


def test_large_counts_lose_no_digit() -> None:
    figures = structs.replace(FIGURES, messages_received=123_456_789)
    response = answer(Request("GET", "/ws/metrics", "HTTP/1.1", [("accept", "text/plain")]), figures)
    assert b"\npvws_messages_received_total 123456789\n" in response.body


def test_options_is_answered_without_content() -> None:
    response = answer(Request("OPTIONS", "/ws/health", "HTTP/1.1", []), FIGURES)
    assert (response.status, response.content_type, response.body) == (204, None, b"")
