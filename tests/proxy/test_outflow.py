import asyncio
from collections import Counter

from pvws.proxy.outflow import Outflow
from pvws.scenario.faults.effect import Did
from tests.support import virtual_loop


class Sink:
    """Writes down what leaves, and when, in microseconds; and when nothing waits any more."""

    def __init__(self) -> None:
        self.left: list[tuple[int, bytes]] = []
        self.drains = 0
        self.counts = Counter[str]()
        self.out = Outflow(self.now, lambda data: self.left.append((self.now(), data)), self.drained)

    def now(self) -> int:
        return round(asyncio.get_running_loop().time() * 1_000_000)

    def drained(self) -> None:
        self.drains += 1

    def throttle(self, fault: str, rate: int) -> None:
        self.out.throttle(fault, rate, Did(self.counts))

    @property
    def data(self) -> bytes:
        return b"".join(data for _, data in self.left)


def test_bytes_leave_at_once_where_there_is_no_fault() -> None:
    async def story() -> None:
        sink = Sink()
        sink.out.put(b"abc")
        assert sink.left == [(0, b"abc")]
        assert sink.out.size == 0

    virtual_loop.run(story())


def test_on_a_narrow_line_they_trickle() -> None:
    async def story() -> None:
        sink = Sink()
        sink.throttle("f1", 1_000)
        sink.throttle("f2", 5_000)
        sink.out.put(bytes(500))
        await asyncio.sleep(0.25)
        assert 240 <= len(sink.data) <= 250
        assert sink.out.size == 500 - len(sink.data)
        await asyncio.sleep(0.26)
        assert (len(sink.data), sink.out.size, sink.drains) == (500, 0, 1)
        assert sink.counts == {"throttled": 1_000}

    virtual_loop.run(story())


def test_with_the_last_fault_everything_leaves() -> None:
    async def story() -> None:
        sink = Sink()
        sink.throttle("f1", 10)
        sink.throttle("f2", 20)
        sink.out.put(bytes(500))
        sink.out.release("f1")
        assert len(sink.data) == 0
        sink.out.release("f2")
        sink.out.release("f2")
        assert (len(sink.data), sink.out.size, sink.drains) == (500, 0, 1)
        sink.out.put(b"x")
        assert len(sink.data) == 501

    virtual_loop.run(story())


def test_in_a_stall_nothing_leaves_and_stalls_add_up() -> None:
    async def story() -> None:
        sink = Sink()
        sink.out.stall()
        sink.out.stall()
        sink.throttle("f1", 1_000)
        sink.out.put(b"abc")
        await asyncio.sleep(1)
        sink.out.unstall()
        assert (sink.data, sink.out.size, sink.drains) == (b"", 3, 0)
        sink.out.unstall()
        assert (sink.data, sink.out.size, sink.drains) == (b"abc", 0, 1)

    virtual_loop.run(story())


def test_at_the_end_nothing_leaves_any_more() -> None:
    async def story() -> None:
        sink = Sink()
        sink.throttle("f1", 1_000)
        sink.out.put(b"abc")
        sink.out.end()
        await asyncio.sleep(1)
        assert sink.data == b""

    virtual_loop.run(story())
