"""Limits: the size of messages, their number in a second, and the number of connections."""

import asyncio
import math
import time

from pvws.testing.frames import client_frame
from pvws.testing.rule import Section
from pvws.testing.talk import Message, Ponged, Reply, Talk
from pvws.testing.verdict import BrokenError
from pvws.testing.visit import Visit
from pvws.wire.frames import Opcode
from pvws.wire.messages import SENTENCES, ErrorCode

__all__ = ["SECTION", "crowd", "padded"]

SECTION = Section("limits", profile="documented")
"""`limits.…`"""

_LIMITS = 'API documentation, "Rate Limiting"'
_LIFE = 'contract, "Connection life"'
_SIZE_MAX = 1_048_576
_RATE = 100  # messages a second
_TRIALS = 3  # of the rate, if the machine is too slow for a fair one
_FAIR_S = 0.9  # in which 101 messages are more than 100 in a second
_PENALTY_S = 60  # the documentation's `retryAfter`
_PING = '{"type":"ping"}'
_LIMITED = ErrorCode.RATE_LIMIT_EXCEEDED
_AT_ONCE = 64  # handshakes under way: fewer than any backlog of a listener


def padded(size: int) -> bytes:
    """A `ping` of exactly that many bytes."""
    head, tail = b'{"type":"ping","data":"', b'"}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


@SECTION.rule("message-1mib", _LIMITS)
async def _message_1mib(visit: Visit) -> None:
    """Message size limit: 1MB per message; one of exactly 1,048,576 bytes is heard."""
    talk = await visit.open()
    talk.say(padded(_SIZE_MAX))
    await talk.pong()


@SECTION.rule("message-fragments-1mib", _LIFE)
async def _message_fragments_1mib(visit: Visit) -> None:
    """The size of a message is summed over its fragments; 1,048,576 bytes in several are heard."""
    talk = await visit.open()
    text = padded(_SIZE_MAX)
    talk.say_in_parts([text[at : at + 262_144] for at in range(0, len(text), 262_144)])
    await talk.pong()


@SECTION.rule("message-too-big", _LIFE)
async def _message_too_big(visit: Visit) -> None:
    """A message larger than 1 MiB: close 1009."""
    talk = await visit.open()
    talk.say(padded(_SIZE_MAX + 1))
    await talk.close(1009)


@SECTION.rule("fragments-too-big", _LIFE)
async def _fragments_too_big(visit: Visit) -> None:
    """A message that is larger than 1 MiB only when summed over its fragments: close 1009."""
    talk = await visit.open()
    text = padded(_SIZE_MAX + 1)
    talk.say_in_parts([text[at : at + 524_288] for at in range(0, len(text), 524_288)])
    await talk.close(1009)


@SECTION.rule("rate-100", _LIMITS)
async def _rate_100(visit: Visit) -> None:
    """100 messages in a second pass."""
    talk = await visit.open()
    talk.say_at_once([_PING] * _RATE)
    for _ in range(_RATE):
        await talk.pong()


async def _limited(visit: Visit, texts: list[str]) -> tuple[Talk, Reply]:
    """A client whose 101st message in a second has been refused, and how.

    A server that takes longer than a second over them may take them for slower ones: then that is tried again.
    """
    for _ in range(_TRIALS):
        talk = await visit.open()
        began = time.monotonic()
        talk.say_at_once(texts)
        for _ in range(_RATE):
            reply = await talk.reply("an answer to each of 100 messages")
            data = reply.get("data")
            early = reply.get("type") == "error" and isinstance(data, dict) and data.get("code") == _LIMITED
            talk.expect(not early, "an answer to each of 100 messages", reply)
        try:
            return talk, await talk.error(_LIMITED)
        except BrokenError:
            if time.monotonic() - began < _FAIR_S:
                raise
    raise visit.unjudged(f"this server or machine is too slow: 101 messages took it {time.monotonic() - began:.1f} s")


@SECTION.rule("rate-101", _LIFE)
async def _rate_101(visit: Visit) -> None:
    """Exactly the 101st message in any second is over the limit: `RATE_LIMIT_EXCEEDED`, at once."""
    await _limited(visit, [_PING] * (_RATE + 1))


@SECTION.rule("rate-error", _LIMITS)
async def _rate_error(visit: Visit) -> None:
    """The error has the documented sentence and a `retryAfter` in whole seconds, at most 60, left of the penalty."""
    talk, error = await _limited(visit, [_PING] * (_RATE + 1))
    data = error["data"]
    message = data.get("message")
    sentence = SENTENCES[_LIMITED]
    talk.expect(isinstance(message, str) and message.startswith(sentence), f"the sentence “{sentence}”", error)
    seconds = data.get("retryAfter")
    right = isinstance(seconds, int) and not isinstance(seconds, bool) and 1 <= seconds <= _PENALTY_S
    talk.expect(right, f"retryAfter to be a whole number from 1 to {_PENALTY_S}", error)


@SECTION.rule("rate-any-message", _LIFE)
async def _rate_any_message(visit: Visit) -> None:
    """Every complete data message counts, valid or not."""
    await _limited(visit, ["hello"] * 50 + [_PING] * 51)


