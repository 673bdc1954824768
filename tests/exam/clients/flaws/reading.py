"""Flaws in how a client reads what comes."""

import json
import re
import time

from reference import Client
from rfc6455 import TEXT, WebSocket

from flaws import crash

_MISTAKES = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


class _Trusting(Client):
    """Looks at each message with `expect`, which is a crash where it is disappointed."""

    def expect(self, said: dict[str, object]) -> None:
        """Use a message."""

    def take(self, said: dict[str, object]) -> None:
        try:
            self.expect(said)
        except _MISTAKES as mistake:
            crash(repr(mistake))
        super().take(said)


class CrashesOnUnknownType(_Trusting):
    """Knows all types that there are, and takes any other for the end of the world."""

    known = re.compile(
        r"file_(uploaded|deleted|updated|replicated)|peer_(connected|disconnected|health_changed)"
        r"|(network|storage|performance)_(metrics|alert)|system_metrics|security_alert|network_topology_changed"
        r"|pong|error|broadcast"
    )

    def expect(self, said: dict[str, object]) -> None:
        kind = said.get("type")
        if isinstance(kind, str) and not self.known.fullmatch(kind):
            raise ValueError(kind)


class KnowsHalfTheTypes(_Trusting):
    """Has read the examples of the documentation, and not the list of types below them."""

    def expect(self, said: dict[str, object]) -> None:
        if said.get("type") in ("file_updated", "file_replicated"):
            raise ValueError(said["type"])


class CrashesOnUnknownTopic(_Trusting):
    """Has a list for each topic, and none for any other."""

    def expect(self, said: dict[str, object]) -> None:
        if isinstance(said.get("topic"), str):
            self.topics.index(str(said["topic"]))


class CrashesOnUnknownError(_Trusting):
    """Has a sentence for each documented error, and none for any other."""

    def expect(self, said: dict[str, object]) -> None:
        if said.get("type") == "error":
            code = said["data"]["code"]
            ("CONNECTION_REFUSED", "AUTH_FAILED", "INVALID_MESSAGE", "RATE_LIMIT_EXCEEDED").index(code)


class CrashesOnUnknownField(_Trusting):
    """Reads what it is told into a class that has just the documented fields."""

    def expect(self, said: dict[str, object]) -> None:
        unknown = said.keys() - {"type", "topic", "data", "timestamp", "clientId"}
        if unknown and said.get("type") == "file_uploaded":
            raise TypeError(f"unexpected arguments {sorted(unknown)}")


class CrashesOnMissingField(_Trusting):
    """Reads fields without a look whether they are there."""

    def expect(self, said: dict[str, object]) -> None:
        data = said.get("data")
        if said.get("type") == "file_uploaded" and isinstance(data, dict):
            _ = data["key"]


class CrashesOnWrongType(_Trusting):
    """Reckons with a size without a look whether it is a number."""

    def expect(self, said: dict[str, object]) -> None:
        data = said.get("data")
        if said.get("type") == "file_uploaded" and isinstance(data, dict):
            _ = data.get("size", 0) + 0, data.get("key", "").lower()


class CrashesOnOtherTimes(_Trusting):
    """Reads times by a pattern: three decimals and a Z."""

    pattern = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

    def expect(self, said: dict[str, object]) -> None:
        said_at = said.get("timestamp")
        if isinstance(said_at, str) and said_at[:2] == "20" and not self.pattern.fullmatch(said_at):
            raise ValueError(said_at)


class CrashesOnDisorder(_Trusting):
    """Takes it for granted that no event is older than it could be if all clocks were right."""

    def expect(self, said: dict[str, object]) -> None:
        said_at = said.get("timestamp")
        if isinstance(said_at, str) and said_at.startswith("19"):
            raise ValueError(said_at)


class CrashesOnUnicode(_Trusting):
    """Keeps texts where a character has two bytes, and has none for the rest."""

    def expect(self, said: dict[str, object]) -> None:
        if max(json.dumps(said, ensure_ascii=False)) > "\uffff":
            raise ValueError("a character beyond U+FFFF")


