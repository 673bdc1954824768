"""One client's rules: what to do about each message it sends (contract, "Client messages", "Authentication")."""

from enum import Enum
from typing import TypeAlias, assert_never

from msgspec import Struct

from pvws.errors import MessageError
from pvws.session.access import Access, Grant
from pvws.session.rate import RateLimit
from pvws.timestamp import Timestamp
from pvws.wire.client_reader import ClientReader
from pvws.wire.messages import (
    Auth,
    ClientMessage,
    ErrorCode,
    ErrorMessage,
    Ping,
    Pong,
    Subscribe,
    Unsubscribe,
)
from pvws.wire.profiles import DOCUMENTED, Quirks
from pvws.wire.topics import TOPICS
from pvws.wire.upstream import upstream_reply

__all__ = [
    "Action",
    "ChangeTopics",
    "Close",
    "Moment",
    "Phase",
    "Reply",
    "Rules",
    "Session",
    "WakeUp",
]

_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1; the contract's code for authentication that failed


_TYPES: dict[type[ClientMessage], str] = {
    Subscribe: "subscribe",
    Unsubscribe: "unsubscribe",
    Auth: "auth",
    Ping: "ping",
}


class Moment(Struct, frozen=True, gc=False):
    """Now, three times: stage time for what is written on the wire, `real` seconds that are never set back for
    limits, and `wall`, microseconds since the epoch, for tokens that expire.
    """

    stage: Timestamp
    real: float
    wall: int


class ChangeTopics(Struct, frozen=True):
    """The client is to get every event of these topics from now on, and of no others."""

    topics: frozenset[str]


class Reply(Struct, frozen=True):
    """The client is to get this, after every event that came before: a text, or `binary`.

    `error` is its code, if it is an error message, and `why` its detail without anything that the client has said:
    that may be a token, and is not for logs. `retry_after` is what it asks for, in seconds.
    """

    payload: bytes
    error: ErrorCode | None = None
    binary: bool = False
    why: str = ""
    retry_after: int | None = None


class Close(Struct, frozen=True):
    """The connection is to be closed with this code and reason, behind all that was sent."""

    code: int
    reason: str


class WakeUp(Struct, frozen=True):
    """`Session.wake` is to be called in so many seconds of real time, instead of when was said before; None: never."""

    after: float | None


Action: TypeAlias = ChangeTopics | Reply | Close | WakeUp
"""What a session wants done."""


class Phase(Enum):
    """How far a client has come."""

    AUTHENTICATING = "authenticating"
    """Tokens are required and it has presented none: it may only send `auth`."""
    OPEN = "open"
    """It may do what its grant permits."""
    CLOSED = "closed"
    """It was told to go: nothing it sends is heard."""


class Rules(Struct, frozen=True):
    """What holds for every client of a server. Times in seconds; `messages_per_second` None is no limit."""

    access: Access = Access()
    auth_timeout: float = 10.0
    messages_per_second: int | None = 100
    penalty: float = 60.0
    quirks: Quirks = DOCUMENTED
    reader: ClientReader = ClientReader(DOCUMENTED)

    @classmethod
    def under(
        cls, quirks: Quirks, access: Access, auth_timeout: float, messages: int | None, penalty: float
    ) -> "Rules":
        """The rules of a server with these quirks, some of which switch others of them off."""
        return cls(
            access=access if quirks.authentication else Access(),
            auth_timeout=auth_timeout,
            messages_per_second=messages if quirks.rate_limit else None,
            penalty=penalty,
            quirks=quirks,
            reader=ClientReader(quirks),
        )