@SECTION.rule("rate-fragments", _LIFE)
async def _rate_fragments(visit: Visit) -> None:
    """It is messages that count, not frames: 60 in two frames each pass."""
    talk = await visit.open()
    for _ in range(60):
        talk.say_in_parts([b'{"type":', b'"ping"}'])
    for _ in range(60):
        await talk.pong()


@SECTION.rule("rate-control-frames", _LIFE)
async def _rate_control_frames(visit: Visit) -> None:
    """Control frames don't count."""
    talk = await visit.open()
    for _ in range(2 * _RATE):
        talk.send(client_frame(Opcode.PONG), "a control pong")
    await talk.fence()


@SECTION.rule("rate-penalty", _LIFE)
async def _rate_penalty(visit: Visit) -> None:
    """All messages until the penalty ends are discarded, and answered by at most one error a second."""
    began = time.monotonic()
    talk, _ = await _limited(visit, [_PING] * (_RATE + 1))
    talk.say_at_once([_PING] * 50)
    talk.ping(b"behind them")
    answers = 0
    while not isinstance(item := await talk.item("the control pong behind them"), Ponged):
        talk.expect(isinstance(item, Message) and b'"pong"' not in item.payload, "no message to be heard", item)
        answers += 1
    most = math.ceil(time.monotonic() - began)
    talk.expect(answers <= most, f"at most {most} more, one a second", f"{answers} errors")


@SECTION.rule("rate-open", _LIFE)
async def _rate_open(visit: Visit) -> None:
    """The connection of a client over the limit stays open."""
    talk, _ = await _limited(visit, [_PING] * (_RATE + 1))
    talk.ping(b"still there")
    item = await talk.item("a control pong")
    talk.expect(isinstance(item, Ponged), "a control pong", item)


@SECTION.rule("rate-per-client", _LIMITS)
async def _rate_per_client(visit: Visit) -> None:
    """Messages per second: 100 per client; another one is not concerned."""
    other = await visit.open()
    await _limited(visit, [_PING] * (_RATE + 1))
    await other.fence()


async def crowd(visit: Visit, size: int) -> list[Talk]:
    """That many clients, each of them served: it has had a pong."""
    _more_files(size + 64)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one() -> Talk:
        async with gate:
            talk = await visit.open()
            await talk.fence()
            return talk

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one()) for _ in range(size)]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None  # one of them says it all
    return [task.result() for task in tasks]


def _more_files(wanted: int) -> None:
    """Let this process have that many connections, if the machine lets it; else connecting will tell."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted + 64:
        more = wanted + 64 if hard == resource.RLIM_INFINITY else min(wanted + 64, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))


async def _open_now(talk: Talk) -> int | None:
    """WebSockets that are open, as the server's metrics have it."""
    document = (await talk.ask("GET", talk.target.below("metrics"))).json()
    figures = document.get("websocket") if isinstance(document, dict) else None
    count = figures.get("active_connections") if isinstance(figures, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) else None


async def _others(talk: Talk) -> int:
    """WebSockets that others have open; those of rules that are over have left within the patience."""
    until = time.monotonic() + talk.target.patience
    before: int | None = None
    while (count := await _open_now(talk)) is not None:
        if count == 0 or (count == before and time.monotonic() > until):
            return count
        before = count
        await asyncio.sleep(0.02)
    return 0


async def _full(visit: Visit) -> list[Talk]:
    """Clients of ours, with whom the server has as many as it takes, also if others have left meanwhile."""
    desk = await visit.connect()
    others, most = await _others(desk), visit.target.connections
    if others >= most:
        raise visit.unjudged(f"others have {others} connections open: there is no room for one of ours")
    clients = await crowd(visit, most - others)
    while len(clients) < most and (count := await _open_now(desk)) is not None and len(clients) <= count < most:
        clients += await crowd(visit, most - count)
    return clients


async def _turned_away(visit: Visit) -> Talk:
    talk = await visit.open()
    error = await talk.error(ErrorCode.CONNECTION_REFUSED)
    sentence = SENTENCES[ErrorCode.CONNECTION_REFUSED]
    message = error["data"].get("message")
    talk.expect(isinstance(message, str) and message.startswith(sentence), f"the sentence “{sentence}”", error)
    await talk.close(1013)
    return talk


@SECTION.rule("connections", _LIFE, alone=True)
async def _connections(visit: Visit) -> None:
    """1000 connections are served; one more is accepted, gets `CONNECTION_REFUSED` and is closed with 1013."""
    clients = await _full(visit)
    await _turned_away(visit)
    await clients[0].fence()


@SECTION.rule("connections-freed", _LIFE, alone=True)
async def _connections_freed(visit: Visit) -> None:
    """When one of the 1000 connections ends, another is served."""
    clients = await _full(visit)
    await _turned_away(visit)
    clients[0].say_close(b"\x03\xe8")
    await clients[0].close(1000)
    await clients[0].end()
    await (await visit.open()).fence()
