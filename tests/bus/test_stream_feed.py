import asyncio
from pathlib import Path

import pytest
from nats.js.api import DiscardPolicy, StreamConfig

from pvws.bus import stream_feed
from pvws.bus.connection import Connection, open_connection
from pvws.bus.stream_feed import StreamFeed
from tests.support.bused import Taken, event
from tests.support.nats_server import NatsServer, bus_of, nats_server, new_world, until


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused is tried again soon."""
    monkeypatch.setattr(stream_feed, "_AGAIN_S", 0.02)


async def test_a_server_that_is_killed_between_has_everything_once_and_in_order(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        world, node, told = new_world(server), Taken(), list[str]()
        async with bus_of(world, told) as source, bus_of(world) as other:
            feed = await source.lead()
            await other.follow(0, node)
            feed.send([event(number) for number in range(1_000)])
            await asyncio.sleep(0)  # some of them may be on their way
            server.kill()
            feed.send([event(number) for number in range(1_000, 1_500)])
            server.start()
            feed.send([event(number) for number in range(1_500, 2_000)])
            assert await feed.drain() == 2_000
            await node.until(2_000)
            assert list(dict.fromkeys(node.numbers)) == list(range(2_000))
            assert feed.lost == 0
            assert [sentence.partition(": ")[2] for sentence in told] == [
                "the bus is gone; it is tried again until it is back",
                "the bus is back",
            ]


async def test_what_the_bus_takes_nothing_of_for_too_long_is_lost_the_oldest_first_and_told(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        world, node, told = new_world(server), Taken(), list[str]()
        connection = await open_connection(world, "test", told.append)
        await connection.find_stream()
        feed = StreamFeed(connection, 0, lambda: None, bytes_max=1_000)
        await feed.begin()
        async with bus_of(world) as other:
            await other.follow(0, node)
            server.kill()
            await until(lambda: not connection.up)
            feed.send([event(number, b"x" * 100) for number in range(30)])
            assert feed.full
            server.start()
            await feed.drain()
            await node.until(10)
        assert feed.lost == 20
        assert node.numbers == list(range(20, 30)), "the latest are kept"
        assert any("events are lost: it takes nothing" in sentence for sentence in told)
        await feed.close()
        await connection.close()


async def test_a_second_source_that_writes_is_seen_by_the_first(server: NatsServer) -> None:
    world, seen = new_world(server), asyncio.Event()
    async with bus_of(world, taken=lambda error: seen.set()) as first, bus_of(world) as second:
        feed = await first.lead()
        other = await second.lead()  # nobody answers for the first, as if both had come at once
        other.send([event(0, b"of the other")])
        await other.drain()
        feed.send([event(0)])
        async with asyncio.timeout(10):
            await seen.wait()


async def test_a_message_that_is_too_large_for_the_server_is_lost_alone(server: NatsServer) -> None:
    told = list[str]()
    world, node = new_world(server), Taken()
    async with bus_of(world, told) as bus:
        feed = await bus.lead()
        await bus.follow(0, node)
        feed.send([event(0), event(1, b"x" * 2_000_000), event(2)])
        await feed.drain()
        feed.send([event(3, b"x" * 2_000_000)])
        await feed.drain()
        feed.send([event(4, b"x" * (1_048_576 - 20)), event(5, b"x" * (1_048_576 - 200))])  # headers count as well
        await feed.drain()
        assert (await node.until(3)).numbers == [0, 2, 5]
        assert feed.lost == 3
        assert "it takes no message of 2,000,000 bytes" in told[0]


async def test_a_stream_that_is_full_is_told_and_goes_on_when_there_is_room(server: NatsServer) -> None:
    told = list[str]()
    world = new_world(server)
    connection = await open_connection(world, "test", told.append)
    name = connection.stream
    subjects = [f"peervault.{world.world}.*.*"]
    narrow = StreamConfig(name=name, subjects=subjects, max_msgs=3, discard=DiscardPolicy.NEW)
    await connection.jetstream.add_stream(narrow)
    feed = StreamFeed(connection, 0, lambda: pytest.fail("nobody else is there"))
    await feed.begin()
    feed.send([event(number) for number in range(5)])
    await until(lambda: told)
    assert f"the stream {name} is full" in told[0]
    assert feed.place == 3
    await connection.jetstream.update_stream(StreamConfig(name=name, subjects=subjects, max_msgs=100))
    assert await feed.drain() == 5
    assert len(told) == 1, "it is said once"
    await _left(feed, connection)


async def test_a_stream_that_was_deleted_begins_anew_with_what_it_had_last(server: NatsServer) -> None:
    world = new_world(server)
    connection = await open_connection(world, "test", lambda sentence: None)
    await connection.find_stream()
    feed = StreamFeed(connection, 0, lambda: pytest.fail("nobody else is there"))
    await feed.begin()
    feed.send([event(0), event(1)])
    await feed.drain()
    await connection.jetstream.delete_stream(connection.stream)
    feed.send([event(2)])
    assert await feed.drain() == 3
    await _left(feed, connection)


async def test_an_event_costs_one_message_and_only_the_last_of_a_turn_an_answer(server: NatsServer) -> None:
    world = new_world(server)
    connection = await open_connection(world, "test", lambda sentence: None)
    await connection.find_stream()
    feed = StreamFeed(connection, 0, lambda: None)
    await feed.begin()
    before = dict(connection.client.stats)
    feed.send([event(number) for number in range(1_000)])
    await feed.drain()
    assert connection.client.stats["out_msgs"] - before["out_msgs"] == 1_000
    assert connection.client.stats["in_msgs"] - before["in_msgs"] == 1
    await _left(feed, connection)


async def _left(feed: StreamFeed, connection: Connection) -> None:
    await feed.close()
    await connection.close()
