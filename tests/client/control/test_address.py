import pytest

from pvws.client.control.address import DEFAULT_CONTROL_URL, looks_like_address, place_of
from pvws.errors import InputError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (DEFAULT_CONTROL_URL, "http://localhost:8084"),
        (":9001", "http://localhost:9001"),
        ("9001", "http://localhost:9001"),
        ("host.example:9001", "http://host.example:9001"),
        ("host.example", "http://host.example"),
        ("[::1]:9001", "http://[::1]:9001"),
        ("http://127.0.0.1:8084/", "http://127.0.0.1:8084"),
        ("http://127.0.0.1:8084/v1/", "http://127.0.0.1:8084"),
        ("https://beds.example/one", "https://beds.example/one"),
        (" :9001 ", "http://localhost:9001"),
    ],
)
def test_what_people_write_for_a_control_plane_is_understood(text: str, url: str) -> None:
    assert place_of(text).url == url


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ws://localhost:8083/ws", "did you mean http://localhost:8084?"),
        ("wss://beds.example/ws", "did you mean https://beds.example:8084?"),
        ("ftp://host", 'CONTROL_URL: expected a URL like http://localhost:8084, or :8084, got "ftp://host"'),
        ("http://host:99999", "Port out of range"),
        (":99999", "Port out of range"),
        ("http://", "expected a URL like"),
        ("http://a b", "expected a URL like"),
        ("http://ho\x1bst", "ho�st"),
        ("http://host/?token=secret", "a token goes into --token"),
        ("http://user:secret@host", "a token goes into --token"),
    ],
)
def test_what_is_no_address_is_refused_with_what_would_be_one(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        place_of(text)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_request_names_host_and_port() -> None:
    assert place_of(":9001").authority == "localhost:9001"
    assert place_of("https://beds.example/one").authority == "beds.example"


@pytest.mark.parametrize("text", [":9001", "9001", "host:9001", "[::1]:9001", "http://host", "ws://host/ws"])
def test_an_address_is_told_from_a_word(text: str) -> None:
    assert looks_like_address(text)


@pytest.mark.parametrize("text", ["state", "alerts", "storage_alert", "quickstart", "a.yaml", "2024-01-01T00:00:00Z"])
def test_a_word_is_no_address(text: str) -> None:
    assert not looks_like_address(text)