class CrashesOnHostileValues(_Trusting):
    """Rounds numbers that have no whole part."""

    def expect(self, said: dict[str, object]) -> None:
        self.look(said)

    def look(self, value: object) -> None:
        """At every number in it."""
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                self.look(each)
        elif isinstance(value, float):
            int(value)


class CrashesOnJoined(Client):
    """Takes a message for one JSON text, though the shipped server joins several by newlines."""

    def texts(self, message: str | bytes) -> list[str]:
        texts = super().texts(message)
        if len(texts) > 1 and isinstance(message, str):
            crash("extra data behind a JSON text")
        return texts


class CrashesOnInvalidJson(Client):
    """Expects that every text can be parsed, and looks at nothing but texts."""

    def texts(self, message: str | bytes) -> list[str]:
        return super().texts(message) if isinstance(message, str) else []

    def parse(self, text: str) -> dict[str, object] | None:
        try:
            return super().parse(text)
        except json.JSONDecodeError as error:
            crash(error)


class CrashesOnDeepJson(Client):
    """Parses to any depth, until there is no room for more."""

    def parse(self, text: str) -> dict[str, object] | None:
        try:
            return super().parse(text)
        except RecursionError as error:
            crash(error)


class CrashesOnNoObject(Client):
    """Expects an object in every text."""

    def parse(self, text: str) -> dict[str, object] | None:
        try:
            return super().parse(text)
        except TypeError as error:
            crash(error)


class CrashesOnEmpty(Client):
    """Expects a text in every message."""

    def texts(self, message: str | bytes) -> list[str]:
        if not message:
            crash("an empty message")
        return super().texts(message)


class CrashesOnBinary(Client):
    """Expects that every message is a text."""

    def texts(self, message: str | bytes) -> list[str]:
        if isinstance(message, bytes):
            crash("a message that is no text")
        return super().texts(message)


class _Frames(WebSocket):
    def put_together(self, final: bool, opcode: int, payload: bytes) -> str | bytes | None:
        if not final:
            crash("half a message")
        return super().put_together(final, opcode, payload)


class TakesFramesForMessages(Client):
    """Takes each frame for a message, and dies of the first that is only a part of one."""

    socket_type = _Frames


class _Small(WebSocket):
    def decode(self, text: bytes) -> str:
        if len(text) > 1 << 19:
            self.fail(1009, "a message that is too large for me")
        return super().decode(text)


class SmallBuffer(Client):
    """Has room for 512 KiB, where messages of the API may have 1 MiB."""

    socket_type = _Small


class _Limited(WebSocket):
    def decode(self, text: bytes) -> str:
        if len(text) > 2 << 20:
            crash("out of memory")
        return super().decode(text)


class CrashesOnOversized(Client):
    """Has room for what the API may send, and none for more."""

    socket_type = _Limited


class _AnyBytes(WebSocket):
    def decode(self, text: bytes) -> str:
        return text.decode(errors="replace")


class TakesAnyBytesForText(Client):
    """Makes something of a text that is no UTF-8, where it is to close with 1007."""

    socket_type = _AnyBytes


class _AnyFrames(WebSocket):
    def _check_frame(self, first: int, second: int, size: int) -> None:
        if first & 0x0F == TEXT:
            self._fragments, self._opcode = [], 0


class TakesAnyFrames(Client):
    """Goes on where frames break the protocol, where it is to close with 1002."""

    socket_type = _AnyFrames


class _Hurried(WebSocket):
    def receive(self, until: float) -> str | bytes | None:
        message = super().receive(until)
        if message is None and self._buffer:
            crash("half a message, and nothing behind it")
        return message


class Impatient(Client):
    """Wants a message whole at once, or not at all."""

    socket_type = _Hurried
    idle = 0.2  # of the half second that a message takes over the narrow line


class SlowReader(Client):
    """Takes its time with each message, and falls behind for ever."""

    def take(self, said: dict[str, object]) -> None:
        time.sleep(0.05)
        super().take(said)
