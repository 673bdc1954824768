import pytest

from pvws.server.handshake import Accepted, handshake
from pvws.server.http import Request, Response
from pvws.server.settings import Auth, Compression, Cors, Settings
from pvws.session.access import Token

DEFAULT = Settings()
WEBSOCKET = {
    "host": "localhost:8083",
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
}


def nobody(token: str) -> bool:
    raise AssertionError(f"asked about {token}")


def asked(target: str = "/ws", method: str = "GET", version: str = "HTTP/1.1", **changes: str | None) -> Request:
    """A handshake; headers are added, `_` standing for `-`, and one given as None is left out."""
    headers = WEBSOCKET | {name.replace("_", "-"): value for name, value in changes.items()}
    return Request(method, target, version, [(name, value) for name, value in headers.items() if value is not None])


def accepted(request: Request, settings: Settings = DEFAULT) -> Accepted:
    answer = handshake(request, settings, nobody)
    assert isinstance(answer, Accepted), answer
    return answer


def refused(request: Request, settings: Settings = DEFAULT) -> Response:
    answer = handshake(request, settings, nobody)
    assert isinstance(answer, Response), answer
    return answer


@pytest.mark.parametrize(
    "request_", [asked("/ws/health"), asked("/"), asked("/wss"), asked("/ws/"), asked(upgrade=None)]
)
def test_another_path_or_no_upgrade_is_no_handshake(request_: Request) -> None:
    assert handshake(request_, Settings(), nobody) is None


def test_a_right_one_is_answered_with_101_and_the_key_of_section_1_3() -> None:
    head = accepted(asked()).response.decode()
    assert head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    assert "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in head
    assert head.endswith("\r\n\r\n")


@pytest.mark.parametrize(
    ("changes", "status", "header"),
    [
        ({"connection": None}, 426, ("Upgrade", "websocket")),
        ({"connection": "keep-alive"}, 426, ("Upgrade", "websocket")),
        ({"upgrade": "h2c"}, 426, ("Upgrade", "websocket")),
        ({"sec_websocket_key": None}, 400, ("Sec-WebSocket-Version", "13")),
        ({"sec_websocket_key": "short"}, 400, ("Sec-WebSocket-Version", "13")),
        ({"sec_websocket_version": None}, 400, ("Sec-WebSocket-Version", "13")),
        ({"sec_websocket_version": "12"}, 400, ("Sec-WebSocket-Version", "13")),
        ({"sec_websocket_extensions": ";;"}, 400, ("Sec-WebSocket-Version", "13")),
        ({"accept": "\x03"}, 400, ("Sec-WebSocket-Version", "13")),
        ({"method": "POST"}, 405, ("Allow", "GET")),
        ({"version": "HTTP/1.0"}, 505, ("Sec-WebSocket-Version", "13")),
    ],
)
def test_a_wrong_one_is_refused_with_what_would_be_right(
    changes: dict[str, str], status: int, header: tuple[str, str]
) -> None:
    response = refused(asked(**changes))
    assert response.status == status
    assert header in response.headers
    assert response.body


# Tokens


@pytest.mark.parametrize(
    ("target", "authorization", "token"),
    [
        ("/ws", None, None),
        ("/ws?token=one", None, "one"),
        ("/ws?world=w&token=a%20b%2Bc%C3%A4", None, "a b+cä"),
        ("/ws?token=", None, ""),
        ("/ws?token=one&token=two", None, "one"),
        ("/ws?tokens=one", None, None),
        ("/ws", "Bearer two", "two"),
        ("/ws", "bearer   two ", "two"),
        ("/ws", "Bearer", ""),
        ("/ws", "Basic dXNlcjpwYXNz", None),
        ("/ws", "two", None),
        ("/ws?token=one", "Bearer two", "one"),
        ("/ws?token=", "Bearer two", ""),
    ],
)
def test_the_token_of_the_query_goes_before_that_of_the_header(
    target: str, authorization: str | None, token: str | None
) -> None:
    assert accepted(asked(target, authorization=authorization)).token == token


