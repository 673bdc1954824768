"""The WebSocket protocol: frames that must be refused, and those that must not."""

from pvws.testing.frames import client_frame
from pvws.testing.rule import Dialogue, Section
from pvws.testing.talk import Closed, Ended, Message, Ponged, Talk
from pvws.testing.visit import Visit
from pvws.wire.frames import Opcode

__all__ = ["SECTION"]

SECTION = Section("rfc6455")
"""`rfc6455.…`"""

_PING = b'{"type":"ping"}'
_TEXT = client_frame(Opcode.TEXT, _PING)


def _broken(*cases: tuple[str, bytes]) -> Dialogue:
    """A dialogue that sends each of these on a connection of its own, which must then be closed with 1002."""

    async def dialogue(visit: Visit) -> None:
        for what, data in cases:
            talk = await visit.open()
            talk.send(data, what)
            await talk.close(1002)

    return dialogue


_RESERVED_BITS = [
    (f"a text frame with {name} set", client_frame(Opcode.TEXT, _PING, reserved=bits))
    for name, bits in (("RSV1", 4), ("RSV2", 2), ("RSV3", 1), ("all reserved bits", 7))
]
_RESERVED_OPCODES = [
    (f"a frame with opcode {opcode}", client_frame(opcode, _PING)) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
]
_CONTROL = (("ping", Opcode.PING), ("pong", Opcode.PONG), ("close", Opcode.CLOSE))
_FRAGMENTED = [(f"a {name} frame without FIN", client_frame(opcode, final=False)) for name, opcode in _CONTROL]
_OVERSIZED = [
    (f"a {name} frame of 126 bytes", client_frame(opcode, b"\x03\xe8" + b"x" * 124)) for name, opcode in _CONTROL
]
_UNMASKED = [
    ("an unmasked text frame", client_frame(Opcode.TEXT, _PING, mask=False)),
    ("an unmasked control ping", client_frame(Opcode.PING, b"x", mask=False)),
]
_CONTINUED = [
    ("a continuation with FIN, with nothing to continue", client_frame(Opcode.CONTINUATION, _PING)),
    ("a continuation, with nothing to continue", client_frame(Opcode.CONTINUATION, _PING, final=False)),
    ("a continuation behind a whole message", client_frame(Opcode.PONG) + client_frame(Opcode.CONTINUATION, _PING)),
]
_INTERLEAVED = [("a text frame between fragments", client_frame(Opcode.TEXT, b'{"type":', final=False) + _TEXT)]

for _name, _section, _sentence, _cases in (
    ("reserved-bits", "5.2", "RSV1 to RSV3 MUST be 0 unless an extension gives them a meaning", _RESERVED_BITS),
    ("reserved-opcodes", "5.2", "An unknown opcode fails the connection", _RESERVED_OPCODES),
    ("unmasked-frame", "5.1", "A frame of a client that is not masked closes the connection, with 1002", _UNMASKED),
    ("control-fragmented", "5.5", "Control frames MUST NOT be fragmented", _FRAGMENTED),
    ("control-oversized", "5.5", "Control frames MUST have a payload of at most 125 bytes", _OVERSIZED),
    ("continuation-alone", "5.4", "A continuation continues a fragmented message", _CONTINUED),
    ("message-in-message", "5.4", "The fragments of one message MUST NOT be interleaved with another's", _INTERLEAVED),
):
    SECTION.add(_name, f"RFC 6455, section {_section}", f"{_sentence}.", _broken(*_cases))


@SECTION.rule("impossible-length", "RFC 6455, section 5.2")
async def _impossible_length(visit: Visit) -> None:
    """The most significant bit of a 64-bit length MUST be 0: such a frame ends the connection."""
    talk = await visit.open()
    await talk.fence()
    talk.send(client_frame(Opcode.TEXT, announced=2**63 + 2), "a frame that announces 2⁶³+2 bytes")
    item = await talk.item("a close frame, or the end of the connection")
    talk.expect(isinstance(item, Closed | Ended), "a close frame, or the end of the connection", item)


@SECTION.rule("masked-by-server", "RFC 6455, section 5.1")
async def _masked_by_server(visit: Visit) -> None:
    """A server MUST NOT mask any frames that it sends to the client, and sets no reserved bits."""
    talk = await visit.open()
    talk.say(_PING)
    message = await talk.message("a pong")
    talk.expect(not message.masked, "an unmasked frame", f"a masked frame: {message}")
    talk.expect(message.reserved == 0, "no reserved bits", f"reserved bits {message.reserved:03b}: {message}")


@SECTION.rule("ping-payload", "RFC 6455, section 5.5.3")
async def _ping_payload(visit: Visit) -> None:
    """A Pong MUST have the same application data as the Ping it answers."""
    talk = await visit.open()
    for payload in (b"", b"x", b"\x00\xff\xfe", b"p" * 125):
        talk.ping(payload)
        item = await talk.item("a control pong")
        talk.expect(item == Ponged(payload), str(Ponged(payload)), item)


@SECTION.rule("unsolicited-pong", "RFC 6455, section 5.5.3")
async def _unsolicited_pong(visit: Visit) -> None:
    """A Pong MAY be sent unsolicited; no answer is expected."""
    talk = await visit.open()
    talk.say_pong(b"nobody asked")
    talk.say(_PING)
    item = await talk.item("a pong message")
    talk.expect(isinstance(item, Message), "a pong message", item)


