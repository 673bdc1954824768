"""How quickly any server answers: the time from when a `ping` of the API was due to when its `pong` is read."""

import selectors
import time

from msgspec import Struct

from pvws.errors import PvwsError
from pvws.testing.frames import client_frame
from pvws.testing.load.crowd import Crowd
from pvws.testing.load.latencies import Latencies
from pvws.testing.load.measures import Progress, Tell, allow, crowd_of
from pvws.testing.load.reader import MessageReader
from pvws.testing.target import Target
from pvws.wire.frames import Opcode

__all__ = ["Answers", "measure_answers"]

_PING = client_frame(Opcode.TEXT, b'{"type":"ping"}')
_TELL_S = 0.05


class Answers(Struct, frozen=True):
    """What came of so many questions; `others` are messages that were no answer, such as errors.

    Latencies are in microseconds, from when the question was due.
    """

    clients: int
    asked: int
    answered: int
    others: int
    seconds: float
    latency_p50: int
    latency_p99: int
    latency_worst: int


def measure_answers(
    target: Target, clients: int, rate: float, seconds: float, tell: Tell = lambda progress: None
) -> Answers:
    """Ask so many times a second, on one connection after the other, and read the answers.

    Raises PvwsError where a connection is ended meanwhile.
    """
    allow(clients)
    with crowd_of(target, clients, tell) as crowd:
        crowd.open()
        return _Asking(crowd, rate, seconds, target.patience, tell).run()


class _Asking:
    """One measurement."""

    def __init__(self, crowd: Crowd, rate: float, seconds: float, patience: float, tell: Tell) -> None:
        self._sockets = crowd.sockets
        self._readers = [MessageReader() for _ in self._sockets]
        self._due: list[list[float]] = [[] for _ in self._sockets]  # of questions that are not answered yet
        self._rate = rate
        self._wanted = max(1, int(rate * seconds))
        self._patience = patience
        self._tell = tell
        self._latencies = Latencies()
        self._asked = self._others = 0

    def run(self) -> Answers:
        with selectors.DefaultSelector() as selector:
            for number, each in enumerate(self._sockets):
                each.setblocking(False)  # noqa: FBT003
                selector.register(each, selectors.EVENT_READ, number)
            began = heard = told = time.monotonic()
            while self._asked < self._wanted or self._latencies.count < self._asked:
                due = began + self._asked / self._rate
                now = time.monotonic()
                if self._asked < self._wanted and now >= due:
                    self._ask(due)
                    continue
                wait = due - now if self._asked < self._wanted else self._patience
                came = selector.select(max(0.0, min(wait, _TELL_S)))
                for key, _ in came:
                    self._read(key.data)
                now = time.monotonic()
                heard = now if came or self._asked < self._wanted else heard
                if now - heard > self._patience:
                    break  # what is not answered by now is not answered
                if now - told > _TELL_S:
                    told = now
                    self._tell(Progress(len(self._sockets), self._latencies.count, now - began))
            took = time.monotonic() - began
        found = self._latencies
        return Answers(
            clients=len(self._sockets),
            asked=self._asked,
            answered=found.count,
            others=self._others,
            seconds=took,
            latency_p50=found.share(0.5),
            latency_p99=found.share(0.99),
            latency_worst=found.worst,
        )

    def _ask(self, due: float) -> None:
        number = self._asked % len(self._sockets)
        self._asked += 1
        self._due[number].append(due)
        try:
            self._sockets[number].send(_PING)
        except OSError:
            raise _ended(number) from None

    def _read(self, number: int) -> None:
        try:
            data = self._sockets[number].recv(65_536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            raise _ended(number)
        now = time.monotonic()
        for cut in self._readers[number].feed(data):
            if cut.opcode == Opcode.PING:
                self._sockets[number].send(client_frame(Opcode.PONG, cut.payload))
            elif cut.opcode == Opcode.CLOSE:
                raise _ended(number)
            for text in cut.texts:
                if b'"type":"pong"' in text.replace(b" ", b"") and self._due[number]:
                    self._latencies.add(int((now - self._due[number].pop(0)) * 1_000_000))
                else:
                    self._others += 1


def _ended(number: int) -> PvwsError:
    return PvwsError(f"the server has ended connection {number + 1:,} while it was measured")
