"""A stage: one source of events, one clock, one hub, one ledger. What plays on it is heard by whoever subscribed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from msgspec import structs

from pvws.scenario.faults.refusal import Refusal
from pvws.server.delivery import Delivery
from pvws.server.hub import Hub
from pvws.server.room import Caller, Client, Hold, Said
from pvws.server.sightings import Sighting
from pvws.server.tally import Tally
from pvws.sim.agenda import Instant
from pvws.sim.chance import Stream
from pvws.sim.source import ClientInput, Cue, Deed, Exchange, Input, Letter, Obedient, Order, Source, Timed
from pvws.stage.advance import Straggler
from pvws.stage.clock import Clock
from pvws.stage.controller import Controller
from pvws.stage.discretion import discreet
from pvws.stage.faults import Active, Plane
from pvws.stage.inputs import Inputs
from pvws.stage.observer import Observer
from pvws.stage.pacer import Pacer
from pvws.stage.real_time import steady_clock, wall
from pvws.stage.silence import Silence
from pvws.stage.steering import Obeyed, Plays, RefusedError, Remake
from pvws.timestamp import Timestamp
from pvws.wire.topics import TOPICS

if TYPE_CHECKING:
    from pvws.scenario.director import Director
    from pvws.stage.guests import Guests

__all__ = ["Stage"]


class Stage:
    """Composes a source with a pacer, a clock to steer it by, a hub and a ledger. Made within a running event loop.

    This is what every command and fixture starts, whatever is played: the source may be a scenario's director, a
    recording's replayer, or none; then the stage is quiet, and its time is the wall clock's until somebody holds it.

    `seed` decides the ids that clients are given: the n-th connection has the same one in every run. `wait_for` are
    topics that some client must have subscribed to before it begins; with none of them, any will do. `end` is when it
    is over, should that be behind the last event. `held` has the clock stand at `start` until it is moved or resumed.
    `held_up` says, at speed max, whether somebody would rather get no more for now. `remake` makes the source afresh;
    with it the clock can be set back. `observers` hear what happens. `real` is another clock of real time, in
    microseconds, than the machine's.
    """

    def __init__(
        self,
        source: Source | None = None,
        *,
        name: str = "main",
        wait_for: frozenset[str] | None = None,
        start: Instant = 0,
        end: Instant | None = None,
        speed: float | None = 1.0,
        held: bool = False,
        seed: int = 0,
        remake: Remake | None = None,
        observers: Iterable[Observer] = (),
        held_up: Callable[[], bool] | None = None,
        welcome: Callable[[str], Sequence[Timed]] = lambda topic: (),
        real: Callable[[], Instant] | None = None,
    ) -> None:
        self.name = name
        """Under which clients find it."""
        self.quiet = source is None
        """Whether nothing plays."""
        self._wait_for = wait_for
        self.hub = Hub(asyncio.get_running_loop())
        self.tally = Tally()
        """What is counted of its clients."""
        self.attempts = 0
        """How many handshakes there were, those included that a fault refused: what clients are numbered by."""
        self.sequence = 0
        """The number that the next message will have."""
        self.over = asyncio.Event()
        """Set when it has ended, before its server did: what waits for it waits in vain."""
        self.connections = 0
        """How many clients ever connected."""
        self._held_up = held_up
        self.ids = Stream(seed, "client ids")
        """What the ids of its clients come from."""
        self.guests: Guests | None = None
        """Clients of other servers, which show what plays here."""
        self._observers = list(observers)
        self.welcome = welcome
        """What a new subscriber of a topic is told before everything else."""
        self._clients: dict[Client, None] = {}
        self._inputs = Inputs(remake)
        self.ordering: Instant | None = None
        """When what a controller does just now takes effect."""
        self._real = steady_clock() if real is None else real
        begin = wall() if self.quiet else start
        self._pacer = Pacer(
            Silence() if source is None else source,
            self._publish,
            start=begin,
            speed=speed,
            end=end,
            congested=self._congested,
            act=self._act,
            passed_over=self._passed_over,
            clock=wall if self.quiet else self._real,
        )
        if self.quiet:
            self._pacer.begin(begin)
        self.hub.delivery.clock = self._real
        self.faults = Plane(self.hub, self._pacer, seed, self._clients, self._faulted, self._suffered)
        """What is done to its clients that networks and servers do to them in real life."""
        if held:
            self._pacer.hold()
        self._meanwhile: list[ClientInput] | None = None  # while the clock is being set: what clients do is told after
        self.clock = Clock(self._pacer, self, begin)
        """What steers its time."""
        self.controller = Controller(self)
        """Whoever has it in hand."""

    @property
    def source(self) -> Source | None:
        """What plays: after the clock was set back, another than it was made with."""
        return None if self.quiet else self._pacer.source

    @property
    def delivery(self) -> Delivery:
        """The ledger of what was delivered, when and to whom."""
        return self.hub.delivery

    @property
    def inputs(self) -> Sequence[Input]:
        """What clients and controllers did that had an effect, in order: kept where the source can be made afresh."""
        return self._inputs.all()

    def now(self) -> Timestamp:
        """Stage time."""
        return Timestamp(self._pacer.now())

    def real(self) -> Instant:
        """Real time in microseconds, of a clock that began with the wall clock's and is never set back."""
        return self._real()

    def client_id(self) -> str:
        """The id of one more client: 32 lower-case hex digits."""
        return "".join(f"{self.ids.below(2**32):08x}" for _ in range(4))

    def clients(self) -> Mapping[str, tuple[int, Client]]:
        """Who is here, by id: the how manieth handshake it was, and the client."""
        return {client.client_id: (client.number, client) for client in self._clients}

    @property
    def newest(self) -> Client:
        """Who has come last of those who are here: whom `Observer.connected` tells of, while it does."""
        return next(reversed(self._clients))

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Have somebody hear what happens from now on, behind those who do already; call what is given back to stop."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def attempt(self, caller: Caller) -> Refusal | Hold | None:
        """Somebody wants to come in: it gets a number, and faults may have a word."""
        self.attempts += 1
        caller.number = self.attempts
        for observer in self._observers:
            observer.knocked(caller, self._pacer.now(), self._real())
        answer = self.faults.handshake(caller.number, caller.name)
        if isinstance(answer, Hold):
            answer.dropped = partial(self._gave_up, caller, answer.dropped)
        return answer

    def refused(self, caller: Caller, refusal: Refusal) -> None:
        """Somebody could not come in."""
        for observer in self._observers:
            observer.refused(caller, refusal, self._pacer.now(), self._real())

    def saw(self, client: Client, sighting: Sighting) -> None:
        """Something was seen of a client's connection."""
        for observer in self._observers:
            observer.saw(client.number, sighting, self._pacer.now(), self._real())

    def note(
        self,
        client: Client,
        did: Deed,
        topic: str = "",
        type: str = "",  # noqa: A002 - the API's word
        *,
        said: Said | None = None,
        code: int | None = None,
    ) -> None:
        """A client did something: the source is told, and may answer."""
        number, now, real = client.number, self._pacer.now(), self._real()
        if did == "connects":
            self._clients[client] = None
            self.connections += 1
            for observer in self._observers:
                observer.connected(number, client.client_id, now, real)
            self.faults.connected(client)
        elif did == "disconnects":
            del self._clients[client]
            for observer in self._observers:
                observer.disconnected(number, now, real)
            self.faults.disconnected(client)
        message = "" if said is None else discreet(said.message)
        deed = ClientInput(now, number, did, topic, type, message, client.client_id, client.name)
        for observer in self._observers:
            observer.did(deed, real, said, code)
        self.told(deed)

    def told(self, deed: ClientInput) -> None:
        """A client has done something, here or on another server: the source is told, and may answer."""
        if self._meanwhile is None:
            self._tell(deed)
        else:
            self._meanwhile.append(deed)

    def hear(self, client: Client, message: str | bytes) -> None:
        """A client has sent a whole message, which is not judged yet."""
        if self._observers:
            number, now, real = client.number, self._pacer.now(), self._real()
            for observer in self._observers:
                observer.heard(number, message, now, real)

    async def play(self) -> None:
        """Play the source to its end; returns at once when there is none."""
        if self.quiet:
            return
        await self._awaited()
        await self._pacer.run()

    async def play_on(self) -> None:
        """Play as `play` does, and never return: once the clock is set back from the end, it plays again."""
        if not self._pacer.begun:
            await self._awaited()
        await self._pacer.run(forever=True)

    async def settle(self, timeout: float) -> tuple[Straggler, ...]:  # noqa: ASYNC109 - it says who was too slow
        """Return when all that was published is written; who takes nothing, or not all in so many seconds, is named."""
        return await self.clock.settle(timeout=timeout)

    async def _awaited(self) -> None:
        """Return once somebody has subscribed to what is waited for, here or on another server."""
        wanted, guests = self._wait_for, self.guests
        if wanted is not None and (guests is None or not guests.hear_all(wanted)):
            await self.hub.subscriber(wanted)

    def _congested(self) -> bool:
        return self.hub.congested() or (self._held_up is not None and self._held_up())

    def _act(self, cue: Cue) -> None:
        if self._is_for_guest(cue):
            pass  # whoever sends what plays to other servers hears of it
        elif isinstance(cue, Letter):
            for client in self.meant_by(cue):
                client.post(cue.message(self.sequence), to_all=cue.to_all)
        elif cue.kind == "disconnect":
            for client in self.meant_by(cue):
                client.close(cue.code, cue.reason)
        elif cue.kind in ("fault", "unfault"):
            self.faults.cued(cue, "control" if cue.at == self.ordering else "timeline")
        for observer in self._observers:
            observer.cued(cue)

    def _is_for_guest(self, cue: Cue) -> bool:
        return self.guests is not None and self.guests.meant(cue) is not None

    def _passed_over(self, cue: Cue) -> None:
        if cue.kind in ("fault", "unfault") and not self._is_for_guest(cue):
            self.faults.passed_over(cue)

    def _gave_up(self, caller: Caller, dropped: Callable[[Hold], None], hold: Hold) -> None:
        for observer in self._observers:
            observer.gave_up(caller, self._pacer.now(), self._real())
        dropped(hold)

    def _suffered(self, client: Client, fault: Active, what: str) -> None:
        for observer in self._observers:
            observer.suffered(client.number, fault, what, self._pacer.now(), self._real())

    def _faulted(self, fault: Active) -> None:
        for observer in self._observers:
            observer.faulted(fault)

    def meant_by(self, cue: Cue) -> Sequence[Client]:
        """Who is here of those that a cue means: by number, by name, or a share of all."""
        if cue.client is not None:
            return [client for client in self._clients if client.number == cue.client]
        if cue.whom:
            return [client for client in self._clients if client.name == cue.whom]
        clients = list(self._clients)
        wanted = int(cue.share * len(clients) + 0.5)
        return Stream(cue.seed, f"disconnect {cue.at}").sample(clients, wanted)

    def _publish(self, events: Sequence[Timed]) -> None:
        pacer, real = self._pacer, self._real()
        # An event without a due time of its own is due when it is there.
        self.hub.publish_all(events, real if pacer.standing else [pacer.due(event.at) for event in events])
        self.sequence = events[-1].sequence + 1
        for observer in self._observers:
            observer.published(events, real)

    # What controllers do

    def order(self, step: Mapping[str, Any] | None = None, rule: str = "") -> Obeyed:
        """Take a step of the timeline, or have a rule hold, or end, from now on: as soon as the clock has begun to run.

        What comes of a step at once has happened when this returns, also while the clock is held. Raises InputError for
        a step that is none or can't be taken, and RefusedError where nobody obeys.
        """
        if self._meanwhile is not None:
            raise RefusedError("the clock is being set to another instant")
        self._find_obedient()
        told = self._pacer.order(Order(self._pacer.now(), step, rule))
        if told is None:
            raise RefusedError("what plays is a run of which everything is known beforehand")
        self._inputs.keep(told)
        for observer in self._observers:
            observer.ordered(told)
        director = self.director
        assert director is not None, "somebody has obeyed"
        orders, given = director.orders, list[Timed | Cue]()
        if self._pacer.begun or self._pacer.held:
            self.ordering = told.at
            given = self._pacer.give_now(told.at, lambda: orders.last is told)
            self.ordering = None
        troubles = orders.troubles
        if step is not None and not rule and troubles and not troubles[-1][0]:
            raise troubles.pop()[1]
        return Obeyed(told, tuple(each for each in given if each.at == told.at))

    def exchange(self, source: Source | None, plays: Plays) -> None:
        """From now on something else plays; None is nothing. Who is here stays, and the source is told who that is."""
        if self._meanwhile is not None:
            raise RefusedError("the clock is being set to another instant")
        # A run that is played again plays all that was due by now as well.
        self._pacer.give_all()
        exchange = Exchange(self._pacer.now(), plays.start, plays.what)
        self.quiet = source is None
        self.faults.clear("timeline")
        self._pacer.exchange(Silence() if source is None else source, plays.start, plays.end, self._real)
        self._pacer.set_speed(plays.speed)
        self._inputs = Inputs(plays.remake)
        self.clock.start = plays.start
        for observer in self._observers:
            observer.exchanged(exchange)
        for client in tuple(self._clients):
            who = ClientInput(plays.start, client.number, "connects", client_id=client.client_id, name=client.name)
            self._tell(who)
            for topic in TOPICS:
                if topic in client.member.topics:
                    self._tell(structs.replace(who, did="subscribes", topic=topic))
        for deed in () if self.guests is None else self.guests.introduced(plays.start):
            self._tell(deed)

    @property
    def director(self) -> "Director | None":
        """Who plays the scenario, or obeys beside what plays; None while nobody does."""
        source: object = self._pacer.source
        while source is not None and not hasattr(source, "orders"):
            source = getattr(source, "director", None)
        return cast("Director | None", source)

    def _give_held(self, at: Instant) -> None:
        if (self._pacer.held or not self._pacer.running) and self._meanwhile is None:
            self._pacer.give_now(at)

    def _find_obedient(self) -> None:
        """See to it that what plays takes orders: else there is a director beside it, who plays nothing."""
        source = self._pacer.source
        if isinstance(source, Obedient):
            return
        # A server in which nothing is ever ordered has no need of a world.
        from pvws.stage.accompanied import Accompanied
        from pvws.stage.nobody import nobody

        director = nobody(self._pacer.now())
        self._pacer.source = director if self.quiet else Accompanied(source, director, self.sequence)

    def again(self, until: Instant) -> Source:
        """The source afresh, for stage time to be set back to an instant: what was done later is forgotten.

        Raises CantGoBackError, and has changed nothing then.
        """
        source = self._inputs.remade(until)
        self._inputs.forget_after(until)
        self.faults.set_back()
        return source

    def way_to(self, at: Instant) -> Callable[[], Source]:
        """How to get the source afresh, beside what plays, as it was at an instant. Raises CantGoBackError."""
        return self._inputs.way_to(at)

    def sought(self, at: Instant, *, there: bool) -> None:
        """The clock is being set to an instant, or is `there`."""
        if not there:
            self._meanwhile = []
            return
        meanwhile, self._meanwhile = self._meanwhile or (), None
        self._pacer.catch_up(at)
        for observer in self._observers:
            observer.sought(at)
        for deed in meanwhile:
            self._tell(deed)

    def clocked(self) -> None:
        """The clock was held, let run, or has another speed."""
        for observer in self._observers:
            observer.clocked()

    def _tell(self, deed: ClientInput) -> None:
        """Tell the source, and if it answers everybody who wants to know. Rules of controllers act at once, also while
        the clock is held; a script waits for it.
        """
        told = self._pacer.tell(deed)
        if told is not None:
            self._inputs.keep(told)
            for observer in self._observers:
                observer.noted(told)
            director = self.director
            at_once = self._pacer.held or not self._pacer.running
            if at_once and director is not None and director.orders.rules:
                # Behind the server's own answer to what the client is doing just now, as it is while the clock runs.
                asyncio.get_running_loop().call_soon(self._give_held, told.at)
