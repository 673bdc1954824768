from pathlib import Path

import pytest

from pvws.bus import connection as connections
from pvws.bus import stream_reader
from pvws.bus.address import read_address
from tests.support.bused import Taken, event
from tests.support.cuttable import Cuttable
from tests.support.nats_server import NatsServer, bus_of, nats_server, new_world, until


async def test_a_node_that_was_cut_off_gets_what_it_missed(server: NatsServer) -> None:
    world, node = new_world(server), Taken()
    async with Cuttable(server.port) as line, bus_of(world) as source:
        feed = await source.lead()
        async with bus_of(read_address(f"nats://127.0.0.1:{line.port}/{world.world}")) as other:
            await other.follow(0, node)
            feed.send([event(number) for number in range(10)])
            await node.until(10)
            line.cut()
            feed.send([event(number) for number in range(10, 500)])
            await feed.drain()
            assert len(node.carried) == 10
            line.mend()
            await node.until(500)
            assert node.numbers == list(range(500))


async def test_a_line_that_falls_silent_without_a_word_is_noticed(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_PING_S", 0.2)
    world, node, told = new_world(server), Taken(), list[str]()
    async with Cuttable(server.port) as line, bus_of(world) as source:
        feed = await source.lead()
        async with bus_of(read_address(f"nats://127.0.0.1:{line.port}/{world.world}"), told) as other:
            await other.follow(0, node)
            feed.send([event(0)])
            await node.until(1)
            line.hush()
            feed.send([event(1)])
            await until(lambda: told)
            line.mend()
            await node.until(2)
            assert node.numbers == [0, 1]


async def test_what_the_stream_has_no_longer_is_missing_from_the_places(server: NatsServer) -> None:
    world, node = new_world(server), Taken()
    async with Cuttable(server.port) as line, bus_of(world) as source:
        feed = await source.lead()
        async with bus_of(read_address(f"nats://127.0.0.1:{line.port}/{world.world}")) as other:
            await other.follow(0, node)
            feed.send([event(0)])
            await node.until(1)
            line.cut()
            feed.send([event(number) for number in range(1, 10)])
            await feed.drain()
            await source.connection.jetstream.purge_stream(source.connection.stream, keep=2)
            line.mend()
            await node.until(3)
            assert node.places == [1, 9, 10]


async def test_a_consumer_that_the_server_has_lost_is_replaced(
    server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_reader, "BUS_BEAT_S", 0.1)
    monkeypatch.setattr(stream_reader, "BUS_SILENT_S", 0.3)
    world, node = new_world(server), Taken()
    async with bus_of(world) as bus:
        feed = await bus.lead()
        await bus.follow(0, node)
        feed.send([event(0)])
        await node.until(1)
        jetstream, stream = bus.connection.jetstream, bus.connection.stream
        (consumer,) = await jetstream.consumers_info(stream)
        assert consumer.name is not None
        await jetstream.delete_consumer(stream, consumer.name)
        feed.send([event(1)])
        await node.until(2)
        assert node.numbers == [0, 1]


async def test_a_server_that_lost_its_stream_is_told_and_followed_from_the_new_beginning(tmp_path: Path) -> None:
    with nats_server(tmp_path / "one") as server:
        world, node, told = new_world(server), Taken(), list[str]()
        async with bus_of(world) as source, bus_of(world, told) as other:
            feed = await source.lead()
            await other.follow(0, node)
            feed.send([event(0), event(1)])
            await node.until(2)
            server.kill()
            (tmp_path / "one" / "store").rename(tmp_path / "gone")
            feed.send([event(2)])
            server.start()
            await until(lambda: 2 in node.numbers)
            assert any("has lost its stream, which begins anew" in sentence for sentence in told)


async def test_what_others_write_into_the_stream_is_left_out(
    server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "pvws.bus")
    world, node, told = new_world(server), Taken(), list[str]()
    async with bus_of(world, told) as bus:
        await bus.follow(0, node)
        client = bus.connection.client
        for _ in range(2):
            await client.publish(f"peervault.{world.world}.alerts.x", b"what", headers={"Pvws-Event": "[1,"})
        await client.publish(f"peervault.{world.world}.alerts.x", b"what")
        await client.flush()
        feed = await bus.lead()
        feed.send([event(0)])
        await node.until(1)
        assert node.places == [4]
    assert "entry 1 of the bus is not one of pvws" in caplog.text
    (said,) = told
    assert "does not understand, and leaves out; have the same version of pvws on all machines" in said
