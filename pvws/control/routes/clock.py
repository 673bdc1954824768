"""Stage time: held, resumed, moved by hand, set, and known to have arrived."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from pvws.answers import ClockState, Marked, Moved
from pvws.control.quantities import Instant, Timeout, check_expression
from pvws.control.reading import Nothing
from pvws.control.route import Call, Query, Route
from pvws.control.told import clock_of, moved_of
from pvws.errors import InputError, Problem
from pvws.notation.quantities import Duration, Period
from pvws.scenario.quantities import Speed
from pvws.stage.advance import Advance, ClockTimeoutError
from pvws.stage.clock import ADVANCE_TIMEOUT_S
from pvws.timestamp import Timestamp

__all__ = ["ROUTES"]

_EVENTS_MAX = 1_000  # in one answer


_Ack: TypeAlias = Annotated[
    bool, Meta(description="Whether a ping goes behind the last event to every client, whose pong is waited for.")
]
"""Whether clients are asked."""

_Wanted: TypeAlias = Annotated[
    int, Meta(ge=0, le=_EVENTS_MAX, description="How many of the last events the answer is to have.")
]
"""How many events an answer is to have."""


class _Hold(Struct, frozen=True):
    """How to stop it."""

    timeout: Timeout = ADVANCE_TIMEOUT_S
    ack: _Ack = False


class _Move(Struct, frozen=True):
    """Where to: `by` a span, or `to` an instant."""

    by: Annotated[Duration | None, Meta(description="How far.", examples=["30s"])] = None
    to: Annotated[Instant | None, Meta(description="Where to.")] = None
    timeout: Timeout = ADVANCE_TIMEOUT_S
    ack: _Ack = False
    events: _Wanted = 0


class _Step(Struct, frozen=True):
    """How far."""

    n: Annotated[int, Meta(ge=1, le=1_000, description="So many instants at which there is an event.")] = 1
    timeout: Timeout = ADVANCE_TIMEOUT_S
    ack: _Ack = False
    events: _Wanted = 0


class _Until(Struct, frozen=True):
    """What to wait for: an event that meets `where`, of a `type`, of a `topic`, or all of these; or a `mark`."""

    where: Annotated[
        str | None,
        Meta(description="An expression on the message.", examples=["type == 'storage_alert' and data.value > 90"]),
    ] = None
    type: Annotated[str | None, Meta(description="The type of the event.")] = None
    topic: Annotated[str | None, Meta(description="Its topic.")] = None
    mark: Annotated[str | None, Meta(description="The name of a mark.")] = None
    within: Annotated[Period | None, Meta(description="So much stage time at most.")] = None
    timeout: Timeout = ADVANCE_TIMEOUT_S
    ack: _Ack = False
    events: _Wanted = 0


class _SetSpeed(Struct, frozen=True):
    """How fast."""

    speed: Speed


class _Seek(Struct, frozen=True):
    """Where to."""

    to: Annotated[Instant, Meta(description="Where to.")]


class _Mark(Struct, frozen=True):
    """What to call it."""

    name: Annotated[str, Meta(description="The name.")]


class _Settle(Struct, frozen=True):
    """How long to wait."""

    timeout: Timeout = ADVANCE_TIMEOUT_S


def _clock(call: Call[Nothing, Query]) -> ClockState:
    """Where stage time stands."""
    return clock_of(call.stage)


async def _hold(call: Call[_Hold, Query]) -> Moved:
    """Stop stage time where it is.

    Answers when all that was due by then has been handed to every client's socket.
    """
    stage, body = call.stage, call.body
    return moved_of(stage, await stage.clock.hold(timeout=body.timeout, ack=body.ack))


def _resume(call: Call[Nothing, Query]) -> ClockState:
    """Let stage time run on from where it stands."""
    call.stage.clock.resume()
    return clock_of(call.stage)


async def _advance(call: Call[_Move, Query]) -> Moved:
    """Move a held clock on, by a span or to an instant.

    What is due on the way is given out as fast as clients that read take it. Answers when all of it was handed to
    every client's socket; who takes nothing is named instead of waited for.
    """
    stage, body = call.stage, call.body
    if (body.by is None) == (body.to is None):
        raise InputError(Problem("", "either by or to", "neither" if body.by is None else "both"))
    by, to, timeout = body.by, body.to, body.timeout
    return moved_of(stage, await stage.clock.advance(by, to=to, timeout=timeout, ack=body.ack), body.events)


async def _step(call: Call[_Step, Query]) -> Moved:
    """Move a held clock on to the next instant at which there is an event, or so many of them further."""
    stage, body = call.stage, call.body
    now = asyncio.get_running_loop().time
    deadline = now() + body.timeout
    advances: list[Advance] = []
    for left in range(body.n, 0, -1):
        try:
            advance = await stage.clock.step(timeout=max(0.0, deadline - now()), ack=body.ack and left == 1)
        except ClockTimeoutError as error:
            raise ClockTimeoutError(body.timeout, _together([*advances, error.advance])) from None
        advances.append(advance)
        if not advance.count:  # the end
            break
        if left > 1 and now() > deadline:
            raise ClockTimeoutError(body.timeout, _together(advances))
    return moved_of(stage, _together(advances), body.events)


async def _until(call: Call[_Until, Query]) -> Moved:
    """Move a held clock on to the next event that is as described, or to a mark."""
    stage, body = call.stage, call.body
    parts = [
        f"{name} == {value!r}" for name, value in (("type", body.type), ("topic", body.topic)) if value is not None
    ]
    if body.where is not None:
        check_expression("where", body.where)
        parts.append(f"({body.where})" if parts else body.where)
    if (not parts) == (body.mark is None):
        found = "nothing" if body.mark is None else "both"
        raise InputError(Problem("", "where, type or topic, or else a mark", found))
    advance = await stage.clock.run_until(
        " and ".join(parts) if parts else None,
        mark=body.mark,
        within=body.within,
        timeout=body.timeout,
        ack=body.ack,
    )
    return moved_of(stage, advance, body.events)


def _speed(call: Call[_SetSpeed, Query]) -> ClockState:
    """Run at another speed from now on; while the clock is held, that is the speed to resume at."""
    call.stage.clock.set_speed(call.body.speed)
    return clock_of(call.stage)


async def _seek(call: Call[_Seek, Query]) -> Moved:
    """Set the clock to an instant without giving out what lies between, forward or back."""
    stage = call.stage
    return moved_of(stage, await stage.clock.seek(call.body.to))


async def _settle(call: Call[_Settle, Query]) -> Moved:
    """Answer when all that was published has been handed to every client's socket."""
    stage = call.stage
    stragglers = await stage.clock.settle(timeout=call.body.timeout)
    return moved_of(stage, Advance(stage.clock.now.micros, 0, ended=stage.clock.ended, stragglers=stragglers))


