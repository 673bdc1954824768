"""A server that sends what it is told to, right or wrong: in a thread, as the load client fills its own."""

import selectors
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from pvws.testing.target import Target

OnText = Callable[[int, bytes], bytes]


class Scripted:
    """Does handshakes, answers pings, and a text by what `on_text` makes of it and of the connection's number.

    `publish` sends bytes on a connection. `close` ends one.
    """

    def __init__(self) -> None:
        self.on_text: OnText = lambda number, text: b""
        self.status = 101
        self.hello = b""
        """Sent with the 101."""
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._connections: list[tuple[socket.socket, ServerProtocol]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def target(self) -> Target:
        return Target(f"ws://127.0.0.1:{self._listening.getsockname()[1]}/ws", patience=2.0)

    def publish(self, number: int, data: bytes) -> None:
        self._connections[number][0].sendall(data)

    def close(self, number: int) -> None:
        self._connections[number][0].shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()
        for connection, _ in self._connections:
            connection.close()
        self._listening.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ, -1)
            while not self._stop.is_set():
                for key, _ in selector.select(0.01):
                    if key.data < 0:
                        connection, _ = self._listening.accept()
                        selector.register(connection, selectors.EVENT_READ, len(self._connections))
                        self._connections.append((connection, ServerProtocol()))
                    elif not self._read(key.data):
                        selector.unregister(key.fileobj)

    def _read(self, number: int) -> bool:
        connection, protocol = self._connections[number]
        try:
            data = connection.recv(65_536)
        except OSError:
            return False
        if not data:
            return False
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                refused = self.status != 101
                protocol.send_response(protocol.reject(self.status, "no") if refused else protocol.accept(event))
                connection.sendall(b"".join(protocol.data_to_send()) + self.hello)
                return not refused
            assert isinstance(event, Frame)
            if event.opcode is Opcode.TEXT:
                connection.sendall(self.on_text(number, bytes(event.data)))
        connection.sendall(b"".join(protocol.data_to_send()))
        return True


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    server = Scripted()
    yield server
    server.end()