@SECTION.rule("control-between-fragments", "RFC 6455, section 5.4")
async def _control_between_fragments(visit: Visit) -> None:
    """Control frames may be injected in the middle of a fragmented message, and are answered."""
    talk = await visit.open()
    talk.say_in_parts([b'{"ty', b'pe":"pi', b'ng"}'], between=client_frame(Opcode.PING, b"between"))
    # The order of pong message and control pongs is the server's to choose.
    items = [await talk.item("two control pongs and a pong message") for _ in range(3)]
    talk.expect(items.count(Ponged(b"between")) == 2, "two control pongs", "; ".join(map(str, items)))
    messages = [item for item in items if isinstance(item, Message)]
    right = len(messages) == 1 and b'"pong"' in messages[0].payload
    talk.expect(right, "a pong message", "; ".join(map(str, items)))


@SECTION.rule("byte-by-byte", "RFC 6455, section 5.4")
async def _byte_by_byte(visit: Visit) -> None:
    """How frames are cut into segments means nothing."""
    talk = await visit.open()
    for at in range(len(_TEXT)):
        talk.pipe.write(_TEXT[at : at + 1])
        await talk.pipe.until(lambda: False, 0)
    await talk.fence()
    await talk.pong()


@SECTION.rule("utf8-across-fragments", "RFC 6455, section 5.6")
async def _utf8_across_fragments(visit: Visit) -> None:
    """A fragment may end within a UTF-8 character: only the whole message must be valid."""
    talk = await visit.open()
    text = '{"type":"ping","data":"schön 🎉"}'.encode()
    talk.say_in_parts([text[at : at + 1] for at in range(len(text))])
    await talk.pong()


_NOT_UTF8 = (
    (b"\xff", "a byte that UTF-8 has not"),
    (b"\xc0\xaf", "an overlong form"),
    (b"\xed\xa0\x80", "half a surrogate pair"),
    (b"\xf4\x90\x80\x80", "a code point past the last"),
    (b"\xe2\x82", "a character cut short"),
)


@SECTION.rule("invalid-utf8", "RFC 6455, section 8.1", profile="documented")
async def _invalid_utf8(visit: Visit) -> None:
    """A text message that is not UTF-8 fails the connection: close 1007."""
    for payload, _ in _NOT_UTF8:
        talk = await visit.open()
        talk.say(b'{"type":"ping","data":"' + payload + b'"}')
        await talk.close(1007)


@SECTION.rule("invalid-utf8-fragments", "RFC 6455, section 8.1", profile="documented")
async def _invalid_utf8_fragments(visit: Visit) -> None:
    """A text message that is not UTF-8 once it is put together: close 1007."""
    for parts in ([b'{"type":"ping","data":"\xe2', b'\x82"}'], [b'{"type":"ping"}', b"\xc3"]):
        talk = await visit.open()
        talk.say_in_parts(parts)
        await talk.close(1007)


def _code(code: int) -> bytes:
    return code.to_bytes(2, "big")


async def _closing(visit: Visit, payload: bytes, what: str | None = None) -> Talk:
    talk = await visit.open()
    talk.say_close(payload, what)
    return talk


@SECTION.rule("close-echo", "RFC 6455, section 5.5.1")
async def _close_echo(visit: Visit) -> None:
    """A Close frame is answered by one that echoes its code."""
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        talk = await _closing(visit, _code(code) + b"bye")
        await talk.close(code)


@SECTION.rule("close-empty", "RFC 6455, section 5.5.1")
async def _close_empty(visit: Visit) -> None:
    """A Close frame may have no body; it is answered by one without a code, or with 1000."""
    await (await _closing(visit, b"")).close(None, 1000)


@SECTION.rule("close-reason", "RFC 6455, section 5.5.1")
async def _close_reason(visit: Visit) -> None:
    """A Close frame may carry a reason of up to 123 bytes of UTF-8."""
    await (await _closing(visit, _code(1000) + "é".encode() * 61 + b"x")).close(1000)


@SECTION.rule("close-one-byte", "RFC 6455, section 5.5.1", profile="documented")
async def _close_one_byte(visit: Visit) -> None:
    """If a Close frame has a body, its first two bytes are a code: one byte is none, 1002."""
    await (await _closing(visit, b"\x03", "a close frame of one byte")).close(1002)


@SECTION.rule("close-invalid", "RFC 6455, section 7.4")
async def _close_invalid(visit: Visit) -> None:
    """Codes that MUST NOT be on the wire, or that nobody has defined, are answered by 1002."""
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535):
        await (await _closing(visit, _code(code))).close(1002)


@SECTION.rule("close-bad-reason", "RFC 6455, section 5.5.1")
async def _close_bad_reason(visit: Visit) -> None:
    """A reason that is not UTF-8 is answered by 1002 or 1007."""
    talk = await _closing(visit, _code(1000) + b"\xff\xfe", "close 1000 with a reason that is not UTF-8")
    await talk.close(1002, 1007)


@SECTION.rule("close-ends-connection", "RFC 6455, section 7.1.1")
async def _close_ends_connection(visit: Visit) -> None:
    """Once both Close frames are exchanged the server ends the TCP connection."""
    talk = await _closing(visit, _code(1000))
    await talk.close(1000)
    await talk.end()


@SECTION.rule("nothing-after-close", "RFC 6455, section 5.5.1")
async def _nothing_after_close(visit: Visit) -> None:
    """Nothing is sent after a Close frame, and what comes behind the client's is discarded."""
    talk = await visit.open()
    await talk.fence()
    data = client_frame(Opcode.CLOSE, _code(1000)) + client_frame(Opcode.PING, b"late") + _TEXT
    talk.send(data, "close 1000, a control ping and a ping in one segment")
    await talk.close(1000)
    await talk.end()
