"""The JavaScript client itself, against a server of the websockets library: what the end-to-end tests stand on."""

import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

pytestmark = pytest.mark.tools


async def run_client(command: list[str], *arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_it_subscribes_prints_what_comes_as_it_came_and_leaves(node_client: list[str]) -> None:
    received: list[str] = []
    texts = ['{"a":1.0,"b":"é"}', '{ "c" : 2 }', '{"more":"than asked for"}']
    close_codes: list[int | None] = []

    async def handler(connection: ServerConnection) -> None:
        received.extend([str(await connection.recv()), str(await connection.recv())])
        for text in texts:
            await connection.send(text)
        await connection.wait_closed()
        close_codes.append(connection.close_code)

    async with serve(handler, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        code, out, err = await run_client(node_client, f"ws://127.0.0.1:{port}/ws", "2", "alerts", "system")
    assert (code, err) == (0, "")
    assert out.splitlines() == texts[:2]
    assert [json.loads(text) for text in received] == [
        {"type": "subscribe", "topic": "alerts"},
        {"type": "subscribe", "topic": "system"},
    ]
    assert close_codes == [1000]


async def test_a_connection_that_ends_too_soon_is_told(node_client: list[str]) -> None:
    async def handler(connection: ServerConnection) -> None:
        await connection.send("{}")
        await connection.close(1013, "slow consumer")

    async with serve(handler, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        code, out, err = await run_client(node_client, f"ws://127.0.0.1:{port}/ws", "2")
    assert (code, out) == (1, "{}\n")
    assert err == "closed with 1013 slow consumer after 1 of 2 messages\n"


async def test_nobody_there_is_told(node_client: list[str]) -> None:
    code, out, err = await run_client(node_client, "ws://127.0.0.1:1/ws", "1")
    assert (code, out) == (1, "")
    assert "ECONNREFUSED" in err


async def test_wrong_usage_is_told(node_client: list[str]) -> None:
    code, out, err = await run_client(node_client)
    assert (code, out) == (2, "")
    assert err == "usage: node client.mjs URL COUNT TOPIC...\n"


def test_the_versions_of_packages_are_exact_and_no_lock_file_says_where_they_came_from() -> None:
    folder = Path(__file__).parent
    versions = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"].values()
    assert all(part.isdecimal() for version in versions for part in version.split("."))
    assert not (folder / "package-lock.json").exists()
