import pytest
from websockets.asyncio.client import connect

from pvws.server.room import is_world
from pvws.server.settings import Configuration
from pvws.sim.source import Timed
from pvws.stage.stage import Stage
from pvws.stage.venue import Venue


@pytest.mark.parametrize("name", ["main", "a", "Test-1.2_3", "x" * 64])
def test_a_world_has_a_plain_name(name: str) -> None:
    assert is_world(name)


@pytest.mark.parametrize("name", ["", "x" * 65, "a/b", "ä", "a b", "a\n", "٣"])
def test_other_names_are_refused(name: str) -> None:
    assert not is_world(name)


async def test_a_new_subscriber_is_told_what_is_there_before_everything_else() -> None:
    stage = Stage(welcome=lambda topic: [Timed(0, 0, topic, "x", f"there: {topic}".encode())])
    async with (
        Venue(stage, Configuration(host="127.0.0.1", port=0)) as venue,
        connect(venue.url) as client,
    ):
        for topic in ("alerts", "alerts", "system"):
            await client.send(f'{{"type":"subscribe","topic":"{topic}"}}')
        await stage.hub.subscriber(frozenset(("alerts", "system")))
        stage.hub.publish(Timed(0, 1, "alerts", "x", b"news"))
        assert [await client.recv() for _ in range(3)] == ["there: alerts", "there: system", "news"]
