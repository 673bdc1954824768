"""A stage behind a door, and clients of it that see every text: what tests of clocks and ledgers play on."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.frames import Opcode

from pvws.scenario.director import Director
from pvws.scenario.loader import load
from pvws.server.settings import Configuration
from pvws.sim.source import ClientInput, Source
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue
from tests.support.raw_client import RawClient

START = 1_704_067_200_000_000  # 2024-01-01T00:00:00Z
SECOND = 1_000_000
HERE = Configuration("127.0.0.1", 0)

STORY = """
scenario: story
start: 2024-01-01T00:00:00Z
duration: 1m
network: {peers: 3, capacity: 1 GiB}
behaviours:
  uploads: {rate: 2/s, size: 1 KiB}
timeline:
  - {at: 10s, do: mark, name: ten}
  - {at: 20s, do: emit, type: security_alert, data: {level: critical}}
  - {when: {client: subscribes, topic: alerts}, do: emit, type: network_alert}
"""


def director(text: str = STORY, inputs: tuple[ClientInput, ...] = ()) -> Director:
    """A script, from 2024 on."""
    scenario = load(text, "story.yaml")
    return Director(scenario, start=START, seed=scenario.seed, duration=scenario.duration, inputs=inputs)


def story(text: str = STORY, **options: Any) -> Stage:
    """A stage on which a script is held at its start, and whose clock can be set back."""
    made = {"start": START, "held": True, "remake": lambda inputs: director(text, tuple(inputs))} | options
    return Stage(director(text), **made)


def stage_of(source: Source, **options: Any) -> Stage:
    """A stage held at the start, for any source."""
    return Stage(source, **({"start": START, "held": True} | options))


class Listener(RawClient):
    """A client that sees bytes, keeps every text it has read, and answers pings if it is told to."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.texts: list[str] = []

    async def subscribe(self, *topics: str) -> None:
        """Subscribe, and see it done."""
        for topic in topics:
            self.say(f'{{"type":"subscribe","topic":"{topic}"}}')
        self.say('{"type":"ping"}')
        await self.read_until('"pong"')

    async def read_until(self, part: str) -> str:
        """Read texts up to one that has this in it."""
        while True:
            opcode, payload = await self.read_frame()
            if opcode == Opcode.PING:
                self.send(self.frame(Opcode.PONG, payload))
                continue
            assert opcode == Opcode.TEXT, (opcode, payload)
            self.texts.append(payload.decode())
            if part in self.texts[-1]:
                return self.texts[-1]

    async def catch_up(self) -> list[str]:
        """All texts so far: a pong comes behind whatever was sent before."""
        self.say('{"type":"ping"}')
        await self.read_until('"pong"')
        return self.texts

    async def types(self) -> list[str]:
        """The types of all messages so far, pongs left out."""
        found = [json.loads(text)["type"] for text in await self.catch_up()]
        return [each for each in found if each != "pong"]


@asynccontextmanager
async def venue_of(stage: Stage, configuration: Configuration = HERE, **options: Any) -> AsyncIterator[Venue]:
    """A server for a stage."""
    async with Venue(stage, configuration, **options) as venue:
        yield venue


@asynccontextmanager
async def listener(venue: Venue, *topics: str, path: str = "/ws") -> AsyncIterator["Listener"]:
    """A client of a venue, subscribed."""
    host, port = venue.url.removeprefix("ws://").removesuffix("/ws").split(":")
    client = Listener(host, int(port))
    async with client:
        await client.open(path)
        await client.subscribe(*topics)
        yield client
