"""The clients of the soak that faults are aimed at, and that come and go.

They are run by `python -m tests.reliability.restless URL CLIENTS SEED`.

They call themselves r0, r1, …, and come back after whatever ends their connection. By chance one leaves, with a close
frame or without, and returns; one reads nothing for a while; one asks for a pong. The process says `{"ready": true}`
once all are there; told to go on it has all come back and stay, says so, and told again it says what each has got.
"""

import json
import select
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random

from pvws.testing.frames import client_frame
from pvws.testing.load.measures import allow
from pvws.testing.load.reader import MessageReader
from pvws.testing.talk import KEY
from pvws.testing.target import Target
from pvws.wire.frames import Opcode
from pvws.wire.topics import TOPICS

TURN_S = 0.05
ACTS_A_CLIENT_AND_S = 0.02  # each does something once in 50 s
AWAY_S = (0.1, 3.0)
DEAF_S = (1.0, 30.0)  # so that some sleep through two bursts, which is more than a backlog holds
_FENCE = b"fence"
_NO_EVENTS = (b'{"type":"pong"', b'{"type":"error"')
_ASK = client_frame(Opcode.TEXT, b'{"type":"ping"}')
_SUBSCRIBE = b"".join(
    client_frame(Opcode.TEXT, json.dumps({"type": "subscribe", "topic": str(topic)}).encode()) for topic in TOPICS
)


class Client:
    """One of them: how many events came on this `connection`, and what it waits for."""

    def __init__(self, number: int) -> None:
        self.name = f"r{number}"
        self.connection: socket.socket | None = None
        self.back_at = 0.0
        self.reads_at = 0.0
        self.head: bytearray | None = bytearray()  # of the answer to its handshake, until that is whole
        self.reader = MessageReader()
        self.events = 0
        self.asked = False  # whether this connection was sent the ping of a fence
        self.fenced = False

    @property
    def here(self) -> bool:
        """Whether it is connected, and its handshake done."""
        return self.connection is not None and self.head is None


