"""Close frames as the shipped server writes them: gorilla/websocket's codes and words (rows A17, C6, C7, C10)."""

import re

from websockets.exceptions import PayloadTooBig
from websockets.server import ServerProtocol

from pvws.server.handshake import RememberingProtocol
from pvws.wire.frames import close_frame
from pvws.wire.profiles import Quirks

__all__ = ["farewell"]

_NO_STATUS = 1005  # RFC 6455, section 7.4.1: stands for a close frame without a code
_PROTOCOL_ERROR = 1002
_TOO_BIG = 1009
_BAD_GATEWAY = 1014

# What the library says of a broken frame, and what gorilla/websocket 1.5.3 says of it.
_WORDS = {
    "incorrect masking": "bad MASK",
    "reserved bits must be 0": "RSV1 set",
    "invalid opcode": "bad opcode {opcode}",
    "fragmented control frame": "FIN not set on control",
    "control frame too long": "len > 125 for control",
    "unexpected continuation frame": "continuation after FIN",
    "expected a continuation frame": "data before FIN",
    "invalid status code": "bad close code {code}",
}


def farewell(frame: bytes, protocol: ServerProtocol, quirks: Quirks) -> bytes:
    """The close frame to send instead of `frame`, which the library has made."""
    error = protocol.parser_exc
    if error is None:
        if protocol.close_rcvd is None:
            return frame
        if protocol.close_rcvd.code == _BAD_GATEWAY and quirks.go_close_reasons:  # registered after gorilla was written
            return close_frame(_PROTOCOL_ERROR, f"bad close code {_BAD_GATEWAY}")
        if not quirks.empty_close_reason:
            return frame
        return close_frame(None if protocol.close_rcvd.code == _NO_STATUS else protocol.close_rcvd.code)
    if isinstance(error, PayloadTooBig):
        return frame if quirks.read_limit is None else close_frame(_TOO_BIG)
    if not quirks.go_close_reasons:
        return frame
    if isinstance(error, UnicodeDecodeError):
        return close_frame(_PROTOCOL_ERROR, "invalid utf8 payload in close frame")
    if str(error) == "close frame too short":
        return close_frame()  # a payload of one byte counts as none
    words = _WORDS.get(str(error))
    if words is None:
        return frame
    refused = protocol.refused_close if isinstance(protocol, RememberingProtocol) else b""
    opcode = re.match(r"\d*", str(error.__cause__ or ""))
    assert opcode is not None, "the pattern takes any text"
    return close_frame(_PROTOCOL_ERROR, words.format(opcode=opcode[0], code=int.from_bytes(refused[:2], "big")))
