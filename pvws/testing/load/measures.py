"""What can be measured of a server: how much it delivers to how many, how late, and how it takes many connections."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import msgspec
from msgspec import Struct

from pvws.errors import PvwsError
from pvws.server.descriptors import SPARE, allow_descriptors
from pvws.testing.load.crowd import Crowd
from pvws.testing.load.house import TOPIC, Plan, Played, house_command
from pvws.testing.load.latencies import Latencies
from pvws.testing.load.metronome import FIRST_DUE_MICROS
from pvws.testing.load.process import ServerProcess, on_core, server_process
from pvws.testing.load.reckoning import Reckoning
from pvws.testing.target import Target
from pvws.wire.topics import TOPICS

__all__ = ["Delivery", "Progress", "Tell", "allow", "crowd_of", "house_delivery", "measure_house", "measure_url"]


class Progress(Struct, frozen=True):
    """How far a measurement is: how many connections there are, and how many messages in how many seconds."""

    connections: int = 0
    messages: int = 0
    seconds: float = 0.0


Tell = Callable[[Progress], None]
"""Hears of it now and then."""


class Delivery(Struct, frozen=True):
    """What was delivered. Times in seconds; latencies in microseconds, from when an event was due to when it was read.

    `events` were to reach each of `clients`. What only our own server tells is None for any other: `intact` says
    whether the leader has got just the texts that were sent, `cpu_us` is the server's CPU time for each message
    delivered, and `connection_kib` what a connection adds to its resident memory, subscribed and when all is sent.
    """

    clients: int
    events: int
    messages: int
    seconds: float
    bytes_received: int
    reckoning: Reckoning
    connected_s: float
    gone: int = 0
    intact: bool | None = None
    cpu_us: float | None = None
    connection_kib: float | None = None
    connection_kib_after: float | None = None
    latency_p50: int | None = None
    latency_p99: int | None = None
    latency_worst: int | None = None
    client_busy: float = 0.0

    @property
    def messages_a_second(self) -> float:
        """How many messages were delivered a second, on all connections together."""
        return self.messages / self.seconds if self.seconds else 0.0

    @property
    def exact(self) -> bool:
        """Whether everybody has got everything once, in order and unchanged, and nothing else."""
        return self.reckoning.exact and not self.gone and self.intact is not False


def measure_house(
    plan: Plan, clients: int, *, compress: bool = False, stalled: int = 0, tell: Tell = lambda progress: None
) -> Delivery:
    """Have our own server, in a process of its own, send to a crowd of clients, all of which subscribe before.

    `stalled` clients more subscribe as well and never read. Latencies are measured where the plan has a rate.
    """
    return house_delivery(house_command(plan), plan, clients, compress=compress, stalled=stalled, tell=tell)


def house_delivery(
    command: Sequence[str],
    plan: Plan,
    clients: int,
    *,
    folder: str | None = None,
    compress: bool = False,
    stalled: int = 0,
    tell: Tell = lambda progress: None,
    beside: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> Delivery:
    """The same of any process that speaks as ours does (`pvws.testing.load.house`). `beside` is entered with its URL
    while events come, once everybody has connected.
    """
    allow(clients + stalled)
    with server_process(command, folder) as server, on_core(-1):
        target = Target(server.hear()["url"], patience=10.0)
        idle_kib = server.resident_kib()
        with crowd_of(target, clients, tell, compress=compress) as crowd, crowd_of(target, stalled, tell) as deaf:
            connected_s = crowd.open() + deaf.open()
            for each in (deaf, crowd):
                each.subscribe([TOPIC], quiet=True)
            subscribed_kib = server.resident_kib()
            run = _HouseRun(server, crowd, plan)
            with beside(target.url):
                run.play()
            after_kib = server.resident_kib()
            received, messages, played = crowd.bytes_received, crowd.messages(), run.played
            reckoning = crowd.finish(complete=True)
    latencies = run.latencies
    return Delivery(
        clients=clients,
        events=played.events,
        messages=messages,
        seconds=run.seconds,
        bytes_received=received,
        reckoning=reckoning,
        connected_s=connected_s,
        gone=crowd.gone,
        intact=len(crowd.leader.messages) == played.events and played.checksum in (None, crowd.leader.checksum),
        cpu_us=run.cpu / messages * 1e6 if messages else None,
        connection_kib=_each(idle_kib, subscribed_kib, clients + stalled),
        connection_kib_after=_each(idle_kib, after_kib, clients + stalled),
        latency_p50=latencies.share(0.5) if latencies.count else None,
        latency_p99=latencies.share(0.99) if latencies.count else None,
        latency_worst=latencies.worst if latencies.count else None,
        client_busy=run.busy,
    )


class _HouseRun:
    """The part of it in which events come."""

    def __init__(self, server: ServerProcess, crowd: Crowd, plan: Plan) -> None:
        self._server = server
        self._crowd = crowd
        self._rate = plan.rate
        self._due = 0.0  # the first event, on the monotonic clock
        self.latencies = Latencies()
        self.seconds = self.busy = self.cpu = 0.0
        self.played = Played(0)

    def play(self) -> None:
        """Have the server begin, and read until everybody has everything or nothing comes any more."""
        server, crowd = self._server, self._crowd
        began, cpu = time.monotonic(), time.process_time()
        server.tell()
        if self._rate is None:
            crowd.listen(server.has_said)
        else:
            self._due = server.hear()["began"] + FIRST_DUE_MICROS / 1_000_000
            crowd.listen(server.has_said, self._arrived)
        self.played = msgspec.convert(server.hear(), Played)
        crowd.catch_up(self.played.events)
        self.seconds = crowd.last_at - began
        self.busy = (time.process_time() - cpu) / (time.monotonic() - began)
        server.tell()
        self.cpu = server.hear()["cpu"]

    def _arrived(self, first: int, end: int, at: float) -> None:
        assert self._rate is not None, "there is a rate by which events are due"
        for number in range(first, end):
            self.latencies.add(int((at - self._due - number / self._rate) * 1_000_000))


def measure_url(
    target: Target, clients: int, seconds: float, *, compress: bool = False, tell: Tell = lambda progress: None
) -> Delivery:
    """Listen to any server for so long, with so many clients that all subscribe to everything before."""
    allow(clients)
    with crowd_of(target, clients, tell, compress=compress) as crowd:
        connected_s = crowd.open()
        crowd.subscribe(TOPICS, quiet=False)
        before, began, cpu = crowd.messages(), time.monotonic(), time.process_time()
        crowd.listen(lambda: time.monotonic() - began >= seconds)
        took, busy = time.monotonic() - began, time.process_time() - cpu
        messages, received = crowd.messages() - before, crowd.bytes_received
        reckoning = crowd.finish(complete=False)
        return Delivery(
            clients=clients,
            events=len(crowd.leader.messages),
            messages=messages,
            seconds=took,
            bytes_received=received,
            reckoning=reckoning,
            connected_s=connected_s,
            gone=crowd.gone,
            client_busy=busy / took,
        )


@contextmanager
def crowd_of(target: Target, clients: int, tell: Tell, *, compress: bool = False) -> Iterator[Crowd]:
    """A crowd for as long as this is entered; not open yet."""
    began = time.monotonic()

    def told() -> None:
        tell(Progress(len(crowd), crowd.estimate(), time.monotonic() - began))

    crowd = Crowd(target, clients, compress=compress, tell=told)
    try:
        yield crowd
    finally:
        crowd.close()


def allow(clients: int) -> None:
    """Let this process, and the server that it starts, have so many connections. Raises PvwsError if not."""
    allowed = allow_descriptors(clients)
    if allowed is not None:
        raise PvwsError(
            f"{clients:,} connections need {clients + SPARE:,} open files, and this system lets a process have "
            f"{allowed + SPARE:,}\nRaise the hard limit (ulimit -Hn), or take fewer --clients."
        )


def _each(before: float | None, after: float | None, clients: int) -> float | None:
    return None if before is None or after is None else (after - before) / clients
