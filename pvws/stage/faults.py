"""The fault plane of a stage: which faults there are, whom they touch, when they end, and what they did."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from pvws.errors import InputError, Problem, PvwsError
from pvws.limits import FAULTS_KEPT
from pvws.scenario.faults.bandwidth import Bandwidth
from pvws.scenario.faults.effect import Did, Trigger
from pvws.scenario.faults.fault import ConnectionFault, ListenerFault, MessageFault
from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.faults.scope import Who
from pvws.scenario.faults.stall import Stall
from pvws.scenario.faults.victim import House, Victim
from pvws.server.gate import Gate
from pvws.server.hub import Hub
from pvws.server.lane import Lane
from pvws.server.room import Client, Hold
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream
from pvws.sim.source import Cue
from pvws.stage.errands import Errand
from pvws.stage.handshakes import Handshakes
from pvws.stage.pacer import Pacer

# Every kind of fault, and all that a script can say of it, is imported where there is a fault.
if TYPE_CHECKING:
    from pvws.scenario.faults.spec import FaultSpec

__all__ = ["Active", "NoSuchFaultError", "Plane"]

_TIMELINE = "timeline"


class NoSuchFaultError(PvwsError):
    """No fault has this id or name."""

    exit_code = 2

    def __init__(self, wanted: str, there: Sequence[str]) -> None:
        self.wanted = wanted
        self.there = tuple(there)
        known = f"there are {', '.join(there)}" if there else "there is none"
        super().__init__(f'no fault is called "{wanted}"; {known}')


class Active:
    """A fault that goes on, or has ended. Times are stage time."""

    __slots__ = (
        "counts",
        "ended",
        "ending",
        "id",
        "met",
        "origin",
        "since",
        "spec",
        "stream",
        "touched",
        "undo",
        "until",
    )

    def __init__(self, id: str, spec: "FaultSpec", origin: str, stream: str, since: Instant) -> None:  # noqa: A002
        self.id = id
        """`f1`, `f2` and so on."""
        self.spec = spec
        """What was said."""
        self.origin = origin
        """Who said it: `timeline`, or whatever the adder calls itself."""
        self.stream = stream
        """The name of its chance."""
        self.since = since
        lasts = spec.lasting
        if lasts is None and isinstance(spec.fault, ListenerFault):
            lasts = spec.fault.lasts
        self.until: Instant | None = None if lasts is None else since + lasts
        """When it ends; None until it is removed."""
        self.counts = Counter[str]()
        """What it did, by a word in the past tense."""
        self.touched: dict[Client, Callable[[], None] | None] = {}
        """Whom it touches, and what undoes that."""
        self.met = 0
        """Handshakes that it was about."""
        self.undo: Callable[[], None] | None = None
        """What undoes it, where it touches the whole server."""
        self.ended = False
        self.ending: Errand | None = None

    def __str__(self) -> str:
        return f"{self.id} ({self.spec})"


class Plane:
    """The faults of one stage, by id. Made by the stage, on whose event loop all calls are to be made.

    Whom a fault touches is decided when it begins for those who are there, and for others when they come, by a stream
    of chance of the fault and the number of the connection: who else is there changes nothing. A client that messages'
    faults touch has a lane of its own, for as long as one of them does.
    """

    def __init__(
        self,
        hub: Hub,
        pacer: Pacer,
        seed: int,
        present: Collection[Client],
        changed: Callable[[Active], None] = lambda active: None,
        suffered: Callable[[Client, Active, str], None] = lambda client, active, what: None,
    ) -> None:
        self._hub = hub
        self._pacer = pacer
        self._seed = seed
        self._present = present
        self._changed = changed
        self._suffered = suffered
        self._number = 0
        self._active: dict[str, Active] = {}
        self._lanes: dict[Client, Lane] = {}
        self._handshakes = Handshakes(self.active, self._luck, pacer.now, pacer.deliveries.put, self._did)
        self.house: House | None = None
        """The whole server, where its faults may be added here: on the main stage of one."""
        self.latest: Active | None = None
        """The one that was added last."""
        self.past: deque[Active] = deque(maxlen=FAULTS_KEPT)
        """The latest of those that have ended."""

    def active(self) -> list[Active]:
        """Those that go on, in the order in which they began."""
        return list(self._active.values())

    def add(
        self, spec: "FaultSpec", *, origin: str = "control", stream: str | None = None, at: Instant | None = None
    ) -> Active:
        """A fault begins, now or at an instant that is past. `stream` names its chance; left out: its name, or id.

        Raises InputError for a fault of the whole server where there is none or this is not its main stage; one of the
        timeline then does nothing, since every world plays it.
        """
        self.check(spec, origin)
        self._number += 1
        name = f"f{self._number}"
        since = self._pacer.now() if at is None else at
        active = Active(name, spec, origin, stream or spec.name or name, since)
        self._active[name] = self.latest = active
        self._hub.delivery.keep_fault(name, str(spec), active.counts)
        if active.until is not None:
            active.ending = self._pacer.endings.put(active.until, lambda now: self._end(active))
        if isinstance(spec.fault, ConnectionFault):
            self._hub.flush()  # what was published before comes before
        for client in list(self._present):
            if client.member.audience is not None or client.member.lane is not None:  # else it is on its way out
                self._touch(active, client, at_once=not client.member.holding)
        if isinstance(spec.fault, ListenerFault) and self.house is not None and not spec.never:
            active.undo = spec.fault.begin(self.house, Did(active.counts, self._hub.delivery.faults))
        self._changed(active)
        self._end_if_done(active)
        return active

    def check(self, spec: "FaultSpec", origin: str) -> None:
        """Raise InputError for what can't be added here by whoever this is."""
        whole = isinstance(spec.fault, ListenerFault)
        if whole and self.house is None and origin != _TIMELINE:
            raise InputError(Problem(spec.kind, "the world main, since it concerns the whole server", "another world"))

    def remove(self, which: str) -> Active:
        """The fault of an id, or the latest of a name, ends. Raises NoSuchFaultError."""
        active = self.find(which)
        self._end(active)
        return active

    def find(self, which: str) -> Active:
        """The fault of an id, or the latest of a name. Raises NoSuchFaultError."""
        for active in reversed(self._active.values()):
            if which in (active.id, active.spec.name):
                return active
        raise NoSuchFaultError(which, [each.spec.name or each.id for each in self._active.values()])

    def clear(self, origin: str | None = None) -> list[Active]:
        """All faults end, or those of an origin; which ones."""
        ending = [active for active in self._active.values() if origin in (None, active.origin)]
        for active in ending:
            self._end(active)
        return ending

    def touching(self, client: Client) -> list[Active]:
        """The faults that touch a client."""
        return [active for active in self._active.values() if client in active.touched]

    def handshake(self, number: int, name: str = "") -> Refusal | Hold | None:
        """What becomes of a handshake: it is refused, held for now, or meets no fault.

        `number` counts the stage's handshakes from 1, `name` is that under `?client=`.
        """
        return self._handshakes.attempt(Who(number, "", name))

    # What the stage says

    def cued(self, cue: Cue, origin: str = _TIMELINE) -> None:
        """The source, or whoever has it act, has a fault begin, or some of its own end: by their name or id, or all."""
        if cue.kind == "unfault":
            for active in self.active():
                if active.origin == origin and cue.name in ("", active.spec.name, active.id):
                    self._end(active)
        else:
            from pvws.scenario.faults.spec import FaultSpec

            assert isinstance(cue.asked, FaultSpec), "a cue of this kind asks for one"
            self.add(cue.asked, origin=origin, stream=cue.name, at=cue.at)

    def passed_over(self, cue: Cue) -> None:
        """The clock passes over that: what is done at one instant, or for a while that ends by itself, is not done.

        What a controller switched on is on or off as it left it, and not done again since time was set back.
        """
        from pvws.scenario.faults.spec import FaultSpec

        spec = cue.asked
        if isinstance(spec, FaultSpec):
            if any(self._is_of(cue, each) for each in (*self._active.values(), *self.past)):
                return
            once = spec.fault.momentary and spec.lasting is None and not spec.selects
            if once or (isinstance(spec.fault, ListenerFault) and spec.fault.lasts is not None):
                return
        self.cued(cue)

    def connected(self, client: Client) -> None:
        """A client has come, and is about to join the hub."""
        for active in self.active():
            self._touch(active, client)

    def disconnected(self, client: Client) -> None:
        """A client has gone. A fault of its number alone is over: no other will have that."""
        self._lanes.pop(client, None)
        if client.member.gate is not None:
            client.member.gate.drop()
        for active in self.active():
            active.touched.pop(client, None)
            if active.spec.client == client.number:
                self._end(active)

    def set_back(self) -> None:
        """Stage time is about to be set back: what the source asked for has not happened yet, and nothing is late."""
        self.clear(_TIMELINE)
        self._handshakes.set_back()
        for client, lane in self._lanes.items():
            lane.set_back()
            if client.member.gate is not None:
                client.member.gate.set_back()

    # Within

    @staticmethod
    def _is_of(cue: Cue, active: Active) -> bool:
        """Whether a cue is that of a fault which somebody else than the script has begun."""
        return active.origin != _TIMELINE and (active.stream, active.since) == (cue.name, cue.at)

    def _concerns(self, active: Active, who: Who) -> bool:
        spec = active.spec
        return not spec.never and spec.concerns(who) and spec.chosen(self._chance(active, who.number))

    def _luck(self, active: Active, who: Who) -> Stream | None:
        """The chance of a fault with somebody it concerns."""
        if not self._concerns(active, who):
            return None
        chance = self._chance(active, who.number)
        chance.random()  # which decided that it is concerned
        return chance

    def _did(self, active: Active, what: str) -> None:
        active.counts[what] += 1
        self._hub.delivery.faults[what] += 1

    def _chance(self, active: Active, number: int) -> Stream:
        seed = self._seed if active.spec.seed is None else active.spec.seed
        return Stream(seed, f"fault {active.stream} {number}")

    def _touch(self, active: Active, client: Client, *, at_once: bool = False) -> None:
        spec, fault = active.spec, active.spec.fault
        if not isinstance(fault, MessageFault | ConnectionFault):
            return
        chance = self._luck(active, Who(client.number, client.client_id, client.name))
        if chance is None:
            return
        account = client.member.account
        if account.faults is None:
            account.faults = Counter()
        told = partial(self._suffered, client, active)
        did = Did(active.counts, account.faults, self._hub.delivery.faults, told=told)
        active.touched[client] = None
        if isinstance(fault, MessageFault):
            self._lane(client).add(active.id, spec, fault.effect(chance, did))
            if isinstance(fault, Bandwidth) and not spec.never:
                self._gate(client).add(active.id, fault.rate, did)
        elif spec.selects:
            lane = self._lane(client)
            act = partial(lane.afterwards, partial(self._begin_late, active, client, chance, did))
            lane.add(active.id, spec, Trigger(did, act))
        elif at_once:  # so that nothing comes in between that is published later in this turn
            self._begin(active, client, chance, did)
        else:
            # Not within what the client is doing just now: it may be about to join the hub.
            asyncio.get_running_loop().call_soon(self._begin_late, active, client, chance, did)

    def _begin(self, active: Active, client: Client, chance: Stream, did: Did) -> None:
        fault = active.spec.fault
        assert isinstance(fault, ConnectionFault), "it was looked at"
        begun = active.touched.get(client)
        if begun is not None and fault.renewed:
            begun()
        if client in self._present and client in active.touched and (begun is None or fault.renewed):
            victim = cast(Victim, client)  # whoever comes in through a listener is one
            active.touched[client] = fault.begin(victim, chance, did)
            if isinstance(fault, Stall):
                client.member.stallers = (*client.member.stallers, active.id)

    def _begin_late(self, active: Active, client: Client, chance: Stream, did: Did) -> None:
        self._begin(active, client, chance, did)
        if not active.ended:
            self._end_if_done(active)

    def _lane(self, client: Client) -> Lane:
        lane = self._lanes.get(client)
        if lane is None:
            lane = self._hub.lane(client.member, self._pacer.now, self._pacer.deliveries.put)
            self._lanes[client] = lane
        return lane

    def _gate(self, client: Client) -> Gate:
        gate = client.member.gate
        return Gate(client.member, self._pacer.now, self._pacer.deliveries.put) if gate is None else gate

    def _end_if_done(self, active: Active) -> None:
        """What is over once it is done ends then, if there was anybody to do it to, or it is not about one alone."""
        spec = active.spec
        done = not active.touched and spec.client is None
        if spec.fault.momentary and spec.lasting is None and not spec.selects and (done or active.counts):
            self._end(active)

    def _end(self, active: Active) -> None:
        if active.ended:
            return
        active.ended = True
        active.until = self._pacer.now()
        del self._active[active.id]
        self.past.append(active)
        if active.ending is not None:
            active.ending.cancel()
        if active.undo is not None:
            active.undo()
        for client, undo in active.touched.items():
            if undo is not None:
                undo()
            client.member.stallers = tuple(each for each in client.member.stallers if each != active.id)
            gate = client.member.gate
            if gate is not None and active.id in gate.names:
                gate.remove(active.id)
            lane = self._lanes.get(client)
            if lane is not None and active.id in lane.chain.names:
                lane.remove(active.id)
                if not lane.chain:
                    del self._lanes[client]
                    self._hub.restore(client.member)
        if active.spec.fault.momentary:  # it is still done to those to whom it is about to be
            asyncio.get_running_loop().call_soon(active.touched.clear)
        else:
            active.touched.clear()
        self._handshakes.ended(active.id)
        self._changed(active)
