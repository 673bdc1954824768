"""The server that is judged: where it is, what it is said to be, and what may be done to it."""

import ssl

from msgspec import Struct
from websockets.uri import parse_uri

from pvws.wire.profiles import ProfileName

__all__ = ["Target"]


class Target(Struct, frozen=True):
    """A server under judgement. Times are in seconds, the contract's by default.

    A server that asks for tokens needs `token`; `bad_token` is one that it must refuse. `refused_origin` is one
    that it is configured not to let in. `connections` is how many it is configured to take.
    """

    url: str
    profile: ProfileName = "documented"
    token: str | None = None
    bad_token: str | None = None
    refused_origin: str | None = None
    tls: ssl.SSLContext | None = None
    quick: bool = False
    connections: int = 1000
    ping_period: float = 54.0
    pong_wait: float = 60.0
    read_timeout: float = 30.0
    auth_timeout: float = 10.0
    patience: float = 5.0
    """How long a due answer is waited for: a busy machine must not look like a broken server."""
    window: float = 2.0
    """How long events are waited for: a server that plays nothing sends none."""

    @property
    def standstill_max(self) -> float:
        """For how long this machine may stand still without a rule being judged unfairly, in seconds.

        A quarter of the shortest time that a rule is about; that of the rate limit is a second.
        """
        answering = max(self.pong_wait - self.ping_period, 0.1)
        return min(1.0, self.read_timeout, self.auth_timeout, answering) / 4

    @property
    def host(self) -> str:
        """The host, without brackets."""
        return parse_uri(self.url).host

    @property
    def port(self) -> int:
        """The port, also where the URL leaves it out."""
        return parse_uri(self.url).port

    @property
    def authority(self) -> str:
        """What the `Host` header says (RFC 6455, section 4.1)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        secure = self.url.lower().startswith("wss:")
        return host if self.port == (443 if secure else 80) else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        """The path of the WebSocket endpoint, which the HTTP endpoints lie below."""
        return parse_uri(self.url).path or "/"

    @property
    def websocket(self) -> str:
        """What a handshake asks for: the path, and the URL's query if it has one."""
        return parse_uri(self.url).resource_name

    def below(self, name: str) -> str:
        """The path of an HTTP endpoint."""
        return f"{self.path.rstrip('/')}/{name}"

    def with_query(self, field: str) -> str:
        """What a handshake asks for with one more field in the query."""
        return f"{self.websocket}{'&' if '?' in self.websocket else '?'}{field}"

    def without_secrets(self, text: str) -> str:
        """The text with `…` in the place of every token."""
        for secret in (self.token, self.bad_token):
            if secret:
                text = text.replace(secret, "…")
        return text
