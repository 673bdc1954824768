"""What a server says to a message that is none: always the same kind of error, and the connection stays open."""

import re

from pvws.testing.rule import Dialogue, Section
from pvws.testing.visit import Visit
from pvws.timestamp import Timestamp
from pvws.wire.frames import Opcode
from pvws.wire.messages import SENTENCES, ErrorCode
from pvws.wire.topics import TOPICS

__all__ = ["SECTION"]

SECTION = Section("errors", profile="documented")
"""`errors.…`"""

_MESSAGES = 'contract, "Client messages"'
_ENVELOPE = 'contract, "Envelope"'
_ERRORS = 'API documentation, "Error Handling"'
_INVALID = ErrorCode.INVALID_MESSAGE
_SECRET = "a-token-nobody-may-see"


def _refused(*texts: str | bytes, opcode: int = Opcode.TEXT) -> Dialogue:
    async def dialogue(visit: Visit) -> None:
        talk = await visit.open()
        for text in texts:
            talk.say(text, opcode)
            talk.say('{"type":"ping"}')  # so that silence shows at once, and that the connection stays open
            await talk.error(_INVALID)
            await talk.pong()

    return dialogue


_DEEP = '{"type":"ping","data":' + "[" * 64 + "]" * 64 + "}"  # 65 levels

for _name, _source, _sentence, _texts in (
    ("not-json", _MESSAGES, "Not JSON", ("hello", "{", '{"type":"ping"', "{'type':'ping'}")),
    ("trailing-comma", "RFC 8259, section 4", "A comma behind the last field is no JSON", ('{"type":"ping",}',)),
    ("not-a-number", "RFC 8259, section 6", "NaN and Infinity are no JSON", ('{"type":"ping","data":NaN}',)),
    ("empty", _MESSAGES, "An empty message is no JSON", ("", "  ")),
    ("not-an-object", _MESSAGES, "Not an object", ("[]", "1", '"ping"', "null", '[{"type":"ping"}]')),
    ("two-objects", _ENVELOPE, "Two objects", ('{"type":"ping"}{"type":"ping"}', '{"type":"ping"}\n{"type":"ping"}')),
    ("byte-order-mark", _ENVELOPE, "A BOM", ('\ufeff{"type":"ping"}',)),
    ("nesting-65", _ENVELOPE, "Nesting over 64", (_DEEP, '{"type":"ping","data":' + '{"a":' * 5_000)),
    ("no-type", _MESSAGES, "No `type`", ("{}", '{"topic":"alerts"}')),
    ("type-no-string", _MESSAGES, "A `type` that is no string", ('{"type":1}', '{"type":null}', '{"type":["ping"]}')),
    (
        "unknown-type",
        _MESSAGES,
        "Any type but those of the API",
        ('{"type":"dance"}', '{"type":""}', '{"type":"pong"}'),
    ),
    ("type-case", _MESSAGES, "Types are compared exactly", ('{"type":"PING"}', '{"type":"ping "}')),
    ("key-case", "RFC 8259, section 7", "Keys are compared exactly", ('{"TYPE":"ping"}',)),
    ("last-duplicate", _ENVELOPE, "The last of duplicate keys counts", ('{"type":"ping","type":"nope"}',)),
    ("no-topic", _MESSAGES, "`topic` missing", ('{"type":"subscribe"}', '{"type":"unsubscribe"}')),
    (
        "topic-as-data",
        'contract, "Two profiles"',
        "The topic under `data` alone",
        ('{"type":"subscribe","data":"alerts"}',),
    ),
    ("topic-no-string", _MESSAGES, "`topic` no string", ('{"type":"subscribe","topic":["alerts"]}',)),
    (
        "unknown-topic",
        _MESSAGES,
        "An unknown topic",
        (
            '{"type":"subscribe","topic":"alert"}',
            '{"type":"subscribe","topic":"ALERTS"}',
            '{"type":"unsubscribe","topic":""}',
        ),
    ),
):
    SECTION.add(_name, _source, f"{_sentence}: `INVALID_MESSAGE`; the connection stays open.", _refused(*_texts))