class Restless:
    """All of them, in one thread."""

    def __init__(self, target: Target, clients: int, chance: Random) -> None:
        self.clients = [Client(number) for number in range(clients)]
        self.counts = Counter[str]()
        self._target = target
        self._chance = chance
        self._selector = selectors.DefaultSelector()
        self._room = bytearray(1 << 18)

    def until(self, over: Callable[[], bool], *, restless: bool) -> None:
        """Live until it is over."""
        turn = time.monotonic()
        while not over():
            for key, _ in self._selector.select(TURN_S):
                self._read(key.data)
            now = time.monotonic()
            if now < turn:
                continue
            for client in self.clients:
                self._look(client, now)
            if restless:
                passed = now - turn + TURN_S
                for client in self._chance.sample(self.clients, self._acting(passed)):
                    self._act(client, now)
            turn = now + TURN_S

    def fence(self) -> None:
        """Return once a ping of each was answered: what is behind the pong was sent after it.

        Who is cut meanwhile is asked when it is back: a fault that is over may still cost it its connection.
        """
        for client in self.clients:
            client.asked = client.fenced = False
        self.until(self._all_fenced, restless=False)

    def _all_fenced(self) -> bool:
        for client in self.clients:
            if client.here and not client.asked:
                client.asked = True
                self._send(client, client_frame(Opcode.PING, _FENCE))
        return all(client.fenced for client in self.clients)

    def _acting(self, seconds: float) -> int:
        wanted = len(self.clients) * ACTS_A_CLIENT_AND_S * seconds
        return min(len(self.clients), int(wanted) + (self._chance.random() < wanted % 1))

    def _act(self, client: Client, now: float) -> None:
        if not client.here or client.reads_at:
            return
        match self._chance.choice(("leave", "vanish", "deaf", "ask")):
            case "leave":
                self._send(client, client_frame(Opcode.CLOSE, (1000).to_bytes(2, "big")))
                self._part(client, "left", now)
            case "vanish":
                self._part(client, "vanished", now)
            case "deaf":
                self.counts["deaf"] += 1
                client.reads_at = now + self._chance.uniform(*DEAF_S)
                self._selector.unregister(client.connection)  # type: ignore[arg-type] - it is here
            case _:
                self.counts["asked"] += 1
                self._send(client, _ASK)

    def _look(self, client: Client, now: float) -> None:
        if client.connection is None and now >= client.back_at:
            self._connect(client, now)
        elif client.reads_at and now >= client.reads_at and client.connection is not None:
            client.reads_at = 0.0
            self._selector.register(client.connection, selectors.EVENT_READ, client)

    def _connect(self, client: Client, now: float) -> None:
        client.head, client.reader, client.events, client.reads_at = bytearray(), MessageReader(), 0, 0.0
        target = self._target
        try:
            client.connection = socket.create_connection((target.host, target.port), timeout=10)
        except OSError:
            self._part(client, "refused", now)
            return
        client.connection.setblocking(False)  # noqa: FBT003
        self._selector.register(client.connection, selectors.EVENT_READ, client)
        head = f"GET /ws?client={client.name} HTTP/1.1\r\nHost: {target.authority}\r\nUpgrade: websocket\r\n"
        head += f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        self._send(client, head.encode())

    def _read(self, client: Client) -> None:
        connection = client.connection
        if connection is None:
            return
        try:
            size = connection.recv_into(self._room)
        except BlockingIOError:
            return
        except OSError:
            size = 0
        if not size:
            self._part(client, "ended", time.monotonic())
            return
        data = bytes(memoryview(self._room)[:size])
        if client.head is not None:
            client.head += data
            whole, end, data = bytes(client.head).partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in whole.partition(b"\r\n")[0]:
                self._part(client, "refused", time.monotonic())
                return
            client.head = None
            self.counts["connected"] += 1
            self._send(client, _SUBSCRIBE)
        for cut in client.reader.feed(data):
            if cut.is_control:
                self._obey(client, cut.opcode, cut.payload)
            for text in cut.texts:
                if not text.startswith(_NO_EVENTS):
                    client.events += 1
                    self.counts["events"] += 1

    def _obey(self, client: Client, opcode: int, payload: bytes) -> None:
        if opcode == Opcode.PING:
            self._send(client, client_frame(Opcode.PONG, payload))
        elif opcode == Opcode.PONG:
            client.fenced |= payload == _FENCE
        elif opcode == Opcode.CLOSE:
            self._send(client, client_frame(Opcode.CLOSE, payload[:2]))

    def _send(self, client: Client, data: bytes) -> None:
        assert client.connection is not None, "only who is connected sends"
        with suppress(OSError):  # how it ended shows where it is read
            client.connection.send(data)

    def _part(self, client: Client, why: str, now: float) -> None:
        self.counts[why] += 1
        if client.connection is not None:
            if client.connection in self._selector.get_map():
                self._selector.unregister(client.connection)
            client.connection.close()
            client.connection = None
        client.asked = client.fenced = False
        client.back_at = now + self._chance.uniform(*AWAY_S)

    def close(self) -> None:
        """Leave, for good."""
        self._selector.close()
        for client in self.clients:
            if client.connection is not None:
                client.connection.close()


def main(url: str, clients: int, seed: int) -> None:
    allow(clients)
    crowd = Restless(Target(url), clients, Random(seed))

    def told() -> bool:
        return bool(select.select([sys.stdin], [], [], 0)[0])

    def all_here() -> bool:
        return all(client.here and not client.reads_at for client in crowd.clients)

    crowd.until(all_here, restless=False)
    _say({"ready": True})
    crowd.until(told, restless=True)
    sys.stdin.readline()
    crowd.until(all_here, restless=False)
    crowd.fence()  # so that their subscriptions hold
    _say({"settled": True})
    crowd.until(told, restless=False)
    sys.stdin.readline()
    crowd.fence()
    _say({"counts": crowd.counts, "events": {client.name: client.events for client in crowd.clients}})
    crowd.until(told, restless=False)
    crowd.close()


def _say(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
