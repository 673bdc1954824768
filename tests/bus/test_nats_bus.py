import asyncio
from pathlib import Path

from pvws.bus.nats_bus import NatsBus
from tests.support.bused import Taken, event
from tests.support.nats_server import NatsServer, bus_of, nats_server, new_world


async def test_what_plays_can_be_read_by_anybody_who_speaks_nats(server: NatsServer) -> None:
    world = new_world(server)
    got: asyncio.Future[tuple[str, bytes]] = asyncio.get_running_loop().create_future()
    async with bus_of(world) as bus:
        feed = await bus.lead()
        subscription = await bus.connection.client.subscribe(f"peervault.{world.world}.alerts.>")
        feed.send([event(0, b'{"type":"storage_alert"}', type="storage_alert")])
        message = await subscription.next_msg(10)
        got.set_result((message.subject, message.data))
    assert await got == (f"peervault.{world.world}.alerts.storage_alert", b'{"type":"storage_alert"}')


async def test_its_text_has_no_secret_and_names_the_world(tmp_path: Path) -> None:
    with nats_server(tmp_path, "--user", "me", "--pass", "secret") as server:
        world = new_world(server)
        bus = await NatsBus.open(type(world)(server.url.replace("//", "//me:secret@"), server.url, world.world))
        assert bus.text == f"{server.url}/{world.world}"
        await bus.close()


async def test_questions_are_answered_and_beats_heard_after_the_server_was_restarted(tmp_path: Path) -> None:
    with nats_server(tmp_path) as server:
        world, node, heard = new_world(server), Taken(), asyncio.Event()
        async with bus_of(world) as one, bus_of(world) as other:
            feed = await one.lead()
            await other.follow(0, node)
            await other.listen("state", lambda content: heard.set())

            async def answer(question: bytes) -> bytes:
                return question

            await other.answer("n1", answer)
            server.kill()
            server.start()
            feed.send([event(0)])
            await node.until(1)
            one.tell("state", b"")
            async with asyncio.timeout(10):
                await heard.wait()
            assert await one.ask("n1", b"?", 5) == b"?"
