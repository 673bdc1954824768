"""A node that is cut off from the bus for ten seconds, as a lost cable does it, on a real NATS server."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from pvws.bus.address import read_address
from pvws.sim.source import Timed
from pvws.stage.following import Following
from pvws.stage.leading import Leading
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from tests.support.cuttable import Cuttable
from tests.support.nats_server import bus_of, nats_server, until
from tests.support.staged import START, Listener, director, listener, venue_of

CUT_S = 10.0
SCRIPT = """
scenario: steady
start: 2024-01-01T00:00:00Z
duration: 1h
network: {peers: 8}
behaviours: {uploads: {rate: 100/s, size: 1 KiB}}
timeline: [{when: {client: sends, match: type == 'hello'}, times: always, do: reply, type: greeting}]
"""


class Played(Observer):
    """The texts that a stage has given out."""

    def __init__(self, stage: Stage) -> None:
        self.texts: list[str] = []
        stage.observe(self)

    def published(self, events: object, real: int) -> None:
        """Keep them."""
        assert isinstance(events, list | tuple)
        self.texts += [event.text.decode() for event in events if isinstance(event, Timed)]


async def read_on(client: Listener) -> None:
    """Read all that comes."""
    await client.read_until("a text that never comes")


@pytest.mark.long
@pytest.mark.parametrize("age", ["10m", "2s"])
async def test_ten_seconds_without_the_bus_leave_no_gap_or_one_that_is_counted_and_told(
    tmp_path: Path, age: str
) -> None:
    told, said = list[str](), list[str]()
    async with AsyncExitStack() as stack:
        server = stack.enter_context(nats_server(tmp_path))
        line = await stack.enter_async_context(Cuttable(server.port))
        world = f"/cut?age={age}"
        source = Stage(director(SCRIPT), start=START)
        bus = await stack.enter_async_context(bus_of(read_address(server.url + world)))
        leading = Leading(source, bus, told.append)
        await leading.begin()
        stage = Stage()
        far = await stack.enter_async_context(bus_of(read_address(f"nats://127.0.0.1:{line.port}{world}"), said))
        node = Following(stage, far, said.append)
        await node.begin()
        stack.push_async_callback(node.end)
        venue = await stack.enter_async_context(venue_of(stage))
        client = await stack.enter_async_context(listener(venue, "file_operations"))
        played, playing = Played(source), asyncio.ensure_future(source.play())
        reading = asyncio.ensure_future(read_on(client))
        stack.callback(playing.cancel)
        stack.callback(reading.cancel)
        await until(lambda: len(client.texts) > 200 and len(leading.guests) == 1)

        line.hush()
        line.refuse()  # nobody gets through the cable again, either
        await asyncio.sleep(CUT_S)
        client.say('{"type":"hello"}')  # which the source is told of when it can be
        await until(lambda: len(leading.guests) == 0)
        assert "is silent; its 1 client counts as disconnected" in told[-1]
        line.mend()

        cut = len(client.texts)
        await until(lambda: len(client.texts) > cut + 500 and any('"greeting"' in each for each in client.texts), 60)
        assert len(leading.guests) == 1, "it has come again"
        playing.cancel()
        await until(lambda: played.texts[-1] in client.texts, 30)
        got = [text for text in client.texts if json.loads(text)["type"] not in ("pong", "error", "greeting")]
        missing = len(played.texts[played.texts.index(got[0]) :]) - len(got)
        assert set(got) <= set(played.texts) and got == sorted(got, key=played.texts.index), "in order, and once"
        assert node.lost == missing
        if age == "10m":
            assert missing == 0
        else:
            assert missing > 200
            assert any(f"{missing:,} in all" in sentence and "lost on the way" in sentence for sentence in said)
