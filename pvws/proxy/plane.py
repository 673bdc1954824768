"""The faults of a proxy: whom they touch, when they end, and what they did. Stage time is real time here."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from pvws.proxy.planned import PlannedFault
from pvws.scenario.faults.bandwidth import Bandwidth
from pvws.scenario.faults.chain import Chain
from pvws.scenario.faults.effect import Did, Trigger
from pvws.scenario.faults.fault import ConnectionFault, HandshakeFault, ListenerFault, MessageFault
from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.faults.scope import Who
from pvws.scenario.faults.victim import House, Victim
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream

__all__ = ["Caught", "Knocking", "Plane", "Standing"]


class Caught(Victim, Protocol):
    """A client of the proxy whose WebSocket is open."""

    number: int
    name: str

    @property
    def chain(self) -> Chain:
        """The faults on the way of its messages."""
        ...

    def release(self, fault: str) -> None:
        """A fault of its messages has ended: what it held goes on."""
        ...

    def afterwards(self, act: Callable[[], None]) -> None:
        """Have something done behind the message that is on its way just now."""
        ...

    def throttle(self, fault: str, rate: int, did: Did) -> None:
        """Let so many bytes a second pass to it, as long as a fault lasts."""
        ...

    def noted(self, what: str, lost: int) -> None:
        """A fault did something to it, by which so many messages were lost."""
        ...


class Knocking(Protocol):
    """A handshake that is to be answered: it is told once."""

    def answered(self, refusal: Refusal | None) -> None:
        """It is refused, or goes on to the server."""
        ...


class _Telling(Did):
    """Counts, and tells the client's record: what is lost each time, everything else the first time."""

    __slots__ = ("_tell", "_told")

    def __init__(self, counts: Counter[str], tell: Callable[[str, int], None]) -> None:
        super().__init__(counts, Counter())
        self._tell = tell
        self._told = self.counters[1]

    def __call__(self, what: str, times: int = 1) -> None:
        super().__call__(what, times)
        if what == "dropped" or self._told[what] == times:
            self._tell(what, times if what == "dropped" else 0)


class Standing:
    """A fault that goes on."""

    __slots__ = ("begun", "counts", "ended", "held", "id", "met", "spec", "touched", "undo")

    def __init__(self, id: str, spec: PlannedFault) -> None:  # noqa: A002 - the field's word
        self.id = id
        """`f1`, `f2` and so on, in the order of the command line."""
        self.spec = spec
        self.counts = Counter[str]()
        """What it did, by a word in the past tense."""
        self.touched: dict[Caught, Callable[[], None] | None] = {}
        """Whom it touches, and what undoes that."""
        self.held: dict[Knocking, Who] = {}
        """Handshakes that wait for its end, or for so long."""
        self.met = 0
        """Handshakes that it was about."""
        self.undo: Callable[[], None] | None = None
        """What undoes it, where it touches the whole proxy."""
        self.begun = self.ended = False

    def __str__(self) -> str:
        done = ", ".join(f"{times:,} {what}" for what, times in self.counts.items()) or "nothing"
        return f"{self.id} ({self.spec}): {done}"


