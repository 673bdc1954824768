from pvws.bus.local import LocalServer
from tests.support.bused import Taken, event


async def test_of_what_a_world_does_not_keep_the_places_tell() -> None:
    server, node = LocalServer(bytes_max=100), Taken()
    feed = await server.bus().lead()
    feed.send([event(number, b"x" * 40) for number in range(5)])
    await server.bus().follow(0, node)
    await node.until(2)
    assert node.places == [4, 5]


async def test_who_has_left_is_given_nothing_more() -> None:
    server, node = LocalServer(), Taken()
    feed, bus = await server.bus().lead(), server.bus()
    await bus.follow(0, node)
    feed.send([event(0)])
    await node.until(1)
    await bus.close()
    other = Taken()
    await server.bus().follow(0, other)
    feed.send([event(1)])
    await other.until(2)
    assert node.numbers == [0]


async def test_a_world_whose_source_has_left_can_have_another() -> None:
    server = LocalServer()
    first = server.bus()
    await first.lead()
    await first.close()
    assert await server.bus().lead()
