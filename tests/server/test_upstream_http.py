import json
from dataclasses import dataclass

import pytest

from pvws.server.endpoints import Figures
from pvws.server.http import Request
from pvws.server.upstream_http import refusal, upstream_answer
from pvws.timestamp import Timestamp
from pvws.wire.profiles import DOCUMENTED, UPSTREAM, Quirks

FIGURES = Figures(
    now=Timestamp(1_704_067_200_123_456),
    uptime=1_500,
    world=None,
    active_connections=2,
    total_connections=5,
    messages_received=0,
    dropped=0,
    events={},
    errors={},
    disconnects={},
    stage=lambda: pytest.fail("the shipped server tells nothing of stages"),
    process=lambda: pytest.fail("nor of its process"),
)


@dataclass
class Asked:
    """A question under some quirks."""

    quirks: Quirks

    def __call__(self, path: str, method: str = "GET") -> tuple[int, bytes] | None:
        response = upstream_answer(Request(method, path, "HTTP/1.1", []), FIGURES, self.quirks)
        return None if response is None else (response.status, response.body)


def test_as_documented_nothing_is_answered_here() -> None:
    ask = Asked(DOCUMENTED)
    for path in ("/ws", "/ws/health", "/nowhere"):
        for method in ("GET", "POST", "OPTIONS"):
            assert ask(path, method) is None


def test_upstream_answers_as_go_does() -> None:
    ask = Asked(UPSTREAM)
    health = b'{"status":"healthy","timestamp":"2024-01-01T00:00:00.123456Z","uptime":"1.5ms","version":"1.0.0"}\n'
    assert ask("/ws/health") == ask("/ws/health", "DELETE") == (200, health)
    metrics = ask("/ws/metrics")
    assert metrics is not None
    assert json.loads(metrics[1])["websocket"] == {
        "active_connections": 2,
        "total_connections": 2,
        "uptime": "1.5ms",
    }
    assert ask("/nowhere") == (404, b"404 page not found\n")
    assert ask("/ws") == (400, b"Bad Request\n")
    assert ask("/nowhere", "OPTIONS") == (200, b"")


def test_each_quirk_works_by_itself() -> None:
    only_refusals = Asked(Quirks(go_refusals=True))
    assert only_refusals("/ws/health") is None
    assert only_refusals("/nowhere") == (404, b"404 page not found\n")
    only_endpoints = Asked(Quirks(go_endpoints=True))
    assert only_endpoints("/ws/health", "POST") is None
    answer = only_endpoints("/ws/metrics")
    assert answer is not None
    assert json.loads(answer[1])["websocket"]["total_connections"] == 5
    assert Asked(Quirks(any_method=True))("/nowhere", "OPTIONS") == (200, b"")


@pytest.mark.parametrize(("origin", "echoed"), [(None, ""), ("http://here", "http://here")])
def test_a_refusal_has_cors_headers_and_says_what_would_be_right(origin: str | None, echoed: str) -> None:
    headers = dict(refusal(400, origin).headers)
    assert headers["Access-Control-Allow-Origin"] == echoed
    assert (headers["X-Content-Type-Options"], headers["Sec-Websocket-Version"]) == ("nosniff", "13")
    assert "Sec-Websocket-Version" not in dict(refusal(404, origin).headers)
