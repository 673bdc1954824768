"""One client more, which measures: how late each event is read, by the time that it says it is of."""

import re
import socket
import threading
import time
from collections import Counter
from contextlib import suppress

from pvws.testing.frames import client_frame
from pvws.testing.load.latencies import Latencies
from pvws.testing.load.reader import MessageReader
from pvws.testing.talk import KEY
from pvws.testing.target import Target
from pvws.timestamp import Timestamp
from pvws.wire.frames import Opcode
from pvws.wire.topics import TOPICS

NAME = "probe"
_SAID = re.compile(rb'"timestamp":"([^"]+)"')


class Probe:
    """Reads in a thread of its own until it is closed, and subscribes to everything.

    Lateness is counted from the event that came soonest after its own time: the stage's clock runs as ours does.
    Timestamps are whole milliseconds, so it is right to one.
    """

    def __init__(self, url: str) -> None:
        target = Target(url)
        self.events = 0
        self._soonest: int | None = None
        self._window = Latencies()
        self._lock = threading.Lock()
        self._fenced = threading.Event()
        self._socket = socket.create_connection((target.host, target.port), timeout=10)
        head = f"GET /ws?client={NAME} HTTP/1.1\r\nHost: {target.authority}\r\nUpgrade: websocket\r\n"
        head += f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        self._socket.sendall(head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(1)
        assert b" 101 " in answer, answer
        self._socket.settimeout(None)
        for topic in TOPICS:
            self._socket.sendall(client_frame(Opcode.TEXT, b'{"type":"subscribe","topic":"%s"}' % topic.encode()))
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def window(self) -> Latencies:
        """How late what came since the last call was, in microseconds."""
        with self._lock:
            found, self._window = self._window, Latencies()
            return found

    def fence(self, timeout: float) -> bool:
        """Return once all that was sent before has come; false if that takes too long."""
        self._fenced.clear()
        self._socket.sendall(client_frame(Opcode.PING, b"fence"))
        return self._fenced.wait(timeout)

    def close(self) -> None:
        """Leave."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _read(self) -> None:
        reader = MessageReader()
        while data := self._received():
            now = time.monotonic_ns() // 1_000
            late = Counter[int]()
            for cut in reader.feed(data):
                if cut.opcode == Opcode.PING:
                    self._socket.sendall(client_frame(Opcode.PONG, cut.payload))
                elif cut.opcode == Opcode.PONG:
                    self._fenced.set()
                for text in cut.texts:
                    self.events += 1
                    if said := _SAID.findall(text):
                        late[now - Timestamp.parse(said[-1].decode()).micros] += 1
            self._count(late)

    def _count(self, late: Counter[int]) -> None:
        if not late:
            return
        with self._lock:
            self._soonest = min(late) if self._soonest is None else min(self._soonest, *late)
            for micros, times in late.items():
                self._window.add(micros - self._soonest, times)

    def _received(self) -> bytes:
        try:
            return self._socket.recv(1 << 18)
        except OSError:
            return b""
