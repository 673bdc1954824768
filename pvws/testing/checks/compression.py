"""Compression: permessage-deflate, if the server has it (RFC 7692)."""

import zlib

from pvws.testing.frames import client_frame
from pvws.testing.rule import Section
from pvws.testing.talk import Message, Talk
from pvws.testing.visit import Visit
from pvws.wire.frames import Opcode

__all__ = ["SECTION"]

SECTION = Section("compression", profile="documented")
"""`compression.…`"""

_LIFE = 'contract, "Connection life"'
_OFFER = "permessage-deflate; client_max_window_bits"
_TAIL = b"\x00\x00\xff\xff"  # what RFC 7692, section 7.2.1, takes off the end
_PING = b'{"type":"ping"}'


async def _agreed(visit: Visit, offer: str = _OFFER) -> tuple[Talk, dict[str, str]]:
    """A connection with compression, and the parameters that were agreed on."""
    talk = await visit.connect()
    answer = await talk.handshake(Sec_WebSocket_Extensions=offer)
    talk.opened(answer)
    extension = answer.header("Sec-WebSocket-Extensions")
    if extension is None:
        raise visit.unjudged("the server has no compression, or has it off")
    name, *parameters = (part.strip() for part in extension.split(";"))
    talk.expect(name == "permessage-deflate", "the extension permessage-deflate", answer)
    pairs = (parameter.partition("=") for parameter in parameters)
    return talk, {key.strip(): value.strip(' "') for key, _, value in pairs}


def _deflated(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return (deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_TAIL)


def _inflated(talk: Talk, message: Message) -> bytes:
    if not message.reserved:
        return message.payload
    try:
        return zlib.decompressobj(wbits=-15).decompress(message.payload + _TAIL)
    except zlib.error:
        raise talk.broken("a message that can be inflated by itself", message) from None


def _say(talk: Talk, data: bytes, what: str) -> None:
    talk.send(client_frame(Opcode.TEXT, _deflated(data), reserved=4), what)


@SECTION.rule("negotiation", _LIFE)
async def _negotiation(visit: Visit) -> None:
    """permessage-deflate with `server_no_context_takeover; client_no_context_takeover`."""
    talk, parameters = await _agreed(visit)
    wanted = {"server_no_context_takeover", "client_no_context_takeover"}
    talk.expect(wanted <= set(parameters), "both no_context_takeover parameters", "; ".join(parameters))


@SECTION.rule("window", _LIFE)
async def _window(visit: Visit) -> None:
    """The window is as the client asks (9 to 15)."""
    for bits in (9, 12, 15):
        talk, parameters = await _agreed(visit, f"permessage-deflate; server_max_window_bits={bits}")
        agreed = parameters.get("server_max_window_bits", "15")
        right = agreed.isdecimal() and 8 <= int(agreed) <= bits
        talk.expect(right, f"server_max_window_bits of at most {bits}", agreed)


@SECTION.rule("message", "RFC 7692, section 7.2.2")
async def _message(visit: Visit) -> None:
    """A compressed message is heard; so is one that isn't, on the same connection."""
    talk, _ = await _agreed(visit)
    for compressed in (True, False, True):
        if compressed:
            _say(talk, _PING, 'compressed text {"type":"ping"}')
        else:
            talk.say(_PING)
        message = await talk.message("a pong")
        talk.expect(b'"pong"' in _inflated(talk, message), "a pong", message)


@SECTION.rule("fragmented", "RFC 7692, section 6.1")
async def _fragmented(visit: Visit) -> None:
    """Only the first frame of a compressed message has RSV1 set."""
    talk, _ = await _agreed(visit)
    data = _deflated(_PING)
    frames = (
        client_frame(Opcode.TEXT, data[:5], final=False, reserved=4),
        client_frame(Opcode.CONTINUATION, data[5:]),
    )
    talk.send(b"".join(frames), 'compressed text {"type":"ping"} in 2 frames')
    message = await talk.message("a pong")
    talk.expect(b'"pong"' in _inflated(talk, message), "a pong", message)


@SECTION.rule("small-plain", _LIFE)
async def _small_plain(visit: Visit) -> None:
    """Messages under 256 bytes go uncompressed."""
    talk, _ = await _agreed(visit)
    talk.say(_PING)
    message = await talk.message("a pong")
    talk.expect(message.reserved == 0, "an uncompressed pong", f"{message} with RSV1 set")


@SECTION.rule("broken", "RFC 6455, section 7.1.7")
async def _broken(visit: Visit) -> None:
    """What can't be inflated fails the connection: close 1002 or 1007."""
    talk, _ = await _agreed(visit)
    talk.send(client_frame(Opcode.TEXT, b"\xff\xff\xff\xff", reserved=4), "compressed text that can't be inflated")
    await talk.close(1002, 1007)


@SECTION.rule("bomb", _LIFE)
async def _bomb(visit: Visit) -> None:
    """A message that is larger than 1 MiB once it is inflated: close 1009."""
    talk, _ = await _agreed(visit)
    _say(talk, b" " * 8_388_608 + _PING, "compressed text of 8 MiB in 8 KiB")
    await talk.close(1009)


@SECTION.rule("not-offered", _LIFE)
async def _not_offered(visit: Visit) -> None:
    """Compression is off for clients that don't offer it: a frame with RSV1 set is 1002."""
    talk = await visit.open()
    _say(talk, _PING, 'compressed text {"type":"ping"}')
    await talk.close(1002)
