import asyncio
from pathlib import Path

import pytest
import trustme

from pvws.bus import connection as connections
from pvws.bus.address import read_address
from pvws.bus.nats_bus import NatsBus
from pvws.errors import ReachError
from tests.support.bused import event
from tests.support.nats_server import NatsServer, bus_of, nats_server, new_world, until


async def refused(url: str) -> ReachError:
    with pytest.raises(ReachError) as found:
        await NatsBus.open(read_address(url))
    assert found.value.exit_code == 3
    return found.value


async def test_nobody_there_is_told_with_the_command_that_starts_one(unused_tcp_port: int) -> None:
    error = await refused(f"nats://me:secret@127.0.0.1:{unused_tcp_port}")
    assert str(error).startswith(f"nats://127.0.0.1:{unused_tcp_port}: nobody answers there\nstart a NATS server: ")
    assert "nats-server -js" in str(error)


async def test_a_host_that_is_none_is_told() -> None:
    assert "there is no such host" in str(await refused("nats://nobody.invalid"))


async def test_wrong_credentials_are_told_without_them(tmp_path: Path) -> None:
    with nats_server(tmp_path, "--user", "me", "--pass", "secret") as server:
        for who in ("", "me:wrong-one@", "wrong-one@"):
            error = str(await refused(server.url.replace("//", f"//{who}")))
            assert "does not let us in with these credentials" in error
            assert "wrong-one" not in error
        async with bus_of(read_address(server.url.replace("//", "//me:secret@"))):
            pass


async def test_a_server_that_knows_no_tls_is_refused_before_it_hears_a_password(tmp_path: Path) -> None:
    with nats_server(tmp_path, "--user", "me", "--pass", "secret") as server:
        error = str(await refused(server.url.replace("nats://", "tls://me:secret@")))
    assert "this NATS server knows no TLS" in error
    assert "secret" not in error


async def test_tls_is_spoken_with_a_server_whose_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, certificate, key = trustme.CA(), tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    with nats_server(tmp_path, "--tls", "--tlscert", str(certificate), "--tlskey", str(key)) as server:
        assert "no TLS with this NATS server" in str(await refused(server.url.replace("nats:", "tls:")))
        authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        for scheme in ("nats:", "tls:"):
            async with bus_of(read_address(server.url.replace("nats:", scheme))) as bus:
                assert (await bus.lead()).place == 0


async def test_a_server_without_jetstream_is_told(tmp_path: Path) -> None:
    with nats_server(tmp_path, jetstream=False) as server:
        error = str(await refused(server.url))
    assert "this NATS server has no JetStream\nstart it with JetStream: " in error


async def test_a_stream_that_there_is_no_room_for_is_told(tmp_path: Path) -> None:
    (tmp_path / "conf").write_text("jetstream {max_file_store: 8MB, max_memory_store: 1MB}")
    with nats_server(tmp_path, "-c", str(tmp_path / "conf")) as server:
        error = str(await refused(server.url))
        assert "JetStream has no room for the stream peervault-main\ngive JetStream more" in error
        async with bus_of(new_world(server, "?bytes=4MiB")):
            pass


async def test_subjects_that_another_stream_has_are_told(server: NatsServer) -> None:
    world = new_world(server)
    async with bus_of(new_world(server)) as other:
        await other.connection.jetstream.add_stream(name="foreign", subjects=[f"peervault.{world.world}.>"])
    assert "another stream has subjects of peervault-" in str(await refused(f"{server.url}/{world.world}"))


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what answers there is no NATS server that we understand"),
        (b"", "nobody has answered as a NATS server within 0.1 s"),
    ],
)
async def test_who_is_no_nats_server_is_told(greeting: bytes, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_CONNECT_S", 0.1)
    gone = asyncio.Event()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()
        writer.close()
        gone.set()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        assert said in str(await refused(f"nats://127.0.0.1:{port}"))
        await gone.wait()


def _users(folder: Path, password: str) -> Path:
    """A configuration of a NATS server that lets one user in."""
    file = folder / "conf"
    file.write_text(f"authorization {{user: me, password: {password}}}")
    return file


@pytest.mark.parametrize("way", ["reloaded", "started again"])
async def test_credentials_that_are_no_longer_good_end_it_with_a_sentence(tmp_path: Path, way: str) -> None:
    with nats_server(tmp_path, "-c", str(_users(tmp_path, "secret"))) as server:
        failed: asyncio.Future[ReachError] = asyncio.get_running_loop().create_future()
        address = read_address(server.url.replace("//", "//me:secret@"))
        async with bus_of(address, failed=failed.set_result) as bus:
            feed = await bus.lead()
            _users(tmp_path, "another")
            if way == "reloaded":
                server.reload()
            else:
                server.kill()
                server.start()
            async with asyncio.timeout(15):
                error = await failed
                assert str(error).endswith("the NATS server does not let us in any more with these credentials")
                assert error.exit_code == 3 and "secret" not in str(error)
                feed.send([event(0)])
                await feed.drain()  # in vain, but it does not hang
            assert feed.waiting == 1


async def test_a_server_that_closes_the_connection_for_good_is_told_with_its_reason(server: NatsServer) -> None:
    failed = list[ReachError]()
    async with bus_of(new_world(server), failed=failed.append) as bus:
        client = bus.connection.client
        await client._send_publish("x", "", b"x" * 2_000_000, 2_000_000, None)
        await until(lambda: failed)
        assert "the NATS server has closed the connection: a message was too large" in str(failed[0])
    failed.clear()
    async with bus_of(new_world(server), failed=failed.append) as bus:
        await bus.connection.client._send_command(b"NONSENSE\r\n")
        await bus.connection.client._flush_pending()
        await until(lambda: failed)
        assert "the NATS server has closed the connection for good (" in str(failed[0])
    assert len(failed) == 1, "and leaving is no failure"