def test_a_wrong_token_is_refused_here_where_that_is_asked_for() -> None:
    settings = Settings(auth=Auth(tokens=(Token("right"),), reject="handshake"))

    def right(token: str) -> bool:
        return token == "right"

    wrong = handshake(asked("/ws?token=wrong"), settings, right)
    assert isinstance(wrong, Response)
    assert (wrong.status, wrong.headers) == (401, [("WWW-Authenticate", "Bearer")])
    assert b"wrong token" in wrong.body
    assert isinstance(handshake(asked("/ws?token=right"), settings, right), Accepted)
    assert isinstance(handshake(asked(authorization="Bearer right"), settings, right), Accepted)
    assert isinstance(handshake(asked(), settings, right), Accepted), "it may still come in a message"


@pytest.mark.parametrize("auth", [Auth(reject="handshake"), Auth(tokens=(Token("right"),))])
def test_elsewhere_nobody_is_asked_about_tokens(auth: Auth) -> None:
    assert accepted(asked("/ws?token=wrong"), Settings(auth=auth)).token == "wrong"


# Origins


def test_a_browser_from_another_origin_is_refused() -> None:
    settings = Settings(cors=Cors(origins=("https://app.example",)))
    assert refused(asked(origin="https://evil.example"), settings).status == 403
    accepted(asked(origin="https://app.example"), settings)
    accepted(asked(), settings)
    accepted(asked(origin="https://evil.example"))


def test_an_origin_is_judged_before_the_token() -> None:
    settings = Settings(
        cors=Cors(origins=("https://app.example",)), auth=Auth(tokens=(Token("right"),), reject="handshake")
    )
    assert refused(asked("/ws?token=wrong", origin="https://evil.example"), settings).status == 403


# Compression


def extensions(answer: Accepted) -> list[str] | None:
    """The extension and its parameters in the 101, sorted."""
    for line in answer.response.decode().splitlines():
        name, _, value = line.partition(": ")
        if name.lower() == "sec-websocket-extensions":
            return sorted(part.strip() for part in value.split(";"))
    return None


PLAIN_ANSWER = ["client_no_context_takeover", "permessage-deflate", "server_no_context_takeover"]


@pytest.mark.parametrize(
    ("offer", "window", "answered"),
    [
        ("permessage-deflate", 15, PLAIN_ANSWER),
        ("permessage-deflate; client_max_window_bits", 15, PLAIN_ANSWER),
        ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", 15, PLAIN_ANSWER),
        ("x-unknown, permessage-deflate", 15, PLAIN_ANSWER),
        ("x-unknown", None, None),
        ("permessage-deflate; unknown=1", None, None),
        ("permessage-deflate; server_max_window_bits=7", None, None),
        ("permessage-deflate; server_max_window_bits=16", None, None),
        ("permessage-deflate; server_max_window_bits=8", None, None),  # zlib can't make it
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", 15, PLAIN_ANSWER),
        *(
            (
                f"permessage-deflate; server_max_window_bits={bits}",
                bits,
                sorted([*PLAIN_ANSWER, f"server_max_window_bits={bits}"]),
            )
            for bits in range(9, 16)
        ),
    ],
)
def test_the_window_is_as_the_client_asks_and_nobody_takes_context_over(
    offer: str, window: int | None, answered: list[str] | None
) -> None:
    answer = accepted(asked(sec_websocket_extensions=offer))
    assert answer.window == window
    assert extensions(answer) == answered


def test_who_offers_no_compression_gets_none_and_who_is_to_get_none_is_not_answered() -> None:
    assert accepted(asked()).window is None
    off = Settings(compression=Compression(enabled=False))
    answer = accepted(asked(sec_websocket_extensions="permessage-deflate"), off)
    assert answer.window is None
    assert extensions(answer) is None
