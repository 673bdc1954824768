"""Worlds: stages beside the main one, made for somebody, leased, renewed and ended."""

from typing import Annotated

from msgspec import Meta, structs

from pvws.answers import WorldInfo, Worlds
from pvws.control.plane import Plane
from pvws.control.problems import Refusal
from pvws.control.reading import Nothing
from pvws.control.route import Answer, Call, Query, Route
from pvws.control.routes.scenarios import Wish, load
from pvws.notation.quantities import Period
from pvws.server.room import MAIN
from pvws.stage.stage import Stage
from pvws.timestamp import Timestamp

__all__ = ["ROUTES"]

_TTL = 60_000_000
_TTL_MAX = 7 * 86_400_000_000


class _Lease(Wish, frozen=True, kw_only=True):
    """For how long it is held open; and what it is to play, where that is not what the server plays."""

    ttl: Annotated[
        Period, Meta(le=_TTL_MAX, description="How long it stays without being renewed.", examples=["60s"])
    ] = _TTL


def _worlds(call: Call[Nothing, Query]) -> Worlds:
    """All worlds there are."""
    return Worlds(worlds=[_info(call.plane, name) for name in call.plane.venue.stages])


def _world(call: Call[Nothing, Query]) -> WorldInfo:
    """One world."""
    return _info(call.plane, call.path["name"])


async def _lease(call: Call[_Lease, Query]) -> Answer:
    """Make a world, or hold one open for longer.

    It is there as soon as this answers; clients come to it with `?world=NAME`. It stays for `ttl` of real time after
    this call, and some time more while it has clients; the next such call counts anew. It plays what the server plays,
    or what is said, from the beginning; who renews it says the same again, or nothing but `ttl`.
    """
    name, plane = call.path["name"], call.plane
    if name == MAIN:
        raise Refusal("conflict", f"the world {MAIN} is always there and needs no lease; choose another name")
    body, wish = call.body, structs.replace(call.body, ttl=_TTL)
    seconds, asks = body.ttl / 1_000_000, wish != _Lease()
    there = plane.leased(name)
    if plane.venue.find(name) is not None:
        if asks and (there is None or there.made_with != wish):
            raise Refusal("conflict", f"the world {name} is there already: PUT /v1/scenario?world={name} loads another")
        leased = plane.lease(name, seconds)
        if there is not None:
            await leased.made.wait()  # by whoever asked for it just before
        return Answer(_info(plane, name), 200)
    leased = plane.lease(name, seconds, wish)
    try:
        await _begin(leased.lease.stage, wish)
    except BaseException:
        plane.release(name)
        plane.venue.end(name, 1011)
        raise
    finally:
        leased.made.set()
    return Answer(_info(plane, name), 201)


async def _begin(stage: Stage, wish: _Lease) -> None:
    """Have a world that was just made play what is wished for."""
    if wish in (_Lease(), _Lease(held=False)):
        return
    stage.clock.pause()  # before anything can be played: what the server plays is not heard in it
    if wish != _Lease(held=True):
        await load(stage, structs.replace(wish, held=bool(wish.held)))


def _end(call: Call[Nothing, Query]) -> WorldInfo:
    """End a world: its clients get a close frame (1001), and its name is free.

    The answer is what it was.
    """
    name, plane = call.path["name"], call.plane
    if name == MAIN:
        raise Refusal("conflict", f"the world {MAIN} ends with the server only: POST /v1/stop")
    was = _info(plane, name)
    plane.release(name)
    plane.venue.end(name, 1001, "the world has ended")
    return was


def _info(plane: Plane, name: str) -> WorldInfo:
    stage, leased = plane.stage(name), plane.leased(name)
    url = plane.venue.url
    return WorldInfo(
        name=name,
        url=url if name == MAIN else f"{url}?world={name}",
        clients=len(stage.clients()),
        leased=leased is not None,
        expires=None if leased is None or leased.expires is None else Timestamp(leased.expires),
    )


ROUTES = (
    Route(method="GET", path="/v1/worlds", tag="worlds", handle=_worlds, answer=Worlds),
    Route(method="GET", path="/v1/worlds/{name}", tag="worlds", handle=_world, answer=WorldInfo),
    Route(
        method="PUT",
        path="/v1/worlds/{name}",
        tag="worlds",
        handle=_lease,
        body=_Lease,
        answer=WorldInfo,
        also={201: "It was made."},
        problems=("conflict", "too-many"),
    ),
    Route(
        method="DELETE", path="/v1/worlds/{name}", tag="worlds", handle=_end, answer=WorldInfo, problems=("conflict",)
    ),
)
"""What this file serves."""
