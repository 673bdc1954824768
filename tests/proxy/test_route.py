import pytest

from pvws.proxy.route import Route


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("ws://peers.example:9000/ws", "peers.example:9000"),
        ("ws://peers.example/ws", "peers.example"),
        ("wss://peers.example:443/ws", "peers.example"),
        ("ws://peers.example:443/ws", "peers.example:443"),
        ("ws://[::1]:9000/ws", "[::1]:9000"),
    ],
)
def test_the_server_reads_its_own_name_as_the_host(url: str, authority: str) -> None:
    assert Route(url).authority == authority


@pytest.mark.parametrize(
    ("url", "asked", "got"),
    [
        ("ws://a/ws", "/ws?token=t&world=w", "/ws?token=t&world=w"),
        ("ws://a/ws", "/ws/health", "/ws/health"),
        ("ws://a/api/v2/socket", "/ws?x=1", "/api/v2/socket?x=1"),
        ("ws://a/api/v2/socket", "/ws/health", "/api/v2/socket/health"),
        ("ws://a/api/v2/socket", "/wss", "/wss"),
        ("ws://a", "/ws", "/"),
        ("ws://a/ws?token=theirs", "/ws", "/ws?token=theirs"),
        ("ws://a/ws?token=theirs&x=1", "/ws?token=mine", "/ws?token=mine&x=1"),
        ("ws://a/ws", "/ws?", "/ws?"),
    ],
)
def test_paths_and_parameters_lead_to_those_of_the_url(url: str, asked: str, got: str) -> None:
    assert Route(url).target(asked) == got


def test_a_head_keeps_everything_but_its_host() -> None:
    head = (
        b"GET /ws?a=%20b HTTP/1.1\r\nhOST:   localhost:8085\r\nOrigin: http://localhost:8085\r\nX-Odd:a  b \r\n"
        b"x-host: localhost\r\n\r\n"
    )
    assert Route("ws://peers.example:9000/ws").rewritten(head) == head.replace(
        b"hOST:   localhost:8085", b"hOST: peers.example:9000"
    )


def test_what_is_no_head_stays_as_it_is() -> None:
    assert Route("ws://a/b").rewritten(b"\x16\x03\x01\r\n\r\n") == b"\x16\x03\x01\r\n\r\n"
