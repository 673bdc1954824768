"""Servers that ours is compared with, each a process that speaks as ours does (`pvws.testing.load.house`).

They send the same bytes: the events of the metronome, so many in a turn of their event loop, to everybody connected.
"""

import asyncio
import json
import shutil
import socket
import sys
import time
import zlib
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import msgspec
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request
from websockets.server import ServerProtocol

from pvws.server.loops import loop_factory
from pvws.sim.source import Timed
from pvws.testing.load.house import TOPIC, Plan, Played
from pvws.testing.load.metronome import Metronome
from pvws.wire.frames import Opcode, pong_frame, text_frame

__all__ = ["NODE", "RIVALS", "rival_command", "texts_of"]

HOST = "127.0.0.1"
NODE = "Node ws"
NODE_FOLDER = Path(__file__).parents[1] / "node"


def rival_command(name: str, plan: Plan, clients: int, folder: Path) -> tuple[list[str], str] | None:
    """The command line of a rival, and the folder to run it in; None where it can't be had here."""
    asked = msgspec.to_builtins(plan) | {"clients": clients}
    if name != NODE:
        return [sys.executable, "-m", __name__, name, json.dumps(asked)], str(Path(__file__).parents[2])
    if shutil.which("node") is None or not (NODE_FOLDER / "node_modules" / "ws").is_dir():
        return None
    file = folder / "events.jsonl"
    file.write_bytes(b"\n".join(texts_of(plan)))
    command = ["node", "--input-type=module", "-e", NODE_SERVER, json.dumps(asked | {"file": str(file)})]
    return command, str(NODE_FOLDER)


def texts_of(plan: Plan) -> list[bytes]:
    """The texts of all events."""
    assert plan.events is not None, "a rival knows no other end"
    given = Metronome(TOPIC, None, plan.events).take(None, plan.events)
    return [event.text for event in given if isinstance(event, Timed)]


def _say(what: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


async def _told() -> None:
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def _measured(
    texts: list[bytes], send: Callable[[], Awaitable[None]], then: Callable[[], object] = lambda: None
) -> None:
    """Send when told so, and say what CPU time it took until everybody has got everything."""
    await _told()
    cpu = time.process_time()
    await send()
    _say(Played(len(texts), zlib.crc32(b"".join(texts))))
    await _told()
    _say({"cpu": time.process_time() - cpu})
    then()
    await _told()


async def _broadcast(plan: Plan, clients: int) -> None:
    """The way that websockets' documentation recommends."""
    texts, at_once = texts_of(plan), plan.at_once or 1

    async def handle(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def send() -> None:
        assert len(server.connections) == clients
        for number, text in enumerate(texts):
            broadcast(server.connections, text, text=True)
            if (number + 1) % at_once == 0:
                await asyncio.sleep(0)

    async with serve(handle, HOST, 0, compression=None, ping_interval=None, open_timeout=None, backlog=4_096) as server:
        _say({"url": f"ws://{HOST}:{server.sockets[0].getsockname()[1]}/ws"})
        await _measured(texts, send)


async def _bare(plan: Plan, clients: int) -> None:
    """No server, but a loop that sends: as quick as the interpreter and the system are."""
    texts, at_once = texts_of(plan), plan.at_once or 1
    with socket.create_server((HOST, 0), backlog=4_096) as listening:
        _say({"url": f"ws://{HOST}:{listening.getsockname()[1]}/ws"})
        connections = [_shaken(listening.accept()[0]) for _ in range(clients)]
    for each in connections:
        _answer_ping(each)

    async def send() -> None:
        sends = [each.sendall for each in connections]
        for first in range(0, len(texts), at_once):
            data = b"".join(map(text_frame, texts[first : first + at_once]))
            for write in sends:
                write(data)

    # The load client's leader, which was first, asks when all others are answered.
    await _measured(texts, send, lambda: [_answer_ping(each) for each in (*connections[1:], connections[0])])


def _shaken(connection: socket.socket) -> socket.socket:
    """A connection behind its handshake."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    protocol = ServerProtocol()
    protocol.receive_data(connection.recv(4_096))
    (request,) = protocol.events_received()
    assert isinstance(request, Request)
    connection.sendall(protocol.accept(request).serialize())
    return connection


def _answer_ping(connection: socket.socket) -> None:
    """The next one, whatever is said before it; the payload of the load client's has five bytes."""
    said = b""
    while len(said) < 11 or said[-11] & 0x0F != Opcode.PING:
        said += connection.recv(4_096)
    mask, masked = said[-9:-5], said[-5:]
    connection.sendall(pong_frame(bytes(byte ^ mask[place % 4] for place, byte in enumerate(masked))))


RIVALS: dict[str, Callable[[Plan, int], Coroutine[None, None, None]]] = {
    "websockets.broadcast": _broadcast,
    "bare loop of sends": _bare,
}
"""Those in Python."""

NODE_SERVER = """
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { WebSocketServer } from "ws";
const { clients, file, at_once } = JSON.parse(process.argv[1]);
const texts = readFileSync(file, "utf8").split("\\n").map((text) => Buffer.from(text));
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096, perMessageDeflate: false });
const say = (what) => console.log(JSON.stringify(what));
server.on("listening", () => say({ url: `ws://127.0.0.1:${server.address().port}/ws` }));
let told = 0, began, number = 0;
const send = () => {
  for (let turn = 0; turn < (at_once ?? 1) && number < texts.length; turn++, number++) {
    for (const client of server.clients) client.send(texts[number], { binary: false });
  }
  if (number < texts.length) setImmediate(send);
  else say({ events: texts.length });
};
createInterface({ input: process.stdin }).on("line", () => {
  told++;
  if (told === 1) {
    if (server.clients.size !== clients) throw new Error("somebody is missing");
    began = process.cpuUsage();
    send();
  } else if (told === 2) {
    const { user, system } = process.cpuUsage(began);
    say({ cpu: (user + system) / 1e6 });
  } else process.exit();
});
"""
"""The one for Node, from where the npm package ws can be found. Its argument is a JSON object."""


def main() -> None:
    """Be one of them."""
    asked = json.loads(sys.argv[2])
    clients = asked.pop("clients")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(RIVALS[sys.argv[1]](msgspec.convert(asked, Plan), clients))


if __name__ == "__main__":
    main()
