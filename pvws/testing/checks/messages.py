"""What a client may say, and what comes of it."""

import json
import re

from pvws.testing.rule import Dialogue, Section
from pvws.testing.visit import Visit
from pvws.wire.frames import Opcode
from pvws.wire.topics import TOPICS

__all__ = ["SECTION"]

SECTION = Section("messages")
"""`messages.…`"""

_MESSAGES = 'contract, "Client messages"'
_ENVELOPE = 'contract, "Envelope"'
_CLIENT_ID = re.compile(r"[0-9a-f]{32}")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_PING = '{"type":"ping"}'


@SECTION.rule("no-welcome", _MESSAGES)
async def _no_welcome(visit: Visit) -> None:
    """A server speaks when it is spoken to: no message comes before the first answer."""
    talk = await visit.open()
    talk.say(_PING)
    reply = await talk.reply("a pong")
    talk.expect(reply.get("type") == "pong", "nothing before the pong", reply)


@SECTION.rule("ping-pong", _MESSAGES)
async def _ping_pong(visit: Visit) -> None:
    """`ping` is answered by `{"type":"pong","timestamp","clientId"}`; `clientId` is 32 lower-case hex digits."""
    talk = await visit.open()
    pong = await talk.fence()
    fields = {"type", "timestamp", "clientId"}
    talk.expect(set(pong) == fields, "a pong with the fields type, timestamp and clientId", pong)
    client_id = pong["clientId"]
    right = isinstance(client_id, str) and _CLIENT_ID.fullmatch(client_id) is not None
    talk.expect(right, "clientId to be 32 lower-case hex digits", pong)


@SECTION.rule("one-client-id", _ENVELOPE)
async def _one_client_id(visit: Visit) -> None:
    """There is one `clientId` per connection."""
    talks = [await visit.open() for _ in range(2)]
    ids = [[(await talk.fence()).get("clientId") for _ in range(3)] for talk in talks]
    for talk, own in zip(talks, ids, strict=True):
        talk.expect(len(set(map(str, own))) == 1, "the same clientId in every pong of a connection", own)
    talks[1].expect(ids[0][0] != ids[1][0] or ids[0][0] is None, "another clientId on another connection", ids[1][0])


@SECTION.rule("timestamp", _ENVELOPE, profile="documented")
async def _timestamp(visit: Visit) -> None:
    """Timestamps: RFC 3339, UTC, three decimals always, suffix `Z`."""
    talk = await visit.open()
    for _ in range(5):
        text = (await talk.fence()).get("timestamp")
        right = isinstance(text, str) and _TIMESTAMP.fullmatch(text) is not None
        talk.expect(right, "a timestamp like 2024-01-01T00:00:00.000Z", text)


@SECTION.rule("compact", _ENVELOPE, profile="documented")
async def _compact(visit: Visit) -> None:
    """Encoded compactly (no spaces), keys in the order type, topic, data, timestamp, clientId."""
    talk = await visit.open()
    talk.say(_PING)
    message = await talk.message("a pong")
    text = message.payload.decode(errors="backslashreplace")
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    talk.expect(isinstance(value, dict), "a JSON object", message)
    talk.expect(json.dumps(value, separators=(",", ":"), ensure_ascii=False) == text, "no blanks", message)
    order = [key for key in ("type", "topic", "data", "timestamp", "clientId") if key in value]
    talk.expect([key for key in value if key in order] == order, f"the keys in the order {', '.join(order)}", message)


@SECTION.rule("text-frames", _ENVELOPE)
async def _text_frames(visit: Visit) -> None:
    """A server's messages are text."""
    talk = await visit.open()
    talk.say(_PING)
    message = await talk.message("a pong")
    talk.expect(message.opcode == Opcode.TEXT, "a text message", message)


@SECTION.rule("in-order", _MESSAGES)
async def _in_order(visit: Visit) -> None:
    """Each of several messages in one segment is answered."""
    talk = await visit.open()
    for _ in range(50):
        talk.say(_PING)
    for _ in range(50):
        await talk.pong()


