import pytest

from pvws.testing.target import Target


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "path", "websocket"),
    [
        ("ws://localhost:8083/ws", "localhost", 8083, "localhost:8083", "/ws", "/ws"),
        ("wss://example.org/api/ws?world=a", "example.org", 443, "example.org", "/api/ws", "/api/ws?world=a"),
        ("ws://example.org:443/ws", "example.org", 443, "example.org:443", "/ws", "/ws"),
        ("ws://[::1]:9/ws", "::1", 9, "[::1]:9", "/ws", "/ws"),
        ("ws://example.org", "example.org", 80, "example.org", "/", "/"),
    ],
)
def test_a_url_is_taken_apart(url: str, host: str, port: int, authority: str, path: str, websocket: str) -> None:
    target = Target(url)
    assert (target.host, target.port, target.authority) == (host, port, authority)
    assert (target.path, target.websocket) == (path, websocket)


def test_the_endpoints_lie_below_the_path() -> None:
    assert Target("ws://h/ws").below("health") == "/ws/health"
    assert Target("ws://h").below("health") == "/health"


def test_a_query_is_added_to_that_of_the_url() -> None:
    assert Target("ws://h/ws").with_query("token=t") == "/ws?token=t"
    assert Target("ws://h/ws?world=a").with_query("token=t") == "/ws?world=a&token=t"


def test_tokens_are_left_out_of_texts() -> None:
    target = Target("ws://h/ws", token="sesame", bad_token="open")
    assert target.without_secrets("said sesame and open") == "said … and …"
    assert Target("ws://h/ws").without_secrets("said sesame") == "said sesame"


def test_a_machine_may_stand_still_for_a_quarter_of_the_shortest_time() -> None:
    assert Target("ws://h/ws").standstill_max == 0.25  # the rate limit's second is the shortest of the contract
    assert Target("ws://h/ws", auth_timeout=0.8).standstill_max == 0.2
    assert Target("ws://h/ws", ping_period=0.7, pong_wait=1.2).standstill_max == 0.125
