"""What a server can be told: every key of the contract's "Configuration", with its default.

Times are in microseconds here, as `30s` is read; sizes in bytes.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from pvws.limits import BACKLOG_BYTES_MAX, BACKLOG_MESSAGES_MAX, MESSAGE_BYTES_MAX
from pvws.notation.document import Node
from pvws.notation.forms import Builder
from pvws.notation.quantities import Period
from pvws.notation.reader import INVALID, Form, Reader, nearest
from pvws.session.access import Grant, Token
from pvws.timestamp import Timestamp
from pvws.wire.profiles import DOCUMENTED, PROFILES, ProfileName, Quirks
from pvws.wire.topics import TOPICS, Topic

__all__ = [
    "Auth",
    "Bound",
    "Compression",
    "Configuration",
    "Control",
    "Cors",
    "Count",
    "Limits",
    "NamedQuirks",
    "Settings",
    "SlowConsumer",
    "Timeouts",
    "Tls",
    "Tokens",
]

_SECOND = 1_000_000

Count: TypeAlias = Annotated[int, Meta(ge=1, le=2**31)]
"""A whole number, at least 1."""


def _bound(reader: Reader, node: Node, path: str) -> Any:
    if node.value is None or node.value == "none":
        return None
    if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value >= 1:
        return node.value
    return reader.problem(node, path, "a whole number from 1 on, or none")


Bound: TypeAlias = Annotated[
    int | None, Form(_bound, schema={"anyOf": [{"type": "integer", "minimum": 1}, {"const": "none"}, {"type": "null"}]})
]
"""A `Count`, or None, written as `none`, for no bound."""


class _TokenKeys(Struct, frozen=True):
    """A token, with the topics that it permits and when it expires, as RFC 3339 writes it."""

    token: str
    topics: tuple[str, ...] = TOPICS
    expires: str | None = None


def _tokens(reader: Reader, node: Node, path: str) -> Any:
    if not isinstance(node.value, list):
        return reader.problem(node, path, "a list of tokens", "something else")
    tokens = [_token(reader, each, f"{path}[{place}]") for place, each in enumerate(node.value)]
    return INVALID if any(token is INVALID for token in tokens) else tuple(tokens)


def _token(reader: Reader, node: Node, path: str) -> Any:
    """A token: a text alone, or a mapping. Problems never quote what may be a secret."""
    if not isinstance(node.value, dict):
        usable = _is_text(node)
        return Token(node.source) if usable else reader.problem(node, path, "a text or a mapping", "something else")
    if "token" in node.value and not _is_text(node.value["token"]):
        return reader.problem(node.value["token"], f"{path}.token", "a text", "something else")
    keys = reader.struct(node, _TokenKeys, path)
    if keys is INVALID:
        return INVALID
    unknown = [topic for topic in keys.topics if topic not in TOPICS]
    if unknown:
        hint = nearest(unknown[0], TOPICS)
        return reader.problem(
            node.value["topics"], f"{path}.topics", f"some of {', '.join(TOPICS)}", f'"{unknown[0]}"', hint
        )
    expires = None
    if keys.expires is not None:
        try:
            expires = Timestamp.parse(keys.expires).micros
        except ValueError as error:
            written = node.value["expires"]
            return reader.problem(written, f"{path}.expires", str(error), written.describe())
    return Token(keys.token, Grant(frozenset(Topic(topic) for topic in keys.topics), expires))


def _is_text(node: Node) -> bool:
    """Whether a scalar can be a token: digits alone are one as they were written."""
    return isinstance(node.value, str | int | float) and not isinstance(node.value, bool) and node.source != ""


def _tokens_schema(builder: Builder) -> dict[str, Any]:
    scalar = {"type": ["string", "number"]}
    mapping = builder.struct(_TokenKeys)
    mapping["properties"]["topics"]["items"] = {"enum": list(TOPICS)}
    return {"type": "array", "items": {"anyOf": [scalar, mapping]}}


Tokens: TypeAlias = Annotated[tuple[Token, ...], Form(_tokens, schema=_tokens_schema)]
"""Tokens: `[T, {token: T, topics: [alerts], expires: 2026-12-31T00:00:00Z}]`."""


class Cors(Struct, frozen=True):
    """Which origins may connect from a browser: `*`, or exact ones. Not `enabled`: only the server's own."""

    enabled: bool = True
    origins: tuple[str, ...] = ("*",)


class Timeouts(Struct, frozen=True):
    """How long each thing may take."""

    read: Period = 30 * _SECOND
    write: Period = 30 * _SECOND
    ping_period: Period = 54 * _SECOND
    pong_wait: Period = 60 * _SECOND
    close: Period = 5 * _SECOND