def _mark(call: Call[_Mark, Query]) -> Marked:
    """Give this instant a name, which recordings have and others can wait for."""
    name = call.body.name
    return Marked(name=name, at=Timestamp(call.stage.controller.mark(name)))


def _together(advances: list[Advance]) -> Advance:
    last = advances[-1]
    return Advance(
        last.at,
        sum(each.count for each in advances),
        tuple(timed for each in advances for timed in each.events),
        tuple(mark for each in advances for mark in each.marks),
        last.matched,
        last.ended,
        last.stragglers,
        last.silent,
    )


def _post(name: str, handle: Callable[[Any], Any], body: type[Struct], answer: Any, *problems: str) -> Route:
    return Route(
        method="POST",
        path=f"/v1/clock/{name}",
        tag="clock",
        handle=handle,
        body=body,
        answer=answer,
        waits=answer is Moved,
        problems=problems if handle is _settle else (*problems, "conflict"),
        of_source=handle is not _settle,
    )


ROUTES = (
    Route(method="GET", path="/v1/clock", tag="clock", handle=_clock, answer=ClockState),
    _post("hold", _hold, _Hold, Moved),
    _post("resume", _resume, Nothing, ClockState),
    _post("advance", _advance, _Move, Moved, "clock-runs", "timeout"),
    _post("step", _step, _Step, Moved, "clock-runs", "timeout"),
    _post("until", _until, _Until, Moved, "clock-runs", "timeout", "never-happened"),
    _post("speed", _speed, _SetSpeed, ClockState),
    _post("seek", _seek, _Seek, Moved, "no-way-back"),
    _post("settle", _settle, _Settle, Moved),
    Route(
        method="POST",
        path="/v1/mark",
        tag="clock",
        handle=_mark,
        body=_Mark,
        answer=Marked,
        problems=("conflict",),
        of_source=True,
    ),
)
"""What this file serves."""