SECTION.add(
    "binary",
    _ENVELOPE,
    "A binary message that is no UTF-8, or no JSON: `INVALID_MESSAGE`.",
    _refused(b'{"type":"ping","data":"\xff"}', b"\x00\x01", opcode=Opcode.BINARY),
)


@SECTION.rule("auth-without-token", _MESSAGES)
async def _auth_without_token(visit: Visit) -> None:
    """`auth` needs `data.token`: without it, `INVALID_MESSAGE`."""
    await _refused('{"type":"auth"}', '{"type":"auth","data":{}}', '{"type":"connection_init","data":"x"}')(visit)


@SECTION.rule("shape", _ERRORS)
async def _shape(visit: Visit) -> None:
    """An error is `{"type":"error","data":{"code","message"},"timestamp"}`; `retryAfter` only for rate limits."""
    talk = await visit.open()
    talk.say("hello")
    error = await talk.error(_INVALID)
    talk.expect(set(error) <= {"type", "data", "timestamp", "clientId"}, "no other fields in the envelope", error)
    talk.expect(set(error["data"]) == {"code", "message"}, "code and message, and nothing else, in data", error)
    timestamp = error.get("timestamp")
    talk.expect(isinstance(timestamp, str) and _is_time(timestamp), "an RFC 3339 time as timestamp", error)


def _is_time(text: str) -> bool:
    try:
        return Timestamp.parse(text) is not None
    except ValueError:
        return False


@SECTION.rule("sentence", _MESSAGES)
async def _sentence_first(visit: Visit) -> None:
    """An error's `message` begins with the documented sentence of its code, then `: ` and the detail."""
    talk = await visit.open()
    sentence = SENTENCES[_INVALID]
    for text in ("hello", '{"type":"dance"}', '{"type":"subscribe","topic":"alert"}'):
        talk.say(text)
        message = (await talk.error(_INVALID))["data"].get("message")
        right = isinstance(message, str) and re.fullmatch(rf"{re.escape(sentence)}(: .+)?", message, re.DOTALL)
        talk.expect(bool(right), f"a message that begins with “{sentence}”", message)


@SECTION.rule("client-id", _ENVELOPE)
async def _client_id(visit: Visit) -> None:
    """`clientId` is present on errors, the same as in the connection's pongs."""
    talk = await visit.open()
    pong = await talk.fence()
    talk.say("hello")
    error = await talk.error(_INVALID)
    talk.expect(isinstance(error.get("clientId"), str), "an error with a clientId", error)
    talk.expect("clientId" not in pong or error["clientId"] == pong["clientId"], "the clientId of the pongs", error)


@SECTION.rule("in-order", _MESSAGES)
async def _in_order(visit: Visit) -> None:
    """Nothing else is lost: what comes before and behind a bad message is answered, in order."""
    talk = await visit.open()
    for text in ('{"type":"ping"}', "hello", '{"type":"ping"}', '{"type":"dance"}', '{"type":"ping"}'):
        talk.say(text)
    await talk.pong()
    for _ in range(2):
        await talk.error(_INVALID)
        await talk.pong()


@SECTION.rule("subscribed-still", _MESSAGES)
async def _subscribed_still(visit: Visit) -> None:
    """A bad message costs a subscribed client one error for each bad message, and nothing else."""
    talk = await visit.open()
    for topic in TOPICS:
        talk.say(f'{{"type":"subscribe","topic":"{topic}"}}')
        talk.say('{"type":"subscribe","topic":"nope"}')
    talk.say('{"type":"ping"}')
    for _ in TOPICS:
        await talk.error(_INVALID)
    await talk.pong()


@SECTION.rule("no-secrets", 'contract, "Authentication"')
async def _no_secrets(visit: Visit) -> None:
    """Tokens never appear in error texts, not even those of messages that are none."""
    talk = await visit.open()
    for text in (f'{{"type":"auth","data":{{"token":["{_SECRET}"]}}}}', f'{{"type":"auth","data":"{_SECRET}"'):
        talk.say(text)
        error = await talk.error(_INVALID)
        talk.expect(_SECRET not in str(error), "an error that does not quote the token", error)
