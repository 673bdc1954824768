"""Where a configuration comes from, which source goes before which, and what is told of mistakes; texts literally."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.server.configuration import PREFIX, configure, tokens_of, variables
from pvws.server.settings import (
    Auth,
    Compression,
    Configuration,
    Control,
    Cors,
    Limits,
    SlowConsumer,
    Timeouts,
    Tls,
)
from pvws.session.access import Grant, Token
from pvws.wire.profiles import Quirks
from pvws.wire.topics import Topic

SECRET = "hunter2-is-a-secret"

DOCUMENTED_FILE = """\
websocket:
  port: 8083
  host: localhost
  cors:
    enabled: true
    origins: ["*"]
  timeouts:
    read: 30s
    write: 30s
    ping_period: 54s
    pong_wait: 60s
  limits:
    max_connections: 1000
    max_message_size: 1048576  # 1MB
    messages_per_second: 100
"""
DOCUMENTED_VARIABLES = {
    "PEERVAULT_WS_PORT": "8083",
    "PEERVAULT_WS_HOST": "localhost",
    "PEERVAULT_WS_CORS_ORIGINS": "*",
    "PEERVAULT_WS_READ_TIMEOUT": "30s",
    "PEERVAULT_WS_WRITE_TIMEOUT": "30s",
    "PEERVAULT_WS_PING_PERIOD": "54s",
    "PEERVAULT_WS_PONG_WAIT": "60s",
}
EVERYTHING = """\
websocket:
  host: 0.0.0.0
  port: 0
  cors: {enabled: off, origins: [https://a.example, https://b.example]}
  timeouts: {read: 1s, write: 2s, ping_period: 3s, pong_wait: 1m30s, close: 500ms}
  limits:
    max_connections: none
    max_message_size: 512
    messages_per_second: 7
    retry_after: 5s
    connections_per_address: 3
  auth:
    tokens: [one, {token: two, topics: [alerts, system], expires: 2026-12-31T00:00:00Z}]
    tokens_file: more.txt
    reject: handshake
    timeout: 2s
  tls: {certificate: c.pem, key: k.pem}
  slow_consumer: {policy: drop_oldest, max_bytes: 100, max_messages: 10}
  compression: {enabled: false, threshold: 0}
  control: {enabled: off, host: 0.0.0.0, port: 0, token: hunter2, hosts: [pvws, test-bed.example]}
  profile: upstream
  quirks: {coalesce: off, read_limit: 1024}
other: {part: of PeerVault}
"""


def absent(path: str) -> str:
    raise FileNotFoundError(2, "No such file or directory")


def configured(
    text: str | None = None,
    environment: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    **flags: tuple[tuple[str, ...], Any],
) -> Configuration:
    """The configuration; a flag is given as its name, without dashes: the path of its key, and its value."""
    named = {path: (f"--{flag}", value) for flag, (path, value) in flags.items()}
    return configure(text, "c.yaml", environment or {}, named, absent if files is None else files.__getitem__)


def complaint(text: str | None = None, **sources: Any) -> str:
    with pytest.raises(InputError) as caught:
        configured(text, **sources)
    assert SECRET not in str(caught.value) + repr(caught.value)
    return str(caught.value)


# What works


@pytest.mark.parametrize("text", [None, "", "# nothing", "websocket: {}", "graphql: {port: 1}", DOCUMENTED_FILE])
def test_nothing_and_the_documented_file_are_the_defaults(text: str | None) -> None:
    assert configured(text) == Configuration()


def test_the_documented_variables_are_the_defaults_too() -> None:
    assert configured(environment=DOCUMENTED_VARIABLES) == Configuration()


def test_these_are_those_of_the_documentation() -> None:
    documentation = (Path(__file__).parent.parent / "wire" / "data" / "peervault-websocket-api.md").read_text("utf-8")
    assert DOCUMENTED_FILE in documentation
    assert all(f"{name}={value}\n" in documentation for name, value in DOCUMENTED_VARIABLES.items())


def test_every_key_of_the_contract_is_read() -> None:
    found = configured(EVERYTHING, files={"more.txt": "# more of them\n\nthree\n  four  \n"})
    expires = 1_798_675_200_000_000
    assert found == Configuration(
        host="0.0.0.0",
        port=0,
        cors=Cors(enabled=False, origins=("https://a.example", "https://b.example")),
        timeouts=Timeouts(1_000_000, 2_000_000, 3_000_000, 90_000_000, 500_000),
        limits=Limits(None, 512, 7, 5_000_000, 3),
        auth=Auth(
            tokens=(
                Token("one"),
                Token("two", Grant(frozenset({Topic.ALERTS, Topic.SYSTEM}), expires)),
                Token("three"),
                Token("four"),
            ),
            tokens_file="more.txt",
            reject="handshake",
            timeout=2_000_000,
        ),
        tls=Tls("c.pem", "k.pem"),
        slow_consumer=SlowConsumer("drop_oldest", 100, 10),
        compression=Compression(enabled=False, threshold=0),
        control=Control(enabled=False, host="0.0.0.0", port=0, token="hunter2", hosts=("pvws", "test-bed.example")),
        profile="upstream",
        quirks={"coalesce": False, "read_limit": 1024},
    )


@pytest.mark.parametrize(
    "text",
    [
        f"control: {SECRET}",
        f"control: {{token: [{SECRET}]}}",
        f"control: {{token: {{x: {SECRET}}}}}",
        f"control: {{token: {SECRET}é}}",
    ],
)
def test_what_may_be_the_token_of_the_control_plane_is_never_quoted(text: str) -> None:
    with pytest.raises(InputError) as error:
        configure(f"websocket: {{{text}}}", "c.yaml", {}, {}, str)
    assert SECRET not in str(error.value)


def test_the_control_plane_is_set_by_variables() -> None:
    variables = {"PEERVAULT_WS_CONTROL_HOSTS": "pvws, other", "PEERVAULT_WS_CONTROL_PORT": "9000"}
    assert configure(None, "", variables, {}, str).control == Control(port=9000, hosts=("pvws", "other"))


def test_tokens_stand_one_a_line() -> None:
    assert tokens_of("one\r\n# no\n\n two\nthree # not a comment") == (
        Token("one"),
        Token("two"),
        Token("three # not a comment"),
    )


# Variables


def test_every_key_has_a_variable() -> None:
    known = variables()
    for name, path in {
        "PEERVAULT_WS_PORT": ("port",),
        "PEERVAULT_WS_READ_TIMEOUT": ("timeouts", "read"),
        "PEERVAULT_WS_TIMEOUTS_READ": ("timeouts", "read"),
        "PEERVAULT_WS_TIMEOUTS_CLOSE": ("timeouts", "close"),
        "PEERVAULT_WS_LIMITS_MAX_CONNECTIONS": ("limits", "max_connections"),
        "PEERVAULT_WS_AUTH_TOKENS": ("auth", "tokens"),
        "PEERVAULT_WS_TLS_CERTIFICATE": ("tls", "certificate"),
        "PEERVAULT_WS_SLOW_CONSUMER_POLICY": ("slow_consumer", "policy"),
        "PEERVAULT_WS_PROFILE": ("profile",),
        "PEERVAULT_WS_QUIRKS_COALESCE": ("quirks", "coalesce"),
    }.items():
        assert known[name] == path
    assert {path[-1] for path in known.values() if path[0] == "quirks"} == set(Quirks.__struct_fields__)
    assert all(name.startswith(PREFIX) for name in known)


@pytest.mark.parametrize(
    ("name", "value", "path", "found"),
    [
        ("CORS_ORIGINS", "https://a.example", ("cors", "origins"), ("https://a.example",)),
        (
            "CORS_ORIGINS",
            "https://a.example, https://b.example",
            ("cors", "origins"),
            ("https://a.example", "https://b.example"),
        ),
        ("CORS_ENABLED", "false", ("cors", "enabled"), False),
        ("HOST", "::1", ("host",), "::1"),
        ("HOST", "10", ("host",), "10"),
        ("LIMITS_MAX_CONNECTIONS", "none", ("limits", "max_connections"), None),
        ("TIMEOUTS_CLOSE", "1m30s", ("timeouts", "close"), 90_000_000),
        ("AUTH_TOKENS", "a,b", ("auth", "tokens"), (Token("a"), Token("b"))),
        (
            "AUTH_TOKENS",
            "*a, !b, &c, 'd': e # f, 007, 7",
            ("auth", "tokens"),
            tuple(map(Token, ("*a", "!b", "&c", "'d': e # f", "007", "7"))),
        ),
        ("QUIRKS_READ_LIMIT", "512", ("quirks",), {"read_limit": 512}),
        ("PROFILE", "upstream", ("profile",), "upstream"),
        ("TLS_CERTIFICATE", "a,b.pem", ("tls", "certificate"), "a,b.pem"),
    ],
)
def test_a_variable_is_read_as_its_key_is_and_has_no_syntax(
    name: str, value: str, path: tuple[str, ...], found: object
) -> None:
    environment = {PREFIX + name: value}
    if path[0] == "tls":
        environment[f"{PREFIX}TLS_KEY"] = "k.pem"
    reached: Any = configured(environment=environment)
    for key in path:
        reached = getattr(reached, key)
    assert reached == found


def test_other_variables_and_that_of_clients_are_not_the_servers() -> None:
    environment = {"PATH": "x", "PEERVAULT_PORT": "x", "PEERVAULT_WS_URL": "ws://h/ws", "PVWS_TOKEN": "x"}
    assert configured(environment=environment) == Configuration()


# Precedence


PLACES: list[tuple[str, str, Any, list[Any]]] = [
    ("host", "HOST", "host", ["h0", "h1", "h2"]),
    ("port", "PORT", "port", [1, 2, 3]),
    ("profile", "PROFILE", "profile", ["upstream", "documented", "upstream"]),
    ("timeouts.close", "TIMEOUTS_CLOSE", "timeouts.close", ["1s", "2s", "3s"]),
    ("limits.messages_per_second", "LIMITS_MESSAGES_PER_SECOND", "limits.messages_per_second", [1, 2, 3]),
    ("cors.enabled", "CORS_ENABLED", "cors.enabled", [False, True, False]),
    ("cors.origins", "CORS_ORIGINS", "cors.origins", [["a"], ["b"], ["c"]]),
    ("auth.tokens", "AUTH_TOKENS", "auth.tokens", [["a"], ["b"], ["c"]]),
    ("quirks.coalesce", "QUIRKS_COALESCE", "quirks", [True, False, True]),
]


def reached(configuration: Configuration, path: str) -> Any:
    found: Any = configuration
    for key in path.split("."):
        found = getattr(found, key)
    return found


@pytest.mark.parametrize(("key", "name", "path", "values"), PLACES, ids=[place[0] for place in PLACES])
def test_flags_go_before_the_environment_before_the_file_before_the_defaults(
    key: str, name: str, path: str, values: list[Any]
) -> None:
    def written(value: Any) -> str:
        return ",".join(value) if isinstance(value, list) else msgspec.json.encode(value).decode().strip('"')

    def nested(value: Any) -> str:
        inner = msgspec.json.encode(value).decode()
        for part in reversed(key.split(".")):
            inner = f"{{{part}: {inner}}}"
        return f"websocket: {inner}"

    text = nested(values[0])
    environment = {PREFIX + name: written(values[1])}
    flag = tuple(key.split(".")), values[2]

    def only(value: Any) -> Any:
        return reached(configured(nested(value)), path)

    assert reached(configured(text), path) == only(values[0])
    assert reached(configured(text, environment), path) == only(values[1])
    assert reached(configured(text, environment, flag=flag), path) == only(values[2])
    assert reached(configured(None, environment), path) == only(values[1])
    assert reached(configured(text, flag=flag), path) == only(values[2])


def test_sources_are_merged_key_by_key() -> None:
    found = configured(
        "websocket: {host: a, timeouts: {read: 1s, write: 1s}, tls: {certificate: c.pem}}",
        {"PEERVAULT_WS_WRITE_TIMEOUT": "2s", "PEERVAULT_WS_TLS_KEY": "k.pem"},
        port=(("port",), 7),
    )
    assert found == Configuration("a", 7, timeouts=Timeouts(read=1_000_000, write=2_000_000), tls=Tls("c.pem", "k.pem"))


def test_a_variable_repairs_what_the_file_has_wrong() -> None:
    assert configured(
        "websocket: {timeouts: 5, port: x}", {"PEERVAULT_WS_READ_TIMEOUT": "1s", "PEERVAULT_WS_PORT": "1"}
    )


# What is told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "websocket:\n  prot: 1\n",
            "c.yaml:2:3: websocket: expected one of host, port, cors, timeouts, limits, auth, tls, slow_consumer, "
            'compression, control, profile, quirks, got "prot" (did you mean "port"?)',
        ),
        ("websocket:\n  port: x", 'c.yaml:2:9: websocket.port: expected a whole number, got "x"'),
        ("websocket:\n  port: 65536", "c.yaml:2:9: websocket.port: expected a whole number from 0 to 65535, got 65536"),
        ("websocket: [1]", "c.yaml:1:12: websocket: expected a mapping, got a list"),
        ("- websocket", "c.yaml:1:1: expected a mapping, got a list"),
        (
            "websocket:\n  timeouts: {read: 30}",
            'c.yaml:2:20: websocket.timeouts.read: expected a duration like "30s", "1m30s" or "500ms", got 30',
        ),
        (
            "websocket:\n  timeouts: {close: 0s}",
            'c.yaml:2:21: websocket.timeouts.close: expected a duration above 0 like "5s", got "0s"',
        ),
        (
            "websocket:\n  timeouts:\n    ping_period: 60s\n",
            "c.yaml:3:18: websocket.timeouts.ping_period: expected less than pong_wait (1m0s), "
            'or no ping could be answered in time, got "60s"',
        ),
        (
            "websocket:\n  timeouts:\n    pong_wait: 54s\n",
            "c.yaml:3:16: websocket.timeouts.pong_wait: expected more than ping_period (54s), "
            'or no ping could be answered in time, got "54s"',
        ),
        (
            "websocket: {limits: {max_connections: 0}}",
            "c.yaml:1:39: websocket.limits.max_connections: expected a whole number from 1 on, or none, got 0",
        ),
        (
            "websocket: {limits: {max_message_size: 0}}",
            "c.yaml:1:40: websocket.limits.max_message_size: expected a whole number from 1 to 2147483648, got 0",
        ),
        ("websocket: {cors: {origins: '*'}}", 'c.yaml:1:29: websocket.cors.origins: expected a list, got "*"'),
        ("websocket: {cors: {enabled: 1}}", "c.yaml:1:29: websocket.cors.enabled: expected on or off, got 1"),
        (
            "websocket: {auth: {reject: frame}}",
            'c.yaml:1:28: websocket.auth.reject: expected one of message, handshake, got "frame"',
        ),
        (
            "websocket: {auth: {tokens_file: tokens.txt}}",
            "c.yaml:1:33: websocket.auth.tokens_file: expected a file that can be read, "
            'got "tokens.txt" (no such file or directory)',
        ),
        ("websocket: {tls: {certificate: c.pem}}", "c.yaml:1:18: websocket.tls.key: expected a value, got nothing"),
        (
            "websocket: {slow_consumer: {policy: drop}}",
            'c.yaml:1:37: websocket.slow_consumer.policy: expected one of disconnect, drop_oldest, got "drop"',
        ),
        (
            "websocket: {profile: upstrem}",
            'c.yaml:1:22: websocket.profile: expected one of documented, upstream, got "upstrem" '
            '(did you mean "upstream"?)',
        ),
        (
            "websocket: {quirks: {read_limit: 0}}",
            "c.yaml:1:34: websocket.quirks.read_limit: expected a whole number from 1 on, got 0",
        ),
        ("websocket: {port: 1, port: 2}", 'c.yaml:1:22: expected "port" once, got it again (first in line 1)'),
        (
            "websocket:\n  a: b: c",
            "c.yaml:2:7: expected valid YAML (a colon too many: quote the value, or indent less)",
        ),
        (
            "websocket: {a: b: c}",
            "c.yaml:1:17: expected valid YAML (a comma or } is missing before this)",
        ),
        (
            "websocket: {a: [}",
            "c.yaml:1:17: expected valid YAML (while parsing a flow node, expected the node content, but found '}')",
        ),
        (
            "websocket: {port: x, host: []}",
            "c.yaml:1:28: websocket.host: expected a text, got a list\n"
            'c.yaml:1:19: websocket.port: expected a whole number, got "x"',
        ),
    ],
)
def test_a_mistake_in_the_file_is_told_with_line_column_and_key(text: str, said: str) -> None:
    assert complaint(text) == said


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PORT": "x"}, 'PEERVAULT_WS_PORT: websocket.port: expected a whole number, got "x"'),
        ({"PORT": ""}, "PEERVAULT_WS_PORT: websocket.port: expected a whole number, got nothing"),
        (
            {"READ_TIMEOUT": "30"},
            'PEERVAULT_WS_READ_TIMEOUT: websocket.timeouts.read: expected a duration like "30s", "1m30s" or "500ms", '
            "got 30",
        ),
        (
            {"PING_PERIOD": "2m"},
            "PEERVAULT_WS_PING_PERIOD: websocket.timeouts.ping_period: expected less than pong_wait (1m0s), "
            'or no ping could be answered in time, got "2m"',
        ),
        (
            {"PONG_WAIT": "5s"},
            "PEERVAULT_WS_PONG_WAIT: websocket.timeouts.pong_wait: expected more than ping_period (54s), "
            'or no ping could be answered in time, got "5s"',
        ),
        (
            {"PROT": "1"},
            'PEERVAULT_WS_PROT: expected a variable that is known, got "PEERVAULT_WS_PROT" '
            '(did you mean "PEERVAULT_WS_PORT"?)',
        ),
        ({"TLS_KEY": "k"}, "PEERVAULT_WS_TLS_KEY: websocket.tls.certificate: expected a value, got nothing"),
        (
            {"AUTH_TOKENS": ""},
            "PEERVAULT_WS_AUTH_TOKENS: websocket.auth.tokens[0]: expected a text or a mapping, got something else",
        ),
    ],
)
def test_a_mistake_in_the_environment_is_told_with_its_variable(environment: dict[str, str], said: str) -> None:
    assert complaint(environment={PREFIX + name: value for name, value in environment.items()}) == said


def test_a_mistake_in_a_flag_is_told_with_the_flag() -> None:
    said = "--port: websocket.port: expected a whole number from 0 to 65535, got 99999"
    assert complaint(port=(("port",), 99_999)) == said
    said = '--profile: websocket.profile: expected one of documented, upstream, got "both"'
    assert complaint(profile=(("profile",), "both")) == said


def test_all_sources_are_told_of_at_once() -> None:
    said = complaint(
        "websocket: {host: []}", environment={"PEERVAULT_WS_PONG_WAIT": "x"}, port=(("port",), -1)
    ).splitlines()
    assert [line.split(": expected")[0] for line in said] == [
        "--port: websocket.port",
        "PEERVAULT_WS_PONG_WAIT: websocket.timeouts.pong_wait",
        "c.yaml:1:19: websocket.host",
    ]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"t": ""}, 'a file with a token in it, got "t" (none)'),
        ({"t": "# nothing\n"}, 'a file with a token in it, got "t" (none)'),
    ],
)
def test_a_file_without_tokens_does_not_open_the_server_to_everyone(files: dict[str, str], why: str) -> None:
    text = "websocket: {auth: {tokens_file: t}}"
    assert complaint(text, files=files) == f"c.yaml:1:33: websocket.auth.tokens_file: expected {why}"


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "it is not utf-8"),
        (ValueError("embedded null byte"), "embedded null byte"),
        (PermissionError(13, "Permission denied"), "permission denied"),
    ],
)
def test_a_file_of_tokens_that_can_not_be_read_is_told(trouble: Exception, why: str) -> None:
    def read(path: str) -> str:
        raise trouble

    with pytest.raises(InputError) as caught:
        configure("websocket: {auth: {tokens_file: t}}", "c.yaml", {}, {}, read)
    assert str(caught.value) == (
        f'c.yaml:1:33: websocket.auth.tokens_file: expected a file that can be read, got "t" ({why})'
    )


@pytest.mark.parametrize(
    "text",
    [
        "websocket: {auth: SECRET}",
        "websocket: {auth: [SECRET]}",
        "websocket: {auth: {SECRET: [alerts]}}",
        "websocket: {auth: {tokens: SECRET}}",
        "websocket: {auth: {tokens: {SECRET: [alerts]}}}",
        "websocket: {auth: {tokens: [[SECRET]]}}",
        "websocket: {auth: {tokens: [*SECRET]}}",
        "websocket: {auth: {tokens: [!SECRET]}}",
        "websocket: {auth: {tokens: [&SECRET]}}",
        "websocket: {auth: {tokens: [&SECRET a, &SECRET b, *SECRE]}}",
        'websocket: {auth: {tokens: ["SECRET\\x"]}}',
        'websocket: {auth: {tokens: ["SECRET',
        "websocket: {auth: {tokens: [@SECRET]}}",
        "websocket: {auth: {tokens: [%SECRET]}}",
        "websocket: {auth: {tokens: [{SECRET: [alerts]}]}}",
        "websocket: {auth: {tokens: [{token: {SECRET: a}}]}}",
        "websocket: {auth: {tokens: [{token: SECRET, topics: none}]}}",
        "websocket: {auth: {tokens: [{token: a, expires: {SECRET: 1}}]}}",
        "websocket: {auth: {tokens: [{SECRET: a, SECRET: b}]}}",
        "websocket: {auth: {tokens: SECRET: }}",
        "websocket:\n  auth:\n    tokens:\n     - SECRET: a: b",
        "websocket:\n  auth:\n    tokens:\n     -\tSECRET\n    - b",
        "websocket: {auth: {tokens: [SECRET]}, port: x}",
    ],
)
def test_no_error_shows_what_may_be_a_token(text: str) -> None:
    complaint(text.replace("SECRET", SECRET))


def test_no_error_shows_the_token_of_a_variable_or_a_flag() -> None:
    for value in (f",{SECRET}", f"{SECRET},,", f"*{SECRET},"):
        complaint(environment={"PEERVAULT_WS_AUTH_TOKENS": value})
    complaint(token=(("auth", "tokens"), ["", SECRET]))
    complaint(token=(("auth", "tokens"), [[SECRET]]))


# Any input


KEYS = sorted({part for path in variables().values() for part in path} | {"token", "topics", "expires", "websocket"})
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.sampled_from(["none", "30s", "1m", "*", "alerts", "upstream", "handshake", "drop_oldest", "\0", ""])
    | st.text(max_size=8)
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def _is_told_or_taken(text: str | None, environment: Mapping[str, str]) -> None:
    try:
        found = configure(text, "c.yaml", environment, {}, absent)
    except InputError as error:
        assert str(error)
    else:
        assert isinstance(found, Configuration)
        assert found.settings


@given(
    st.dictionaries(st.sampled_from([key for key in KEYS if key in Configuration.__struct_fields__]), trees, max_size=3)
)
def test_any_tree_is_a_configuration_or_an_input_error(tree: dict[str, object]) -> None:
    _is_told_or_taken(msgspec.json.encode({"websocket": tree}).decode(), {})


@given(st.text(alphabet="websocket:auth{}[]tokens-*&!|>'\" \n#,1s\0", max_size=80))
def test_any_text_is_a_configuration_or_an_input_error(text: str) -> None:
    _is_told_or_taken(text, {})
    _is_told_or_taken(f"websocket:\n  {text}", {})


@given(
    st.dictionaries(
        st.sampled_from(sorted(variables())) | st.just("PEERVAULT_WS_X"),
        st.text(max_size=12) | scalars.map(str),
        max_size=5,
    )
)
def test_any_environment_is_a_configuration_or_an_input_error(environment: dict[str, str]) -> None:
    _is_told_or_taken(None, environment)


def test_a_key_that_stands_beside_websocket_is_told_where_it_belongs() -> None:
    assert complaint("port: 1\nwebsocket: {}\n") == 'c.yaml:1:1: expected "port" under "websocket", got it beside that'
    assert configure("other: {part: of PeerVault}\n", "c.yaml", {}, {}, read=lambda path: "") == Configuration()


def test_a_zone_that_there_is_not_stops_the_start() -> None:
    assert complaint("websocket: {quirks: {zone: Europe/Atlantis}}\n") == (
        'c.yaml:1:28: websocket.quirks.zone: expected an IANA time zone such as "Europe/Berlin", got "Europe/Atlantis"'
    )
