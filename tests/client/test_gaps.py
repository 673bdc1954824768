"""Connections are cut at any moment: nothing comes twice, and what is missing lies in a gap that is told."""

import asyncio
import json
from random import Random

import pytest

import pvws
from pvws.server.settings import Settings
from pvws.wire.profiles import DOCUMENTED, UPSTREAM, Quirks
from tests.support.served import Served, served

OPTIONS: pvws.Options = {"retry_first_s": 0.001, "retry_most_s": 0.002, "heartbeat_s": None, "buffer": 8}
LAST = 600


async def publish(server: Served, chance: Random) -> None:
    """Numbers in their order, a few a turn; now and then every connection is cut, with what was written unread."""
    number = 0
    while number <= LAST:
        for _ in range(chance.randrange(20)):
            server.publish("alerts", json.dumps({"number": number}))
            number += 1
        if chance.random() < 0.2:
            for connection in tuple(server.listener._connections):
                connection._transport.abort()  # type: ignore[attr-defined]
        await asyncio.sleep(chance.choice((0, 0, 0.002)))
    while True:  # until somebody is there to hear it
        server.publish("alerts", json.dumps({"number": number}))
        number += 1
        await asyncio.sleep(0.002)


@pytest.mark.parametrize("quirks", [DOCUMENTED, UPSTREAM], ids=["documented", "upstream"])
@pytest.mark.parametrize("seed", range(3))
async def test_what_is_missing_lies_in_a_gap_that_is_told(seed: int, quirks: Quirks) -> None:
    chance, expected, gaps, since_gap = Random(seed), 0, 0, True
    async with asyncio.timeout(30), served(Settings(quirks=quirks)) as server:
        events = pvws.connect(server.url, "alerts", **OPTIONS)
        async with events:
            await events.ping()
            publishing = asyncio.ensure_future(publish(server, chance))
            async for item in events.everything():
                match item:
                    case pvws.Event():
                        number = json.loads(item.text)["number"]
                        assert number == expected or (number > expected and since_gap), (
                            "neither twice nor silently lost"
                        )
                        expected, since_gap = number + 1, False
                        if number > LAST:
                            break
                        if chance.random() < 0.1:
                            await asyncio.sleep(0)
                    case pvws.Connected(gap=gap):
                        assert (gap is None) == (gaps == 0)
                        gaps, since_gap = gaps + 1, True
                    case _:
                        pass
            publishing.cancel()
    assert gaps > 3, "the canary: it was cut several times"
