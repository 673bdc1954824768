"""What a controller can do with a stage, in Python: what HTTP, the pytest fixture and commands stand on."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from pvws.errors import InputError, Problem
from pvws.server.delivered import StageDelivery
from pvws.sim.agenda import Instant
from pvws.sim.source import Cue, Letter, Timed
from pvws.stage.clients import ClientState, Counting, Which, client_state, find
from pvws.stage.journal import Journal
from pvws.stage.oracle import NothingPlaysError, earlier_truth_of, network_of, truth_of, world_of
from pvws.stage.rules import Rules
from pvws.stage.steering import Obeyed, Plays
from pvws.stage.switching import Switching
from pvws.timestamp import Timestamp
from pvws.units import percentage_notation
from pvws.wire.events import EVENT_TYPES

if TYPE_CHECKING:
    from pvws.scenario.schema import Scenario
    from pvws.stage.company import Company
    from pvws.stage.compare import Difference
    from pvws.stage.loading import Loading
    from pvws.stage.stage import Stage
    from pvws.world.network import Network
    from pvws.world.truth import Truth
    from pvws.world.world import World

__all__ = ["Controller", "Emitted", "Playing", "State"]


class Playing(Struct, frozen=True):
    """The scenario that plays: from `start` on, for `duration`, in microseconds. `source` is where it comes from."""

    name: str
    title: str
    seed: int
    start: Instant
    duration: int
    source: str
    loop: bool


class State(Struct, frozen=True):
    """How a stage is doing. Instants of stage time in microseconds; `speed` None is as fast as it goes.

    `clients` are here, of `connections` that there ever were. Events are counted since the stage was made.
    """

    world: str
    playing: Playing | None
    at: Instant
    start: Instant
    held: bool
    speed: float | None
    ended: bool
    clients: int
    connections: int
    events: int
    by_topic: Mapping[str, int]
    by_type: Mapping[str, int]
    rules: int
    journal: int
    delivery: StageDelivery


class Emitted(Struct, frozen=True):
    """What became of a message: its number, None for one to a single client; when it was published, and how many had
    subscribed to it by then, on nodes of a bus as well. One that waits for the clock to begin to run has not reached
    anybody yet.
    """

    at: Instant
    sequence: int | None
    reached: int

    @property
    def timestamp(self) -> Timestamp:
        """The instant as the API writes it."""
        return Timestamp(self.at)


class Controller:
    """Has a stage in its hands; one a stage, made with it. All calls are to be made on the stage's event loop.

    What it causes is an input of the run, as what clients do: it takes effect at an instant of stage time, in the order
    of the calls and behind all that was published before, and a run that is played again with these inputs gives the
    same bytes. When a call returns it has happened, also while the clock is held; before the clock has begun to run
    it waits for that.
    """

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self.journal = Journal()
        """What clients did and sent."""
        self.rules = Rules(stage)
        """What they are answered beside what the scenario has."""
        self.faults = Switching(stage)
        """What is done to clients on purpose."""
        self.company: Company | None = None
        """The other servers that show the same, where this is the source of a bus, or a node of one."""
        self._counting = Counting()
        self._loading: Loading | None = None
        self._playing: Playing | None = None
        stage.observe(self.journal)
        stage.observe(self._counting)

    @property
    def playing(self) -> Playing | None:
        """The scenario that plays."""
        return self._playing

    @property
    def loading(self) -> "Loading | None":
        """Where what plays comes from, to be read again; None where that is not known."""
        return self._loading

    # What it sees

    @property
    def world(self) -> "World | None":
        """The simulated network, to be looked at; None when no scenario plays."""
        return world_of(self._stage)

    def state(self) -> State:
        """How the stage is doing."""
        stage, clock, published = self._stage, self._stage.clock, self._stage.hub.published
        return State(
            world=stage.name,
            playing=self._playing,
            at=clock.now.micros,
            start=clock.start,
            held=clock.held,
            speed=clock.speed,
            ended=clock.ended,
            clients=len(stage.clients()),
            connections=stage.connections,
            events=self._counting.types.total(),
            by_topic=dict(published),
            by_type=dict(self._counting.types),
            rules=len(self.rules.active()),
            journal=self.journal.last,
            delivery=stage.delivery.stage(),
        )

    def clients(self, *, after: int = 0, limit: int | None = None) -> list[ClientState]:
        """Who is here, in the order in which they came: those behind the one of a number, at most so many."""
        stage, counts = self._stage, self._counting.clients
        here = sorted((each for each in stage.clients().values() if each[0] > after), key=lambda each: each[0])[:limit]
        return [client_state(stage, client, number, counts.get(number)) for number, client in here]

    def client(self, which: Which) -> ClientState:
        """One of them: by its number, its name, its id or the beginning of that.

        Raises NoSuchClientError, which names who is there, where nobody or several are meant.
        """
        return find(self.clients(), which)

    # What it says

    def emit(
        self,
        type: str,  # noqa: A002 - the API's word
        data: Mapping[str, Any] | None = None,
        *,
        topic: str | None = None,
        client: Which | None = None,
        to_all: bool = False,
        extra: bool = False,
    ) -> Emitted:
        """Send an event to the subscribers of its topic, or to one client, or `to_all`, subscribed or not.

        What `data` leaves out has the type's defaults; with `extra` it may have fields that the type has not. Raises
        InputError with every problem, each with the path of its field; NoSuchClientError; and RefusedError where nobody
        obeys.
        """
        step: dict[str, Any] = {"do": "emit", "type": type, "data": _literal(dict(data or {}))}
        if topic is not None:
            step["topic"] = topic
        if extra:
            step["extra"] = True
        if to_all:
            step["to_all"] = True
        payload = EVENT_TYPES.get(type)
        return self._emit(step, client, () if payload is None else (str(payload.topic),))

    def emit_raw(
        self,
        payload: str | bytes,
        *,
        topics: Sequence[str] = (),
        client: Which | None = None,
        to_all: bool = False,
        binary: bool | None = None,
        fragments: Sequence[int] | None = None,
    ) -> Emitted:
        """Send a message exactly as it stands, right or wrong, to subscribers of some topics, one client, or `to_all`.

        A text goes as a text and bytes as a binary message, unless `binary` says otherwise: bytes that are no UTF-8 in
        a text frame are something that a client should survive. `fragments` are the sizes of the frames it goes in.
        """
        step: dict[str, Any] = {"do": "emit"}
        if isinstance(payload, str) and not binary:
            step["raw"] = _literal(payload)
        else:
            step["base64"] = b64encode(payload.encode() if isinstance(payload, str) else payload).decode()
            if binary is False:
                step["binary"] = False
        if fragments is not None:
            step["fragments"] = list(fragments)
        if to_all:
            step["to_all"] = True
        elif client is None:
            step["topics"] = list(topics)
        return self._emit(step, client, tuple(topics))

    def mark(self, name: str) -> Instant:
        """Give this instant a name, which recordings have. Raises InputError for what is no name."""
        return self.do({"do": "mark", "name": name}).order.at

    def disconnect(
        self, which: Which | None = None, *, share: float = 1.0, code: int = 1001, reason: str = ""
    ) -> list[ClientState]:
        """Close the connection of one client, or of a share of all, with a close frame; who is told to go.

        Raises InputError for a code that no close frame may have, or a reason of more than 123 bytes, and
        NoSuchClientError.
        """
        step: dict[str, Any] = {"do": "disconnect", "code": code, "reason": reason}
        if which is not None:
            step["client"] = self.client(which).number
        else:
            if not 0 < share <= 1:
                raise InputError(Problem("share", "a share above 0 and up to 1", f"{share:g}"))
            step["clients"] = "all" if share == 1 else percentage_notation(share)
        before = self.clients()
        obeyed = self.do(step)
        meant = {client.client_id for cue in _cues(obeyed) for client in self._stage.meant_by(cue)}
        return [client for client in before if client.id in meant]

    def do(self, step: Mapping[str, Any]) -> Obeyed:
        """Take a step of the timeline now: any that a script can have, such as `{"do": "partition", "groups": 2}`.

        Raises InputError with every problem, each with its path, and RefusedError where nobody obeys.
        """
        return self._stage.order(step)

    # What plays

    def load(
        self,
        loading: "Loading",
        *,
        start: Instant | None = None,
        held: bool | None = None,
        scenario: "Scenario | None" = None,
    ) -> Playing:
        """Have a scenario play from now on, instead of what does. Clients stay, connected and subscribed.

        It is read first: if it is wrong InputError is raised, with every problem, and the old one goes on. Stage time
        never goes back for a client: the scenario begins at `start`, or its own, if that is ahead or no client has
        connected yet, and otherwise now. It is told who is connected and subscribed, as if they just had; numbers of
        messages go on; rules hold on. The oracle, the inputs and the clock know the new run alone: it can be set back
        to its beginning. `held` holds the clock, or lets it run. Whoever has read it already gives the `scenario`.
        """
        if scenario is None:
            scenario = loading.read()
        stage, was_held = self._stage, self._stage.clock.held
        stage.clock.pause()  # to make a world takes a while, in which stage time would go on
        try:
            at = self._begins(scenario, start)
            source, plays = loading.source_of(scenario, at, stage.sequence)
            stage.exchange(source, plays)
            self._loading = loading
            self._playing = _playing(scenario, at, loading.source, loop=loading.loop)
            self.rules.hold_again()
        except BaseException:
            self._hold(was_held)
            raise
        self._hold(was_held if held is None else held)
        return self._playing

    def reload(self) -> Playing:
        """Read the scenario that plays again, and load it as it is now. If it is wrong InputError is raised, with every
        problem, and the old one goes on. Raises NothingPlaysError where none was loaded.
        """
        if self._loading is None:
            raise NothingPlaysError("no scenario plays, so none can be loaded again")
        return self.load(self._loading)

    def unload(self) -> None:
        """Have nothing play from now on. Clients stay; stage time goes on from where it is, as fast as real time."""
        clock, was_held = self._stage.clock, self._stage.clock.held
        clock.pause()
        try:
            self._stage.exchange(None, Plays(self._stage.now().micros + 1))
            self._loading = self._playing = None
            self.rules.hold_again()
        finally:
            self._hold(was_held)

    def plays(
        self, scenario: "Scenario", start: Instant, loading: "Loading | None" = None, *, loop: bool = False
    ) -> None:
        """Say what the stage was made with: whoever makes it with a scenario does. `loading` reads it again."""
        self._loading = loading
        self._playing = _playing(scenario, start, loading.source if loading else scenario.scenario, loop=loop)

    def follows(self, playing: Playing | None, by_topic: Mapping[str, int], by_type: Mapping[str, int]) -> None:
        """Say what plays where this stage's events come from, and how many there were of each topic and type."""
        self._loading, self._playing = None, playing
        self._stage.hub.published.update(by_topic)
        self._counting.types.clear()
        self._counting.types.update(by_type)

    # The truth

    def truth(self, at: Instant | None = None) -> "Truth":
        """What is so in the simulated network now, or was at an instant when all of it had happened.

        For an earlier instant the run is made afresh and played up to there, which takes its time. Raises
        NothingPlaysError, or CantGoBackError where the run can't be made afresh.
        """
        return truth_of(self._stage, at)

    def earlier_truth(self, at: Instant) -> Callable[[], "Truth"]:
        """How to find out what was so at an instant that is past; to be called in another thread."""
        return earlier_truth_of(self._stage, at)

    def network(self) -> "Network":
        """The simulated network now: its peers with their links, without its files. Raises NothingPlaysError."""
        return network_of(self._stage)

    def compare(
        self, view: Mapping[str, Any], at: Instant | None = None, *, partial: bool = False
    ) -> "list[Difference]":
        """What of a client's own view of the network is not so; see `pvws.stage.compare.compare`."""
        from pvws.stage.compare import compare

        return compare(view, self.truth(at), partial=partial)

    # Within

    def _emit(self, step: dict[str, Any], client: Which | None, topics: Sequence[str]) -> Emitted:
        if client is not None:
            step["client"] = self.client(client).number
        here = [each for _, each in self._stage.clients().values()]
        reached = (
            len(here) if step.get("to_all") else sum(1 for each in here if not each.member.topics.isdisjoint(topics))
        )
        if self._stage.guests is not None:
            reached += self._stage.guests.reached(topics, to_all=bool(step.get("to_all")))
        if client is not None:
            reached = 1
        obeyed = self._stage.order(step)
        given = next((each for each in obeyed.given if isinstance(each, Timed | Letter)), None)
        sequence = given.sequence if isinstance(given, Timed) else None
        return Emitted(obeyed.order.at, sequence, 0 if given is None else reached)

    def _begins(self, scenario: "Scenario", start: Instant | None) -> Instant:
        stage = self._stage
        now = stage.now().micros
        wanted = start if start is not None else scenario.start
        if not stage.connections and wanted is not None:
            return wanted
        if start is not None and start <= now:
            raise InputError(Problem("start", f"an instant behind {Timestamp(now)}", str(Timestamp(start))))
        return now + 1 if wanted is None else max(now + 1, wanted)

    def _hold(self, held: bool) -> None:
        if held:
            self._stage.clock.pause()
        else:
            self._stage.clock.resume()


def _literal(value: Any) -> Any:
    """A JSON value in which no text is a template."""
    match value:
        case str():
            return value.replace("${", "$${")
        case dict():
            return {key: _literal(each) for key, each in value.items()}
        case list() | tuple():
            return [_literal(each) for each in value]
        case _:
            return value


def _playing(scenario: "Scenario", start: Instant, source: str, *, loop: bool) -> Playing:
    name, title = scenario.scenario, scenario.description
    return Playing(name, title, scenario.seed, start, scenario.duration, source, loop)


def _cues(obeyed: Obeyed) -> list[Cue]:
    return [each for each in obeyed.given if isinstance(each, Cue)]