class Limits(Struct, frozen=True):
    """How much a client may; None is no limit."""

    max_connections: Bound = 1000
    max_message_size: Count = MESSAGE_BYTES_MAX
    messages_per_second: Bound = 100
    retry_after: Period = 60 * _SECOND
    connections_per_address: Bound = None


class Auth(Struct, frozen=True):
    """Who may connect. No tokens: everyone. `tokens_file` has more of them, one a line."""

    tokens: Tokens = ()
    tokens_file: str | None = None
    reject: Literal["message", "handshake"] = "message"
    timeout: Period = 10 * _SECOND


class Tls(Struct, frozen=True):
    """The files of a certificate chain and its key, in PEM."""

    certificate: str
    key: str


def _secret(reader: Reader, node: Node, path: str) -> Any:
    text = node.source if _is_text(node) else ""
    if text and text.isascii() and text.isprintable() and " " not in text:
        return text
    # Anything else can't be presented in a header (RFC 6750, section 2.1).
    return reader.problem(node, path, "a text of visible ASCII characters", "something else")


class Control(Struct, frozen=True):
    """Where the control plane listens; without a port, on the WebSocket's plus one.

    Beyond this machine it needs a `token`, which then every call must present; `hosts` are further names by which it
    is called.
    """

    enabled: bool = True
    host: str = "localhost"
    port: Annotated[int, Meta(ge=0, le=65_535)] | None = None
    token: Annotated[str, Form(_secret, schema={"type": ["string", "number"]})] | None = None
    hosts: tuple[str, ...] = ()


class SlowConsumer(Struct, frozen=True):
    """What a client may be behind, and what happens to one that is further."""

    policy: Literal["disconnect", "drop_oldest"] = "disconnect"
    max_bytes: Count = BACKLOG_BYTES_MAX
    max_messages: Count = BACKLOG_MESSAGES_MAX


class Compression(Struct, frozen=True):
    """permessage-deflate for clients that offer it; messages under `threshold` bytes go as they are."""

    enabled: bool = True
    threshold: Annotated[int, Meta(ge=0, le=2**31)] = 256


class Settings(Struct, frozen=True):
    """Everything about a server but where it listens. `quirks` are those of its profile, as switched."""

    cors: Cors = Cors()
    timeouts: Timeouts = Timeouts()
    limits: Limits = Limits()
    auth: Auth = Auth()
    tls: Tls | None = None
    slow_consumer: SlowConsumer = SlowConsumer()
    compression: Compression = Compression()
    quirks: Quirks = DOCUMENTED

    @property
    def backlog(self) -> SlowConsumer:
        """What a client may be behind, under the quirks."""
        queue = self.quirks.queue
        return self.slow_consumer if queue is None else SlowConsumer(max_messages=queue, max_bytes=2**31)

    @property
    def write_timeout(self) -> int:
        """Microseconds in which a client must take something, under the quirks."""
        return self.timeouts.write if self.quirks.stalled_cut is None else self.quirks.stalled_cut

    @property
    def message_size(self) -> int:
        """Bytes that a message may have, under the quirks."""
        return self.limits.max_message_size if self.quirks.read_limit is None else self.quirks.read_limit


def _named(reader: Reader, node: Node, path: str) -> Any:
    quirks = reader.read(node, Quirks, path)
    if quirks is INVALID:
        return INVALID
    assert isinstance(node.value, dict), "it was read from a mapping"
    return {name: getattr(quirks, name) for name in node.value if name in Quirks.__struct_fields__}


NamedQuirks: TypeAlias = Annotated[dict[str, Any], Form(_named, schema=lambda builder: builder.struct(Quirks))]
"""Quirks that are switched by themselves, by name."""


class Configuration(Struct, frozen=True):
    """The keys under `websocket:`, as they are read from a file, the environment and flags."""

    host: str = "localhost"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8083
    cors: Cors = Cors()
    timeouts: Timeouts = Timeouts()
    limits: Limits = Limits()
    auth: Auth = Auth()
    tls: Tls | None = None
    slow_consumer: SlowConsumer = SlowConsumer()
    compression: Compression = Compression()
    control: Control = Control()
    profile: ProfileName = "documented"
    quirks: NamedQuirks = msgspec.field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """What the server needs of it."""
        return Settings(
            cors=self.cors,
            timeouts=self.timeouts,
            limits=self.limits,
            auth=self.auth,
            tls=self.tls,
            slow_consumer=self.slow_consumer,
            compression=self.compression,
            quirks=msgspec.structs.replace(PROFILES[self.profile], **self.quirks),
        )
