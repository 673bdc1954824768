"""What the shipped server was observed to do with messages and frames, as far as one client can see it."""

import json
import re

from pvws.testing.checks.events import subscribed, texts_of
from pvws.testing.checks.limits import crowd, padded
from pvws.testing.frames import client_frame
from pvws.testing.rule import Dialogue, Section
from pvws.testing.talk import Closed, Message, Talk
from pvws.testing.visit import Visit
from pvws.testing.words import shown_bytes
from pvws.wire.frames import Opcode
from pvws.wire.topics import TOPICS

__all__ = ["SECTION", "row"]

SECTION = Section("upstream", profile="upstream")
"""`upstream.…`"""

_PING = '{"type":"ping"}'
_SIZE_MAX = 512
_FRAME_MAX = 1024
_GO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?(Z|[+-]\d\d:\d\d)")
_CODES = (*range(1000, 1004), *range(1007, 1014), 3000, 4999)


def row(name: str) -> str:
    """The source of a rule, by its row in the observations."""
    return f"observations of the real server, row {name}"


def _silent(*texts: str) -> Dialogue:
    """A dialogue that sends texts which get no answer, and leave the connection as it was."""

    async def dialogue(visit: Visit) -> None:
        talk = await visit.open()
        for text in texts:
            talk.say(text)
        talk.say(_PING)
        reply = await talk.reply("the pong alone")
        talk.expect(reply.get("type") == "pong", "no answer but the pong to the ping behind it", reply)

    return dialogue


def _dropped(*texts: str) -> Dialogue:
    """A dialogue that sends pings which are dropped whole, and then one that is not."""

    async def dialogue(visit: Visit) -> None:
        for text in texts:
            talk = await visit.open()
            talk.say(text)
            await talk.fence()
            # Pongs are all alike, so only silence shows that there was one answer to two pings.
            await talk.quiet("no pong to the first ping", 0.1)

    return dialogue


def _answered(*texts: str | bytes) -> Dialogue:
    async def dialogue(visit: Visit) -> None:
        talk = await visit.open()
        for text in texts:
            talk.say(text)
            await talk.pong()

    return dialogue


