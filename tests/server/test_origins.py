import pytest

from pvws.server.origins import may_connect, response_headers
from pvws.server.settings import Cors

ANY = Cors()
SOME = Cors(origins=("https://app.example", "http://localhost:3000"))
OFF = Cors(enabled=False)
PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
    ("Access-Control-Max-Age", "600"),
]


@pytest.mark.parametrize(
    ("cors", "origin", "may"),
    [
        (ANY, None, True),
        (ANY, "https://any.example", True),
        (ANY, "null", True),
        (SOME, None, True),
        (SOME, "https://app.example", True),
        (SOME, "http://localhost:3000", True),
        (SOME, "http://app.example", False),
        (SOME, "https://app.example:8443", False),
        (SOME, "https://app.example.evil", False),
        (SOME, "https://evil.app.example", False),
        (SOME, "", False),
        (SOME, "null", False),
        (Cors(origins=()), "https://app.example", False),
        (OFF, None, True),
        (OFF, "http://localhost:8083", True),
        (OFF, "https://localhost:8083", True),
        (OFF, "http://localhost", False),
        (OFF, "http://localhost:8084", False),
        (OFF, "https://app.example", False),
        (OFF, "null", False),
        (OFF, "http://[", False),
        (OFF, "localhost:8083", False),
    ],
)
def test_an_origin_may_connect_if_it_is_listed_or_is_no_browsers(cors: Cors, origin: str | None, may: bool) -> None:
    assert may_connect(cors, origin, "localhost:8083") is may


@pytest.mark.parametrize("host", [None, ""])
def test_without_a_host_no_origin_is_the_servers_own(host: str | None) -> None:
    assert not may_connect(OFF, "null", host)
    assert not may_connect(OFF, "http://", host)


def test_any_origin_is_echoed_and_credentials_are_not_allowed() -> None:
    assert response_headers(ANY, "https://any.example", preflight=False) == [
        ("Vary", "Origin"),
        ("Access-Control-Allow-Origin", "https://any.example"),
    ]
    assert response_headers(ANY, None, preflight=False) == [("Vary", "Origin"), ("Access-Control-Allow-Origin", "*")]


def test_credentials_are_not_allowed_beside_a_star_either() -> None:
    mixed = Cors(origins=("https://app.example", "*"))
    names = [name for name, _ in response_headers(mixed, "https://app.example", preflight=True)]
    assert "Access-Control-Allow-Credentials" not in names


def test_a_listed_origin_is_echoed_with_credentials_and_another_gets_nothing() -> None:
    assert response_headers(SOME, "https://app.example", preflight=False) == [
        ("Vary", "Origin"),
        ("Access-Control-Allow-Origin", "https://app.example"),
        ("Access-Control-Allow-Credentials", "true"),
    ]
    for origin in ("https://evil.example", None):
        assert response_headers(SOME, origin, preflight=True) == [("Vary", "Origin")]


def test_a_preflight_is_told_what_is_allowed_for_ten_minutes() -> None:
    assert response_headers(ANY, "https://any.example", preflight=True)[2:] == PREFLIGHT
    assert response_headers(SOME, "https://app.example", preflight=True)[3:] == PREFLIGHT


def test_switched_off_there_are_no_headers_at_all() -> None:
    assert response_headers(OFF, "http://localhost:8083", preflight=True) == []
