"""What is there at a point of a recording: peers that are up and files that are present, for who joins late."""

from collections.abc import Sequence
from typing import Any

import msgspec

__all__ = ["Presence"]

_decode = msgspec.json.Decoder().decode
_BROADCAST = "broadcast"


class Presence:
    """Folds messages into what they say is there, and keeps the texts that said so.

    For a peer that is its `peer_connected`, for a file its `file_uploaded` and the last `file_updated`. What came
    before the recording, and was never told in it, is not known. The shipped server's broadcasts say no type; there
    the fields of the data tell.
    """

    def __init__(self) -> None:
        self._peers: dict[str, bytes] = {}
        self._files: dict[str, tuple[bytes, bytes | None]] = {}

    def saw(self, text: bytes) -> None:
        """A message was given out: an event, or several joined by newlines. Anything else changes nothing."""
        try:
            message = _decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            if b"\n" in text:
                for line in text.split(b"\n"):
                    self.saw(line)
            return
        if isinstance(message, dict) and isinstance(data := message.get("data"), dict):
            match message.get("topic"):
                case "peer_network":
                    self._peer(message.get("type"), data, text)
                case "file_operations":
                    self._file(message.get("type"), data, text)
                case _:
                    pass

    def texts(self, topic: str) -> Sequence[bytes]:
        """The messages that tell a new subscriber of a topic what is there, in the order in which it came to be."""
        if topic == "peer_network":
            return tuple(self._peers.values())
        if topic == "file_operations":
            return tuple(text for texts in self._files.values() for text in texts if text is not None)
        return ()

    def _peer(self, kind: Any, data: dict[str, Any], text: bytes) -> None:
        peer = data.get("id")
        if not isinstance(peer, str):
            return
        if kind == "peer_connected" or (kind == _BROADCAST and "address" in data):
            self._peers.pop(peer, None)
            self._peers[peer] = text
        elif kind == "peer_disconnected" or (kind == _BROADCAST and "reason" in data):
            self._peers.pop(peer, None)

    def _file(self, kind: Any, data: dict[str, Any], text: bytes) -> None:
        key = data.get("key")
        if not isinstance(key, str):
            return
        fields = data.keys() - {"timestamp"} if kind == _BROADCAST else frozenset[str]()
        if kind == "file_uploaded" or fields == {"key", "size", "node"}:
            self._files[key] = text, None
        elif kind == "file_deleted" or fields == {"key", "node"}:
            self._files.pop(key, None)
        elif (kind == "file_updated" or {"key", "checksum"} <= fields) and key in self._files:
            self._files[key] = self._files[key][0], text
