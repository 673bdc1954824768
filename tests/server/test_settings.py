import msgspec
import pytest

from pvws.limits import BACKLOG_BYTES_MAX, BACKLOG_MESSAGES_MAX, MESSAGE_BYTES_MAX
from pvws.notation.document import parse
from pvws.notation.reader import INVALID, Reader
from pvws.server.settings import (
    Auth,
    Bound,
    Compression,
    Configuration,
    Cors,
    Limits,
    Settings,
    SlowConsumer,
    Timeouts,
    Tls,
    Tokens,
)
from pvws.session.access import Grant, Token
from pvws.wire.profiles import DOCUMENTED, UPSTREAM
from pvws.wire.topics import Topic

SECOND = 1_000_000


def read(text: str, kind: object) -> tuple[object, list[str]]:
    """A value of a type of the settings, and the problems with it."""
    reader = Reader("f.yaml")
    value = reader.read(parse(text, "f.yaml"), kind, "key")
    return value, [str(problem) for problem in reader.problems]


def test_the_defaults_are_those_of_the_documentation_and_the_contract() -> None:
    default = Configuration()
    assert (default.host, default.port, default.profile, default.tls) == ("localhost", 8083, "documented", None)
    assert default.cors == Cors(enabled=True, origins=("*",))
    assert default.timeouts == Timeouts(
        read=30 * SECOND, write=30 * SECOND, ping_period=54 * SECOND, pong_wait=60 * SECOND, close=5 * SECOND
    )
    assert default.limits == Limits(
        max_connections=1000,
        max_message_size=MESSAGE_BYTES_MAX,
        messages_per_second=100,
        retry_after=60 * SECOND,
        connections_per_address=None,
    )
    assert default.auth == Auth(tokens=(), tokens_file=None, reject="message", timeout=10 * SECOND)
    assert default.slow_consumer == SlowConsumer("disconnect", BACKLOG_BYTES_MAX, BACKLOG_MESSAGES_MAX)
    assert default.compression == Compression(enabled=True, threshold=256)
    assert default.settings == Settings()


def test_settings_are_a_configuration_without_its_address() -> None:
    parts = {
        "cors": Cors(enabled=False),
        "timeouts": Timeouts(read=1),
        "limits": Limits(max_connections=3),
        "auth": Auth(tokens=(Token("t"),)),
        "tls": Tls("c", "k"),
        "slow_consumer": SlowConsumer("drop_oldest"),
        "compression": Compression(enabled=False),
    }
    assert Configuration("h", 1, **parts).settings == Settings(**parts)  # type: ignore[arg-type]
    assert {*parts, "quirks"} == {field.name for field in msgspec.structs.fields(Settings)}, "all of them are tried"


def test_quirks_are_those_of_the_profile_as_switched() -> None:
    assert Configuration().settings.quirks == DOCUMENTED
    assert Configuration(profile="upstream").settings.quirks == UPSTREAM
    switched = Configuration(profile="upstream", quirks={"coalesce": False}).settings.quirks
    assert switched == msgspec.structs.replace(UPSTREAM, coalesce=False)
    alone = Configuration(quirks={"read_limit": 512}).settings.quirks
    assert alone == msgspec.structs.replace(DOCUMENTED, read_limit=512)


@pytest.mark.parametrize(("text", "bound"), [("1", 1), ("1000", 1000), ("none", None), ("null", None)])
def test_a_bound_is_a_number_or_none(text: str, bound: int | None) -> None:
    assert read(text, Bound) == (bound, [])


@pytest.mark.parametrize("text", ["0", "-1", "on", "1.5", "'1'", "[]"])
def test_what_is_no_bound_is_told(text: str) -> None:
    value, (problem,) = read(text, Bound)
    assert value is INVALID
    assert problem.startswith("f.yaml:1:1: key: expected a whole number from 1 on, or none, got ")


def test_tokens_are_texts_or_mappings_with_topics_and_an_instant() -> None:
    text = """
- plain
- 0123
- 4711
- {token: only alerts, topics: [alerts]}
- {token: until, expires: 1970-01-01T00:00:05+00:00}
- {token: 8}
"""
    assert read(text, Tokens) == (
        (
            Token("plain"),
            Token("0123"),
            Token("4711"),
            Token("only alerts", Grant(frozenset({Topic.ALERTS}))),
            Token("until", Grant(expires=5_000_000)),
            Token("8"),
        ),
        [],
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hunter2", "f.yaml:1:1: key: expected a list of tokens, got something else"),
        ("[[hunter2]]", "f.yaml:1:2: key[0]: expected a text or a mapping, got something else"),
        ("[on]", "f.yaml:1:2: key[0]: expected a text or a mapping, got something else"),
        ("['']", "f.yaml:1:2: key[0]: expected a text or a mapping, got something else"),
        ("[{token: ''}]", "f.yaml:1:10: key[0].token: expected a text, got something else"),
        ("[{token: [hunter2]}]", "f.yaml:1:10: key[0].token: expected a text, got something else"),
        ("[{topics: [alerts]}]", "f.yaml:1:2: key[0].token: expected a value, got nothing"),
        (
            "[{token: hunter2, topics: [alert]}]",
            "f.yaml:1:27: key[0].topics: expected some of file_operations, peer_network, system, alerts, "
            'got "alert" (did you mean "alerts"?)',
        ),
        (
            "[{token: hunter2, expires: soon}]",
            'f.yaml:1:28: key[0].expires: expected an RFC 3339 time such as 2024-01-01T00:00:00.000Z, got "soon"',
        ),
    ],
)
def test_a_wrong_token_is_told_without_being_shown(text: str, said: str) -> None:
    assert read(text, Tokens) == (INVALID, [said])


def test_no_settings_show_a_token() -> None:
    configuration = Configuration(auth=Auth(tokens=(Token("hunter2"),), tokens_file="tokens.txt"))
    assert "hunter2" not in repr(configuration) + str(configuration) + repr(configuration.settings)
    assert "tokens.txt" in repr(configuration)
