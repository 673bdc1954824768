"""Right servers for the checker to judge: our own, with times that a test can wait for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from itertools import count
from typing import Any

import pytest

from pvws.server.settings import Auth, Configuration, Cors, Limits, Timeouts
from pvws.session.access import Token
from pvws.sim.source import Timed
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from pvws.testing.target import Target
from tests.testing.patience import patient
from tests.testing.rulings import CONNECTIONS, TIMES

__all__ = ["RightServer", "patient", "right_server"]

_MICROS = 1_000_000
_EVENTS = {
    "file_operations": ("file_deleted", '{"key":"k","node":"n","timestamp":"T"}'),
    "peer_network": ("peer_disconnected", '{"id":"p","reason":"timeout","timestamp":"T"}'),
    "alerts": (
        "performance_alert",
        '{"level":"warning","message":"schön","metric":"cpu_usage","value":91.5,"threshold":90,"timestamp":"T"}',
    ),
}

RightServer = Callable[..., AbstractAsyncContextManager[Target]]


async def _publish(stage: Stage) -> None:
    """An event of each topic every few milliseconds, for as long as this runs."""
    for number in count():
        for topic, (kind, data) in _EVENTS.items():
            now = stage.now()
            payload = data.replace("T", now.text)
            text = f'{{"type":"{kind}","topic":"{topic}","data":{payload},"timestamp":"{now.text}"}}'
            stage.hub.publish(Timed(now.micros, number, topic, kind, text.encode()))
        await asyncio.sleep(0.02)


@pytest.fixture
def right_server() -> RightServer:
    """Makes a server of a profile, and how the checker is to see it; `token` is what it asks for.

    `times` are the contract's own, or SHORT ones for the rules that wait for them.
    """

    @asynccontextmanager
    async def serve(
        profile: Any = "documented",
        *,
        times: Any = TIMES,
        token: str | None = None,
        tokens: Any = None,
        cors: Any = None,
        **options: Any,
    ) -> AsyncIterator[Target]:
        stage = Stage()
        timeouts = Timeouts(
            read=int(times["read_timeout"] * _MICROS),
            ping_period=int(times["ping_period"] * _MICROS),
            pong_wait=int(times["pong_wait"] * _MICROS),
        )
        tokens = tokens or (() if token is None else (Token(token),))
        configuration = Configuration(
            host="127.0.0.1",
            port=0,
            profile=profile,
            timeouts=timeouts,
            limits=Limits(max_connections=CONNECTIONS),
            cors=cors or Cors(),
            auth=Auth(tokens=tokens, timeout=int(times["auth_timeout"] * _MICROS)),
        )
        async with Venue(stage, configuration) as venue:
            playing = asyncio.ensure_future(_publish(stage))
            known = {"profile": profile, "token": token, "connections": CONNECTIONS}
            yield Target(venue.url, **known | times | options)
            playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing

    return serve
