import pytest

from pvws.client.address import DEFAULT_URL, checked_url, is_encrypted, is_on_this_machine, shown_url
from pvws.errors import InputError


@pytest.mark.parametrize(
    "url",
    [
        DEFAULT_URL,
        "wss://example.org/ws",
        "ws://[::1]:8083/ws",
        "ws://localhost/ws?world=one&token=x",
        "ws://bücher.example/ws",
    ],
)
def test_a_url_of_a_websocket_is_taken_as_it_is(url: str) -> None:
    assert checked_url(url) == url


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("http://localhost:8083/ws", "ws://localhost:8083/ws"),
        ("https://example.org/ws", "wss://example.org/ws"),
        ("localhost:8083", "ws://localhost:8083/ws"),
        ("localhost:8083/ws", "ws://localhost:8083/ws"),
        ("example.org", "ws://example.org/ws"),
    ],
)
def test_a_url_that_is_nearly_right_is_answered_with_the_right_one(url: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_url(url)
    assert str(caught.value) == (
        f'URL: expected a URL like ws://localhost:8083/ws, got "{url}" (did you mean {meant}?)'
    )


@pytest.mark.parametrize(
    "url",
    ["", "ws://", "ws://localhost:99999/ws", "ws://localhost:x/ws", "ws://[::1", "ws://a/ws#here", "ws://" + "é" * 80],
)
def test_what_is_no_url_is_an_input_error_about_the_url(url: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_url(url)
    assert caught.value.problems[0].path == "URL"


def test_control_characters_of_a_wrong_url_are_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        checked_url("\x1b[31mred")
    assert "\x1b" not in str(caught.value)


def test_tokens_and_passwords_are_not_shown() -> None:
    shown = shown_url("wss://me:secret@example.org:1234/ws?world=one&token=secret&x=1")
    assert shown == "wss://example.org:1234/ws?world=one&token=…&x=1"


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost:8083", True),
        ("LOCALHOST", True),
        ("api.localhost", True),
        ("127.8.8.8:1", True),
        ("[::1]:8083", True),
        ("localhost.example", False),
        ("192.168.1.1", False),
        ("example.org", False),
        ("[2001:db8::1]", False),
    ],
)
def test_servers_on_this_machine_are_known_without_a_look_up(host: str, here: bool) -> None:
    assert is_on_this_machine(f"ws://{host}/ws") is here


@pytest.mark.parametrize(("url", "encrypted"), [("ws://wss/ws", False), ("wss://h/ws", True), ("WSS://h/ws", True)])
def test_encrypted_servers_are_known_by_the_scheme(url: str, encrypted: bool) -> None:
    assert is_encrypted(url) is encrypted


def test_what_is_no_text_is_no_url_and_not_quoted() -> None:
    with pytest.raises(InputError, match="URL: expected a URL like ws://localhost:8083/ws, got a bytes"):
        checked_url(b"ws://h/ws?token=secret")  # type: ignore[arg-type]
