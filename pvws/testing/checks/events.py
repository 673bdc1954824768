"""Events, if the server has any to send while it is looked at; what it doesn't send can't be judged."""

import json
import time
from collections.abc import Iterable

from pvws.errors import MessageError
from pvws.testing.rule import Section
from pvws.testing.talk import Talk
from pvws.testing.visit import Visit
from pvws.testing.words import shown_bytes
from pvws.wire.codec import decode_server_message
from pvws.wire.messages import Event
from pvws.wire.topics import TOPICS

__all__ = ["SECTION", "subscribed", "texts_of"]

SECTION = Section("events", profile="documented")
"""`events.…`"""

_ENVELOPE = 'contract, "Envelope"'
_EVENTS = 'contract, "Topics and events"'
_ENOUGH = 200  # a busy server would fill the memory within the window


async def subscribed(visit: Visit, topics: Iterable[str], field: str = "topic") -> Talk:
    """A client that gets the events of these topics from now on."""
    talk = await visit.open()
    for topic in topics:
        talk.say(f'{{"type":"subscribe","{field}":"{topic}"}}')
    talk.say('{"type":"ping"}')
    while (await talk.reply("a pong")).get("type") != "pong":
        pass
    return talk


async def texts_of(visit: Visit, talk: Talk) -> list[bytes]:
    """What comes within the window; raises UnjudgedError if nothing does."""
    window = min(visit.target.window, 1.0) if visit.target.quick else visit.target.window
    until = time.monotonic() + window
    texts: list[bytes] = []
    while len(texts) < _ENOUGH and (left := until - time.monotonic()) > 0:
        if not await talk.pipe.until(lambda: bool(talk.pipe.received), left):
            break
        texts.append((await talk.message("an event")).payload)
    if not texts:
        raise visit.unjudged(f"no event came within {window:g} s")
    return texts


@SECTION.rule("shape", _EVENTS)
async def _shape(visit: Visit) -> None:
    """An event is one of sixteen types, and has its topic, its `data` and a timestamp."""
    talk = await subscribed(visit, TOPICS)
    for text in await texts_of(visit, talk):
        try:
            event = decode_server_message(text)
        except MessageError as error:
            raise talk.broken(f"an event: {error}", shown_bytes(text)) from None
        talk.expect(isinstance(event, Event), "an event", shown_bytes(text))


@SECTION.rule("no-client-id", _ENVELOPE)
async def _no_client_id(visit: Visit) -> None:
    """`clientId` is absent on broadcast events."""
    talk = await subscribed(visit, TOPICS)
    for text in await texts_of(visit, talk):
        talk.expect(b'"clientId"' not in text, "no clientId", shown_bytes(text))


@SECTION.rule("compact", _ENVELOPE)
async def _compact(visit: Visit) -> None:
    """Events are encoded compactly, with the keys in the order type, topic, data, timestamp."""
    talk = await subscribed(visit, TOPICS)
    for text in await texts_of(visit, talk):
        try:
            keys = list(json.loads(text))
        except ValueError:
            keys = []
        talk.expect(keys == ["type", "topic", "data", "timestamp"], "type, topic, data, timestamp", shown_bytes(text))
        talk.expect(text.startswith(b'{"type":"') and not text.endswith((b"\n", b" ")), "no blanks", shown_bytes(text))


@SECTION.rule("topics", _EVENTS)
async def _topics(visit: Visit) -> None:
    """A client gets the events of the topics it is subscribed to, and no others."""
    everything = await subscribed(visit, TOPICS)
    talks = {topic: await subscribed(visit, [topic]) for topic in TOPICS}
    seen = {_field(text, "topic") for text in await texts_of(visit, everything)}
    for topic, talk in talks.items():
        if seen <= {topic}:
            continue  # others would have been wrong here, but there were none
        talk.say('{"type":"ping"}')
        texts = await _up_to_pong(talk)
        strays = [text for text in texts if _field(text, "topic") != topic]
        talk.expect(not strays, f"events of {topic} alone", b" ".join(strays[:1]).decode(errors="replace"))


async def _up_to_pong(talk: Talk) -> list[bytes]:
    """The texts that come before the pong."""
    texts: list[bytes] = []
    while _field(text := (await talk.message("a pong")).payload, "type") != "pong":
        texts.append(text)
    return texts


def _field(text: bytes, name: str) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value.get(name) if isinstance(value, dict) else None


@SECTION.rule("unsubscribed", _EVENTS)
async def _unsubscribed(visit: Visit) -> None:
    """A client that has never subscribed, or has unsubscribed, gets no events."""
    never = await visit.open()
    no_more = await subscribed(visit, TOPICS)
    for topic in TOPICS:
        no_more.say(f'{{"type":"unsubscribe","topic":"{topic}"}}')
    no_more.say('{"type":"ping"}')
    while (await no_more.reply("a pong")).get("type") != "pong":
        pass
    await texts_of(visit, await subscribed(visit, TOPICS))
    for talk in (never, no_more):
        talk.say('{"type":"ping"}')
        texts = await _up_to_pong(talk)
        talk.expect(not texts, "no event", b" ".join(texts[:1]).decode(errors="replace"))


@SECTION.rule("same-bytes", _ENVELOPE)
async def _same_bytes(visit: Visit) -> None:
    """Events are the same bytes for every subscriber, in the same order, with none left out."""
    first = await subscribed(visit, TOPICS)
    second = await subscribed(visit, TOPICS)
    texts = await texts_of(visit, second)
    # The first may have got some before the second was there; from the second's first one on they must be the same.
    before, until = 0, time.monotonic() + visit.target.patience
    while (text := (await first.message("the same events")).payload) != texts[0]:
        before += 1
        is_to_come = before < 10 * _ENOUGH and time.monotonic() < until
        first.expect(is_to_come, shown_bytes(texts[0]), f"{before} other events")
    for other in texts[1:]:
        text = (await first.message("the same events")).payload
        first.expect(text == other, shown_bytes(other), shown_bytes(text))
    first.expect(text == texts[-1], shown_bytes(texts[-1]), shown_bytes(text))