_SUBSCRIPTIONS = [f'{{"type":"{kind}","data":"alerts"}}' for kind in ("subscribe", "subscribe", "unsubscribe")]
_TIMES = ("", "1704067200", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01t00:00:00z")
_ODD_TIMES = ("2024-01-01T00:00:00+0200", "2024-01-01T00:00:60Z", "2024-01-01T24:00:00Z")
_GOOD_TIMES = ('"2024-01-01T00:00:00Z"', '"2024-01-01T00:00:00.123456789Z"', '"2024-01-01T00:00:00+02:00"', "null")

for _name, _row, _sentence, _dialogue in (
    (
        "topic-form",
        "A1",
        "`subscribe` and `unsubscribe` with `topic`: silently nothing.",
        _silent('{"type":"subscribe","topic":"alerts"}', '{"type":"unsubscribe","topic":"alerts"}'),
    ),
    ("no-acknowledgement", "A4", "(Un)subscribing is never acknowledged.", _silent(*_SUBSCRIPTIONS)),
    (
        "any-topic",
        "A5",
        "Any string is a topic: unknown, empty and mistyped ones are no error.",
        _silent('{"type":"subscribe","data":"nope"}', '{"type":"subscribe","data":""}'),
    ),
    ("never-subscribed", "A7", "Unsubscribing when not subscribed is silent.", _silent(_SUBSCRIPTIONS[2])),
    (
        "unknown-types",
        "A10",
        "`pong`, an unknown type, `auth`, no type and `PING` are silent, the connection stays.",
        _silent('{"type":"pong"}', '{"type":"dance"}', '{"type":"auth","data":{"token":"t"}}', "{}", '{"type":"PING"}'),
    ),
    (
        "junk",
        "A11",
        "Invalid JSON, an empty message, `[]`, `1`, `null`: silent.",
        _silent("hello", "", "[]", "1", "null"),
    ),
    (
        "joined-input",
        "A11",
        "A BOM, a trailing comma, two JSON texts joined by a newline: silent.",
        _dropped(f"\ufeff{_PING}", '{"type":"ping",}', f"{_PING}\n{_PING}"),
    ),
    (
        "mistyped",
        "A12",
        "A wrong type of `type`, `topic` or `clientId`: the whole message is dropped in silence.",
        _dropped('{"type":1}', '{"type":"ping","topic":1}', '{"type":"ping","clientId":{}}'),
    ),
    (
        "strict-timestamp",
        "A13",
        "A `timestamp` that is no strict RFC 3339 string drops the whole message.",
        _dropped(
            '{"type":"ping","timestamp":1704067200}',
            *(f'{{"type":"ping","timestamp":"{time}"}}' for time in _TIMES + _ODD_TIMES),
        ),
    ),
    (
        "good-timestamp",
        "A13",
        "A `timestamp` may have fractions and an offset, or be null.",
        _answered(*(f'{{"type":"ping","timestamp":{time}}}' for time in _GOOD_TIMES)),
    ),
    (
        "key-case",
        "A14",
        "Keys match case-insensitively; the client's `clientId` is ignored.",
        _answered('{"TYPE":"ping"}', '{"Type":"ping","clientId":"mine"}'),
    ),
    ("invalid-utf8", "A15", "Invalid UTF-8 in a text is accepted.", _answered(b'{"type":"ping","x":"\xff"}')),
    ("512-bytes", "A17", "A message of 512 bytes passes.", _answered(padded(_SIZE_MAX))),
):
    SECTION.add(_name, row(_row), _sentence, _dialogue)


@SECTION.rule("513-bytes", row("A17"))
async def _513_bytes(visit: Visit) -> None:
    """A message of 513 bytes, summed over fragments: close 1009 with an empty reason, then the end."""
    for parts in ([padded(_SIZE_MAX + 1)], [padded(_SIZE_MAX + 1)[:400], padded(_SIZE_MAX + 1)[400:]]):
        talk = await visit.open()
        talk.say_in_parts(parts)
        item = await talk.close(1009)
        talk.expect(item.reason == "", "an empty reason", item)
        await talk.end()


@SECTION.rule("513-announced", row("A17"))
async def _513_announced(visit: Visit) -> None:
    """1009 fires on the frame header alone."""
    talk = await visit.open()
    talk.send(client_frame(Opcode.TEXT, announced=_SIZE_MAX + 1), "the header of a frame of 513 bytes")
    await talk.close(1009)


@SECTION.rule("no-rate-limit", row("A18"))
async def _no_rate_limit(visit: Visit) -> None:
    """There is no rate limit: 400 pings, in blocks of 50, are all answered."""
    talk = await visit.open()
    for _ in range(8):  # blocks, for more than 256 at once may end the real server (A20)
        talk.say_at_once([_PING] * 50)
        for _ in range(50):
            await talk.pong()


@SECTION.rule("no-connection-limit", row("A19"), alone=True)
async def _no_connection_limit(visit: Visit) -> None:
    """There is no connection limit: 100 more than documented are open and served."""
    clients = await crowd(visit, visit.target.connections + 100)
    await clients[-1].fence()


@SECTION.rule("timestamps", row("B4"))
async def _timestamps(visit: Visit) -> None:
    """Timestamps have up to nine decimals, without trailing zeros, and any zone."""
    talk = await visit.open()
    texts = [(await talk.fence()).get("timestamp") for _ in range(20)]
    for text in texts:
        right = isinstance(text, str) and _GO_TIME.fullmatch(text) is not None
        talk.expect(right, "an RFC 3339 time without trailing zeros", text)
    # Of 400 that were seen, 399 had more than six; milliseconds alone are another server's.
    talk.expect(
        any(len(str(text)) > len("2024-01-01T00:00:00.000Z") for text in texts), "more than three decimals", texts
    )


async def _pongs(talk: Talk, count: int) -> list[Message]:
    """The messages that the pongs to that many pings in one segment come in."""
    talk.say_at_once([_PING] * count)
    messages: list[Message] = []
    while sum(message.payload.count(b'"pong"') for message in messages) < count:
        messages.append(await talk.message(f"{count} pongs"))
    return messages


@SECTION.rule("joined", row("B6"))
async def _joined(visit: Visit) -> None:
    """Queued messages are joined by newlines in one WebSocket message, without one at the end."""
    talk = await visit.open()
    messages = await _pongs(talk, 100)
    for message in messages:
        for line in message.payload.split(b"\n"):
            talk.expect(line.startswith(b'{"type":"pong"') and line.endswith(b"}"), "a JSON text a line", message)
    talk.expect(len(messages) < 100, "some of 100 pongs joined", f"{len(messages)} messages")


@SECTION.rule("fragments", row("B7"))
async def _fragments(visit: Visit) -> None:
    """Long messages are cut into frames of 1,024 bytes."""
    talk = await visit.open()
    messages = await _pongs(talk, 100)
    long = [message for message in messages if len(message.payload) > _FRAME_MAX]
    if not long:
        raise visit.unjudged("no pongs were joined to more than 1,024 bytes")
    for message in long:
        *full, last = message.sizes
        right = set(full) == {_FRAME_MAX} and last <= _FRAME_MAX
        talk.expect(right, "frames of 1,024 bytes, and the rest", f"frames of {message.sizes} bytes")


@SECTION.rule("broadcast", row("B1"))
async def _broadcast(visit: Visit) -> None:
    """Events are `{"type":"broadcast","topic","data","timestamp"}`, to those who subscribed by `data`."""
    talk = await subscribed(visit, TOPICS, field="data")
    for text in await texts_of(visit, talk):
        for line in text.split(b"\n"):
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            talk.expect(isinstance(event, dict), "a JSON object a line", shown_bytes(line))
            talk.expect(list(event) == ["type", "topic", "data", "timestamp"], "its four fields in order", event)
            talk.expect(event["type"] == "broadcast", "the type broadcast", event)
            data = event["data"]
            talk.expect(not isinstance(data, dict) or list(data) == sorted(data), "keys in data sorted", event)


@SECTION.rule("topic-form-gets-nothing", row("A1"))
async def _topic_form_gets_nothing(visit: Visit) -> None:
    """Who subscribes by `topic` gets no events, while who subscribes by `data` does."""
    by_topic = await subscribed(visit, TOPICS)
    await texts_of(visit, await subscribed(visit, TOPICS, field="data"))
    by_topic.say(_PING)
    message = await by_topic.message("a pong")
    by_topic.expect(message.payload.startswith(b'{"type":"pong"'), "no event", message)


@SECTION.rule("close-empty-reason", row("C6"))
async def _close_empty_reason(visit: Visit) -> None:
    """A client's close comes back with its code and an empty reason, then the end."""
    for code in _CODES:
        talk = await visit.open()
        talk.say_close(code.to_bytes(2, "big") + b"bye")
        item = await talk.close(code)
        talk.expect(item.reason == "", "an empty reason", item)
        await talk.end()


@SECTION.rule("close-without-code", row("C6"))
async def _close_without_code(visit: Visit) -> None:
    """A close frame with an empty or 1-byte payload is answered by an empty one."""
    for payload, what in ((b"", "an empty close frame"), (b"\x03", "a close frame of one byte")):
        talk = await visit.open()
        talk.say_close(payload, what)
        await talk.close(None)


@SECTION.rule("close-bad-code", row("C7"))
async def _close_bad_code(visit: Visit) -> None:
    """1004, 1005, 1006, 1014-2999, below 1000 and from 5000 on: 1002 with the reason `bad close code N`."""
    for code in (0, 999, 1004, 1005, 1006, 1014, 1015, 2000, 2999, 5000):
        talk = await visit.open()
        talk.say_close(code.to_bytes(2, "big"))
        item = await talk.close(1002)
        talk.expect(item.reason == f"bad close code {code}", f"the reason “bad close code {code}”", item)


@SECTION.rule("close-bad-reason", row("C7"))
async def _close_bad_reason(visit: Visit) -> None:
    """A reason that is not UTF-8: 1002 `invalid utf8 payload in close frame`."""
    talk = await visit.open()
    talk.say_close(b"\x03\xe8\xff", "close 1000 with a reason that is not UTF-8")
    wanted = Closed(1002, "invalid utf8 payload in close frame")
    item = await talk.item(str(wanted))
    talk.expect(item == wanted, str(wanted), item)


@SECTION.rule("protocol-errors", row("C10"))
async def _protocol_errors(visit: Visit) -> None:
    """Protocol errors: 1002 and `bad MASK`, `RSV1 set`, `bad opcode N`, `FIN not set on control`, …"""
    start = client_frame(Opcode.TEXT, b"{", final=False)
    for reason, data in {
        "bad MASK": client_frame(Opcode.TEXT, b"{}", mask=False),
        "RSV1 set": client_frame(Opcode.TEXT, b"{}", reserved=4),
        "bad opcode 3": client_frame(3, b"{}"),
        "FIN not set on control": client_frame(Opcode.PING, final=False),
        "len > 125 for control": client_frame(Opcode.PING, b"x" * 126),
        "continuation after FIN": client_frame(Opcode.CONTINUATION, b"{}"),
        "data before FIN": start + client_frame(Opcode.TEXT, b"{}"),
    }.items():
        talk = await visit.open()
        talk.send(data, f"a frame with the fault “{reason}”")
        item = await talk.close(1002)
        talk.expect(item.reason == reason, f"the reason “{reason}”", item)
