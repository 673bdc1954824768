"""Timeouts: handshakes that are never completed, pings of the server, and clients that have fallen silent."""

import asyncio
import time

from pvws.testing.rule import Section
from pvws.testing.talk import Closed, Ended, Message, Pinged, Talk
from pvws.testing.visit import Visit
from pvws.wire.profiles import ProfileName

__all__ = ["SECTION"]

SECTION = Section("timeouts")
"""`timeouts.…`"""

_LIFE = 'contract, "Connection life"'
_DOCUMENTED: ProfileName = "documented"
_UPSTREAM: ProfileName = "upstream"
_EARLY = 0.9  # of a time: two clocks and a measurement are between us
_SLACK_S = 1.0  # for a busy machine


def _late(seconds: float) -> float:
    return seconds / _EARLY + _SLACK_S


def _now(talk: Talk) -> float:
    """Seconds since the connection was opened."""
    return time.monotonic() - talk.pipe.opened_at


async def _gone_at(talk: Talk, seconds: float) -> None:
    expected = f"the end of the connection {seconds:g} s after its beginning"
    at = await talk.ended_at(_late(seconds) - _now(talk))
    talk.expect(at is not None, expected, f"no end within {_late(seconds):.1f} s")
    talk.expect(at is not None and at >= _EARLY * seconds, expected, f"its end after {at or 0:.2f} s")


@SECTION.rule("silent-handshake", _LIFE, slow=True)
async def _silent_handshake(visit: Visit) -> None:
    """Read timeout 30 s, for a complete opening handshake: a connection that says nothing is gone after it."""
    await _gone_at(await visit.connect(), visit.target.read_timeout)


@SECTION.rule("half-handshake", _LIFE, slow=True)
async def _half_handshake(visit: Visit) -> None:
    """Read timeout 30 s, for a complete opening handshake: half of one is not enough."""
    talk = await visit.connect()
    head = talk.request("GET", visit.target.websocket, talk.fields())
    talk.send(head[: len(head) // 2], "half of a handshake")
    await _gone_at(talk, visit.target.read_timeout)


@SECTION.rule("slow-handshake", _LIFE, slow=True)
async def _slow_handshake(visit: Visit) -> None:
    """Read timeout 30 s, for a complete opening handshake: bytes that trickle in don't lengthen it."""
    talk = await visit.connect()
    head = talk.request("GET", visit.target.websocket, talk.fields())
    step = visit.target.read_timeout / 20
    for at in range(60):
        if await talk.pipe.until(lambda: talk.pipe.ended, step):
            break
        talk.pipe.write(head[at : at + 1])
        if _now(talk) > _late(visit.target.read_timeout):
            break
    await _gone_at(talk, visit.target.read_timeout)


@SECTION.rule("idle", 'API documentation, "Connection Configuration"', slow=True)
async def _idle(visit: Visit) -> None:
    """The read timeout is for the handshake: a WebSocket that answers pings lives on past it and the pong wait."""
    talk = await visit.open()
    item = await talk.next(1.2 * max(visit.target.read_timeout, visit.target.pong_wait))
    talk.expect(item is None, "nothing but pings", str(item))
    await talk.fence()


@SECTION.rule("ping-period", _LIFE, slow=True)
async def _ping_period(visit: Visit) -> None:
    """An empty control ping every 54 s after the handshake."""
    talk = await visit.open()
    talk.answers_pings = False
    for number in (1, 2):
        due = number * visit.target.ping_period
        expected = f"an empty control ping {due:g} s after the handshake"
        item = await talk.item(expected, _late(due) - _now(talk))
        talk.expect(item == Pinged(b""), expected, item)
        talk.expect(_now(talk) >= _EARLY * due, expected, f"one after {_now(talk):.2f} s")
        talk.say_pong()


async def _but_pings(talk: Talk, expected: str, until: float) -> Closed | Ended | Message | None:
    """The next thing that is no ping, none of which is answered; None when nothing has come by then."""
    talk.answers_pings = False
    while isinstance(item := await talk.next(max(until - _now(talk), 0)), Pinged):
        pass
    if item is None or isinstance(item, Closed | Ended | Message):
        return item
    raise talk.broken(expected, item)


async def _falls_silent(talk: Talk, since: float) -> Closed | Ended:
    """How the server parts with a client that sends nothing more, not even pongs, since then."""
    due = since + talk.target.pong_wait
    expected = f"the end, {talk.target.pong_wait:g} s after the last sign of life"
    item = await _but_pings(talk, expected, _late(due))
    talk.expect(isinstance(item, Closed | Ended), expected, str(item or "nothing but pings"))
    assert isinstance(item, Closed | Ended), "the expectation says so"
    talk.expect(_now(talk) >= _EARLY * due, expected, f"{item} after {_now(talk):.2f} s")
    return item


async def _speaks(talk: Talk) -> None:
    talk.say('{"type":"ping"}')
    item = await _but_pings(talk, "a pong", _now(talk) + talk.target.patience)
    talk.expect(isinstance(item, Message), "a pong", str(item))


@SECTION.rule("pong-wait", _LIFE, profile=_DOCUMENTED, slow=True)
async def _pong_wait(visit: Visit) -> None:
    """A client from which no byte comes for 60 s: close 1008 'no pong', cut after 1 s."""
    talk = await visit.open()
    item = await _falls_silent(talk, 0)
    talk.expect(item == Closed(1008, "no pong"), "close 1008 'no pong'", item)
    await talk.end(_late(1))


@SECTION.rule("any-byte", _LIFE, profile=_DOCUMENTED, slow=True)
async def _any_byte(visit: Visit) -> None:
    """Any byte received restarts the pong wait."""
    half = visit.target.pong_wait / 2
    talk = await visit.open()
    item = await _but_pings(talk, "nothing but pings", half)
    talk.expect(item is None, "nothing but pings", str(item))
    await _speaks(talk)
    item = await _falls_silent(talk, half)
    talk.expect(isinstance(item, Closed) and item.code == 1008, "close 1008", item)


@SECTION.rule("upstream-pong-wait", "observations of the real server, row C2", profile=_UPSTREAM, slow=True)
async def _upstream_pong_wait(visit: Visit) -> None:
    """Without pongs the connection is closed 60 s after connect, with an empty close frame or none."""
    talk = await visit.open()
    item = await _falls_silent(talk, 0)
    talk.expect(isinstance(item, Ended) or item == Closed(None), "the end, or an empty close frame", item)


@SECTION.rule("upstream-only-pongs", "observations of the real server, row C3", profile=_UPSTREAM, slow=True)
async def _upstream_only_pongs(visit: Visit) -> None:
    """Only pong frames renew the 60 s, unsolicited ones too; app messages and control pings do not."""
    half = visit.target.pong_wait / 2
    others, ponging = await visit.open(), await visit.open()
    items = await asyncio.gather(*(_but_pings(talk, "nothing but pings", half) for talk in (others, ponging)))
    others.expect(items == [None, None], "nothing but pings", str(items))
    ponging.say_pong()
    await _speaks(others)
    await asyncio.gather(_falls_silent(others, 0), _falls_silent(ponging, half))
    at = others.pipe.ended_at - others.pipe.opened_at
    others.expect(
        at < visit.target.pong_wait + _EARLY * half, "the end 60 s after connect", f"its end after {at:.2f} s"
    )