class Session:
    """The state of one client, without I/O: it takes a message and the time, and says what to do.

    `client_id` is 32 lower-case hex digits; what is sent to this client alone carries it. Order of calls: `begin`
    once, then `receive` for each message and `wake` when it has asked for it.
    """

    __slots__ = ("_grant", "_rate", "_replies", "_rules", "client_id", "heard", "phase", "topics")

    def __init__(self, client_id: str, rules: Rules) -> None:
        self.client_id = client_id
        self.topics: frozenset[str] = frozenset()
        self.heard = ""
        """The type of the message that was received last; empty when it was none of the API's."""
        self.phase = Phase.OPEN
        self._rules = rules
        self._grant = Grant()
        self._replies = 0
        limit = rules.messages_per_second
        self._rate = None if limit is None else RateLimit(limit, rules.penalty)

    def begin(self, presented: str | None, moment: Moment) -> list[Action]:
        """What to do after the handshake; `presented` is the token of its query or header, if it had one."""
        if not self._rules.access.required:
            return []
        if presented is not None:
            return self._judge(presented, moment)
        self.phase = Phase.AUTHENTICATING
        return [WakeUp(self._rules.auth_timeout)]

    def receive(self, text: str | bytes, moment: Moment) -> list[Action]:
        """What to do about a complete data message, in order. Never raises: a bad message is answered."""
        self.heard = ""
        if self.phase is Phase.CLOSED:
            return []
        if self._rate is not None and not self._rate.admit(moment.real):
            return self._discard(self._rate, moment)
        try:
            message = self._rules.reader.read(text)
        except MessageError as error:
            if self.phase is Phase.AUTHENTICATING:
                return self._refuse("expected an auth message first", moment)
            return [self._error(ErrorCode.INVALID_MESSAGE, str(error), moment)]
        if message is None:
            return []
        self.heard = _TYPES[type(message)]
        if self.phase is Phase.AUTHENTICATING and not isinstance(message, Auth):
            return self._refuse("expected an auth message first", moment)
        return self._act(message, moment)

    def wake(self, moment: Moment) -> list[Action]:
        """What to do when the time that `WakeUp` named has come."""
        match self.phase:
            case Phase.AUTHENTICATING:
                return self._refuse(f"no auth message came within {self._rules.auth_timeout:g} s", moment)
            case Phase.OPEN:
                return self._refuse("the token has expired", moment)
            case Phase.CLOSED:
                return []

    def revoke(self, moment: Moment) -> list[Action]:
        """What to do since what it may do was taken from it: as with a token that has expired."""
        return [] if self.phase is Phase.CLOSED else self._refuse("the token was revoked", moment)

    def penalise(self, moment: Moment, seconds: float) -> None:
        """Treat it for so many seconds as if it had exceeded the rate limit, though it has not."""
        if self._rate is None:
            self._rate = RateLimit(None, 0.0)
        self._rate.penalise(moment.real, seconds)

    def pardon(self) -> None:
        """End what `penalise` began."""
        if self._rate is not None:
            self._rate.pardon()

    def _act(self, message: ClientMessage, moment: Moment) -> list[Action]:
        match message:
            case Subscribe():
                if message.topic in self._grant.topics or not self._rules.access.required:
                    return self._change(self.topics | {message.topic})
                permitted = ", ".join(topic for topic in TOPICS if topic in self._grant.topics) or "no topic"
                detail = f'topic: expected one that the token permits ({permitted}); got "{message.topic}"'
                return [self._error(ErrorCode.AUTH_FAILED, detail, moment)]
            case Unsubscribe():
                return self._change(self.topics - {message.topic})
            case Ping():
                return [Reply(self._encoded(Pong(moment.stage, self.client_id)))]
            case Auth():
                return self._judge(message.token, moment) if self._rules.access.required else []
            case _:
                assert_never(message)

    def _judge(self, token: str, moment: Moment) -> list[Action]:
        grant = self._rules.access.judge(token, moment.wall)
        if grant is None:
            return self._refuse(None, moment)
        self._grant = grant
        self.phase = Phase.OPEN
        left = None if grant.expires is None else (grant.expires - moment.wall) / 1_000_000
        return [WakeUp(left), *self._change(self.topics & grant.topics)]

    def _refuse(self, detail: str | None, moment: Moment) -> list[Action]:
        self.phase = Phase.CLOSED
        return [self._error(ErrorCode.AUTH_FAILED, detail, moment), Close(_POLICY_VIOLATION, "authentication failed")]

    def _discard(self, rate: RateLimit, moment: Moment) -> list[Action]:
        left = rate.reminder(moment.real)
        return [] if left is None else [self._error(ErrorCode.RATE_LIMIT_EXCEEDED, None, moment, retry_after=left)]

    def _change(self, topics: frozenset[str]) -> list[Action]:
        if topics == self.topics:
            return []
        self.topics = topics
        return [ChangeTopics(topics)]

    def _error(self, code: ErrorCode, detail: str | None, moment: Moment, *, retry_after: int | None = None) -> Reply:
        error = ErrorMessage.of(code, detail, moment.stage, client_id=self.client_id, retry_after=retry_after)
        why = "" if detail is None else detail.partition("; got ")[0]
        return Reply(self._encoded(error), code, why=why, retry_after=retry_after)

    def _encoded(self, message: Pong | ErrorMessage) -> bytes:
        self._replies += 1
        return upstream_reply(message, self._replies, self._rules.quirks)
