import pytest

from pvws.testing.trial.variables import PREFIXES, Address, filled, variables

PLAIN = Address(url="ws://localhost:4711/ws")
FULL = Address(
    url="wss://[::1]:4711/ws",
    token="s3cret",
    control="http://localhost:4712",
    control_token="st33r",
    authority="/tmp/ca.pem",
    bundle="/tmp/bundle.pem",
)


def test_a_command_is_told_of_the_server_under_every_name() -> None:
    found = variables(PLAIN, {"HOME": "/root"})
    assert found["HOME"] == "/root"
    assert found["PVWS_URL"] == found["PEERVAULT_WS_URL"] == found["VITE_PVWS_URL"] == "ws://localhost:4711/ws"
    assert all(found[f"{prefix}PEERVAULT_WS_URL"] == PLAIN.url for prefix in PREFIXES)
    assert (found["PVWS_HOST"], found["PVWS_PORT"]) == ("localhost", "4711")
    assert found["PVWS_HTTP_URL"] == "http://localhost:4711"


def test_what_there_is_not_is_not_said() -> None:
    found = variables(
        PLAIN, {"PVWS_TOKEN": "another server's", "VITE_PVWS_TOKEN": "x", "PVWS_CONTROL_URL": "x", "MY_PVWS_URL": "m"}
    )
    assert not [name for name in found if "TOKEN" in name or "CONTROL" in name or "CA" in name.split("_")]
    assert "" not in found.values()
    assert found["MY_PVWS_URL"] == "m"


def test_token_control_plane_and_authority_are_told() -> None:
    found = variables(FULL, {})
    assert found["PVWS_TOKEN"] == found["NEXT_PUBLIC_PVWS_TOKEN"] == found["PEERVAULT_TOKEN"] == "s3cret"
    assert found["PVWS_CONTROL_URL"] == "http://localhost:4712"
    assert found["PVWS_CONTROL_TOKEN"] == "st33r"
    assert found["PVWS_CA_FILE"] == found["NODE_EXTRA_CA_CERTS"] == "/tmp/ca.pem"
    assert found["SSL_CERT_FILE"] == "/tmp/bundle.pem"
    assert (found["PVWS_HOST"], found["PVWS_HTTP_URL"]) == ("::1", "https://[::1]:4711")


def test_names_of_ones_own_are_filled_in_and_go_first() -> None:
    found = variables(FULL, {}, [("MY_WS", "{url}?token={token}"), ("PVWS_URL", "mine")])
    assert found["MY_WS"] == "wss://[::1]:4711/ws?token=s3cret"
    assert found["PVWS_URL"] == "mine"


def test_nothing_that_would_set_up_a_server_within_the_command_is_said() -> None:
    # Variables that begin so configure a server of ours: one that a command starts must not take them for its own.
    assert [name for name in variables(FULL, {}) if name.startswith("PEERVAULT_WS_")] == ["PEERVAULT_WS_URL"]
    assert "PORT" not in variables(FULL, {})  # on which development servers listen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--url={url}", "--url=wss://[::1]:4711/ws"),
        ("{host}:{port}", "::1:4711"),
        ("{http}/health {control} {token}", "https://[::1]:4711/health http://localhost:4712 s3cret"),
        ('{"type":"ping"} {} {else} ${url', '{"type":"ping"} {} {else} ${url'),
    ],
)
def test_words_in_arguments_are_filled_in_and_other_braces_stay(text: str, expected: str) -> None:
    assert filled(text, FULL) == expected


def test_a_proxy_is_not_used_for_the_way_to_us() -> None:
    assert "no_proxy" not in variables(PLAIN, {})
    found = variables(PLAIN, {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "example.org, localhost"})
    assert found["no_proxy"] == found["NO_PROXY"] == "example.org,localhost,127.0.0.1"
