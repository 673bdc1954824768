"""Close frames as the shipped server writes them: gorilla/websocket's codes and words (rows A17, C6, C7, C10)."""

import re

from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Close

from pvws.wire.frames import close_frame
from pvws.wire.profiles import Quirks

__all__ = ["farewell"]

_NO_STATUS = 1005  # RFC 6455, section 7.4.1: stands for a close frame without a code
_PROTOCOL_ERROR = 1002

# What the library says of a broken frame, and what gorilla/websocket 1.5.3 says of it.
_WORDS = (
    (r"incorrect masking", "bad MASK"),
    (r"reserved bits must be 0", "RSV1 set"),
    (r"invalid opcode: 0x0?(?P<opcode>[0-9a-f]+)", "bad opcode {opcode}"),
    (r"invalid opcode", "bad opcode"),
    (r"fragmented control frame", "FIN not set on control"),
    (r"control frame too long", "len > 125 for control"),
    (r"unexpected continuation frame", "continuation after FIN"),
    (r"expected a continuation frame", "data before FIN"),
    (r"invalid status code: (?P<code>\d+)", "bad close code {code}"),
)


def farewell(frame: bytes, received: Close | None, error: Exception | None, quirks: Quirks) -> bytes:
    """The close frame to send instead of `frame`, which the library has made.

    `received` is what the client's own said, and `error` why the library has failed the connection, if it has.
    """
    if error is None:
        if received is None or not quirks.empty_close_reason:
            return frame
        return close_frame(None if received.code == _NO_STATUS else received.code)
    if isinstance(error, PayloadTooBig):
        return frame if quirks.read_limit is None else close_frame(1009)
    if not quirks.go_close_reasons:
        return frame
    if isinstance(error, UnicodeDecodeError):
        return close_frame(_PROTOCOL_ERROR, "invalid utf8 payload in close frame")
    text = str(error)
    if isinstance(error, ProtocolError) and "too short" in text:
        return close_frame()  # a payload of one byte counts as none
    for pattern, words in _WORDS:
        if match := re.search(pattern, text):
            return close_frame(_PROTOCOL_ERROR, words.format(**_decimal(match.groupdict())))
    return frame


def _decimal(found: dict[str, str]) -> dict[str, str]:
    return {name: str(int(value, 16)) if name == "opcode" else value for name, value in found.items()}