class Plane:
    """The faults of one proxy. Each begins with the proxy, or at its instant, and ends with its window or the proxy.

    Whom a fault touches is decided when it begins, and for others when they come, by a stream of chance of the fault
    and the number of the client's handshake: who else is there changes nothing. What is over once it is done, such as a
    reset, is done to each client that comes; with `at` and without a window, to those who are there then. Order of
    calls: `begin`, then the others; `end` last.
    """

    def __init__(self, specs: Sequence[PlannedFault], seed: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._seed = seed
        self._clients: dict[Caught, None] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._attempts = 0
        self.all = tuple(Standing(f"f{number}", spec) for number, spec in enumerate(specs, 1))
        """All there are, also those that have ended."""

    def now(self) -> Instant:
        """Microseconds since it began."""
        return int((self._loop.time() - self._began) * 1_000_000)

    def begin(self, house: House) -> None:
        """The proxy listens."""
        self._began = self._loop.time()
        for standing in self.all:
            if standing.spec.at:
                self._later(standing.spec.at, partial(self._begin, standing, house))
            else:
                self._begin(standing, house)

    def end(self) -> None:
        """The proxy goes: nothing happens any more by itself."""
        for timer in self._timers:
            timer.cancel()

    def knock(self, knocking: Knocking, name: str) -> int:
        """A handshake has come, under a name or none: its number. It is answered at once, later or never."""
        self._attempts += 1
        self._meet(knocking, Who(self._attempts, "", name), passed=())
        return self._attempts

    def left(self, knocking: Knocking) -> None:
        """Who knocked did not wait."""
        for standing in self.all:
            standing.held.pop(knocking, None)

    def connected(self, client: Caught) -> None:
        """A WebSocket is open."""
        self._clients[client] = None
        for standing in self.all:
            self._touch(standing, client)

    def disconnected(self, client: Caught) -> None:
        """It is gone."""
        self._clients.pop(client, None)
        for standing in self.all:
            standing.touched.pop(client, None)

    def _begin(self, standing: Standing, house: House) -> None:
        if standing.ended:
            return
        standing.begun = True
        lasts, fault = standing.spec.lasting, standing.spec.fault
        if isinstance(fault, ListenerFault) and not standing.spec.never:
            standing.undo = fault.begin(house, Did(standing.counts))
            lasts = fault.lasts if lasts is None else lasts
        if lasts is not None:
            self._later(lasts, partial(self.remove, standing))
        for client in self._clients:
            self._touch(standing, client)
        if standing.spec.at and fault.momentary and lasts is None and not standing.spec.selects:
            self._loop.call_soon(self.remove, standing)  # behind what it does to them

    def _later(self, micros: Instant, act: Callable[[], object]) -> None:
        def ring() -> None:
            self._timers.discard(timer)
            act()

        timer = self._loop.call_later(micros / 1_000_000, ring)
        self._timers.add(timer)

    def _concerns(self, standing: Standing, who: Who) -> Stream | None:
        """The chance of a fault with a client that it is about; None if it is not."""
        spec = standing.spec
        if not standing.begun or standing.ended or spec.never or not spec.concerns(who):
            return None
        seed = self._seed if spec.seed is None else spec.seed
        chance = Stream(seed, f"fault {spec.name or standing.id} {who.number}")
        return chance if spec.chosen(chance) else None

    def _meet(self, knocking: Knocking, who: Who, passed: Sequence[Standing]) -> None:
        """Have a handshake meet the faults that it has not `passed` yet, up to the first that answers or holds it."""
        done = list(passed)
        for standing in self.all:
            fault = standing.spec.fault
            if standing in done or not isinstance(fault, HandshakeFault):
                continue
            done.append(standing)
            chance = self._concerns(standing, who)
            if chance is None:
                continue
            standing.met += 1
            if standing.spec.attempts is not None and standing.met > standing.spec.attempts:
                continue
            standing.counts[fault.word] += 1
            delay, refusal = fault.delay(chance), fault.refusal(chance)
            if refusal is not None:
                knocking.answered(refusal)
                return
            if delay != 0:
                standing.held[knocking] = who
                if delay is not None:
                    self._later(delay, partial(self._go_on, standing, knocking))
                return
        knocking.answered(None)

    def _go_on(self, standing: Standing, knocking: Knocking) -> None:
        """A handshake has waited for long enough, unless the fault has ended before, or nobody waits any more."""
        who = standing.held.pop(knocking, None)
        if who is not None:
            self._meet(knocking, who, self.all[: self.all.index(standing) + 1])

    def _touch(self, standing: Standing, client: Caught) -> None:
        spec, fault = standing.spec, standing.spec.fault
        if not isinstance(fault, MessageFault | ConnectionFault):
            return
        chance = self._concerns(standing, Who(client.number, "", client.name))
        if chance is None:
            return
        did = _Telling(standing.counts, lambda what, lost: client.noted(f"fault {standing.id} ({spec}): {what}", lost))
        standing.touched[client] = None
        if isinstance(fault, MessageFault):
            client.chain.add(standing.id, spec, fault.effect(chance, did))
            if isinstance(fault, Bandwidth):
                client.throttle(standing.id, fault.rate, did)
        elif spec.selects:
            act = partial(client.afterwards, partial(self._do, standing, client, chance, did))
            client.chain.add(standing.id, spec, Trigger(did, act))
        else:
            self._loop.call_soon(self._do, standing, client, chance, did)

    def _do(self, standing: Standing, client: Caught, chance: Stream, did: Did) -> None:
        fault = standing.spec.fault
        assert isinstance(fault, ConnectionFault), "it was looked at"
        begun = standing.touched.get(client)
        if begun is not None and fault.renewed:
            begun()
        again = begun is None or fault.renewed
        if client in self._clients and client in standing.touched and not standing.ended and again:
            standing.touched[client] = fault.begin(client, chance, did)

    def remove(self, standing: Standing) -> None:
        """A fault ends; nothing, if it has."""
        if standing.ended:
            return
        standing.ended = True
        if standing.undo is not None:
            standing.undo()
        for client, undo in list(standing.touched.items()):
            if undo is not None:
                undo()
            client.release(standing.id)
        standing.touched.clear()
        for knocking in list(standing.held):
            self._go_on(standing, knocking)