def _silent(*texts: str) -> Dialogue:
    async def dialogue(visit: Visit) -> None:
        talk = await visit.open()
        for text in texts:
            talk.say(text)
        talk.say(_PING)
        reply = await talk.reply("the pong alone")
        talk.expect(reply.get("type") == "pong", "no answer but the pong to the ping behind it", reply)

    return dialogue


_SUBSCRIBE = [f'{{"type":"subscribe","topic":"{topic}"}}' for topic in TOPICS]
_UNSUBSCRIBE = [f'{{"type":"unsubscribe","topic":"{topic}"}}' for topic in TOPICS]

for _name, _sentence, _texts in (
    ("subscribe", "`subscribe`: no acknowledgement is sent, for none of the four topics", _SUBSCRIBE),
    ("subscribe-twice", "`subscribe` is idempotent", [_SUBSCRIBE[0]] * 3),
    ("unsubscribe", "`unsubscribe`: no acknowledgement is sent", _SUBSCRIBE + _UNSUBSCRIBE),
    ("unsubscribe-never", "Unsubscribing what was never subscribed is no error", _UNSUBSCRIBE),
    (
        "both-forms",
        "A client that must suit both profiles sends both forms; the extra `data` is ignored",
        ['{"type":"subscribe","topic":"alerts","data":"alerts"}'],
    ),
):
    SECTION.add(_name, _MESSAGES, f"{_sentence}.", _silent(*_texts), profile="documented")


@SECTION.rule("auth-ignored", 'contract, "Authentication"', profile="documented")
async def _auth_ignored(visit: Visit) -> None:
    """No tokens configured: an `auth` or `connection_init` with `data.token` has no effect, and no reply."""
    if visit.target.token is not None:
        raise visit.unjudged("the server asks for tokens")
    texts = (f'{{"type":"{kind}","data":{{"token":"any"}}}}' for kind in ("auth", "connection_init"))
    await _silent(*texts)(visit)


def _answered(*texts: str | bytes, opcode: int = Opcode.TEXT) -> Dialogue:
    async def dialogue(visit: Visit) -> None:
        for text in texts:
            talk = await visit.open()
            talk.say(text, opcode)
            await talk.pong()

    return dialogue


# An object in 63 arrays: 64 levels with the message itself.
_DEEP = '{"type":"ping","data":' + "[" * 63 + "]" * 63 + "}"

for _name, _sentence, _source, _ping in (
    ("unknown-fields", "Unknown fields are ignored", _ENVELOPE, '{"nope":[1,{"a":null}],"type":"ping","more":"x"}'),
    ("duplicate-keys", "The last of duplicate keys counts", _ENVELOPE, '{"type":"nope","type":"ping"}'),
    ("blanks", "Blanks around the object are fine", _ENVELOPE, ' \r\n\t{ "type" :\t"ping" } \n'),
    ("escapes", "A string may be written with any escapes of JSON", "RFC 8259, section 7", '{"type":"\\u0070ing"}'),
):
    SECTION.add(_name, _source, f"{_sentence}.", _answered(_ping))

SECTION.add(
    "any-timestamp",
    _ENVELOPE,
    "`timestamp`, `clientId`, and `data` where it isn't needed may be anything.",
    _answered(
        '{"type":"ping","timestamp":1704067200,"clientId":[],"data":7}',
        '{"type":"ping","timestamp":"soon","clientId":{},"data":[1e999,"\\ud800"]}',
    ),
    profile="documented",
)
SECTION.add("nesting-64", _ENVELOPE, "64 levels of nesting are not over 64.", _answered(_DEEP), profile="documented")
SECTION.add(
    "binary",
    _ENVELOPE,
    "A client message is a text or a binary frame holding UTF-8 JSON.",
    _answered(_PING, opcode=Opcode.BINARY),
)


@SECTION.rule("fragmented", _ENVELOPE)
async def _fragmented(visit: Visit) -> None:
    """A client message may be fragmented, also into empty frames."""
    for parts in ([b'{"type":', b'"ping"}'], [b"", b'{"ty', b"", b'pe":"ping"}', b""]):
        talk = await visit.open()
        talk.say_in_parts(parts)
        await talk.pong()
