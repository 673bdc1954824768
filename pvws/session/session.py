"""One client's rules: what to do about each message it sends (contract, "Client messages")."""

from typing import TypeAlias, assert_never

from msgspec import Struct

from pvws.errors import MessageError
from pvws.timestamp import Timestamp
from pvws.wire.codec import decode_client_message, encode_server_message
from pvws.wire.messages import Auth, ErrorCode, ErrorMessage, Ping, Pong, ServerMessage, Subscribe, Unsubscribe
from pvws.wire.topics import Topic

__all__ = ["Action", "ChangeTopics", "Reply", "Session"]


class ChangeTopics(Struct, frozen=True):
    """The client is to get every event of these topics from now on, and of no others."""

    topics: frozenset[Topic]


class Reply(Struct, frozen=True):
    """The client is to get this text, after every event that came before."""

    text: bytes


Action: TypeAlias = ChangeTopics | Reply
"""What a session wants done."""


class Session:
    """The state of one client, without I/O: it takes a message and the time, and says what to do.

    `client_id` is 32 lower-case hex digits; what is sent to this client alone carries it.
    """

    __slots__ = ("client_id", "topics")

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.topics: frozenset[Topic] = frozenset()

    def receive(self, text: str | bytes, now: Timestamp) -> list[Action]:
        """What to do about a complete data message, in order. Never raises: a bad message is answered."""
        try:
            message = decode_client_message(text)
        except MessageError as error:
            code = ErrorCode.INVALID_MESSAGE
            return [self._reply(ErrorMessage.of(code, str(error), now, client_id=self.client_id))]
        match message:
            case Subscribe():
                return self._change(self.topics | {message.topic})
            case Unsubscribe():
                return self._change(self.topics - {message.topic})
            case Ping():
                return [self._reply(Pong(now, self.client_id))]
            case Auth():
                # No tokens are configured, so everyone may do everything and a token is ignored.
                return []
            case _:
                assert_never(message)

    def _change(self, topics: frozenset[Topic]) -> list[Action]:
        if topics == self.topics:
            return []
        self.topics = topics
        return [ChangeTopics(topics)]

    def _reply(self, message: ServerMessage) -> Reply:
        return Reply(encode_server_message(message))
