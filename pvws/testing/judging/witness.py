"""The witness: sees what clients of a stage do, and has it judged as it happens."""

from collections.abc import Callable, Iterable, Sequence

from pvws.limits import EXCERPT_CHARACTERS_MAX
from pvws.scenario.expectations import Kind
from pvws.scenario.faults.fault import ListenerFault
from pvws.scenario.faults.refusal import Refusal
from pvws.scenario.matching import message_of
from pvws.server import sightings
from pvws.server.room import Caller, Said
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Letter, Timed, Verbatim
from pvws.stage.faults import Active
from pvws.stage.observer import Observer
from pvws.stage.stage import Stage
from pvws.testing.judging.facts import (
    Closed,
    Ended,
    Fact,
    Given,
    GoneAway,
    Hidden,
    Hindered,
    Knocked,
    Landmark,
    Opened,
    Pinged,
    Ponged,
    Refused,
    Sent,
    Stood,
    Subscribed,
    ToldError,
    ToldToGo,
    Violated,
)
from pvws.testing.judging.judge import Judge
from pvws.testing.judging.verdict import Verdict
from pvws.testing.pulse import Pulse
from pvws.wire.events import EVENT_TYPES

__all__ = ["Witness"]

_SLOWING = frozenset(("latency", "bandwidth", "stall", "reorder", "hang"))  # what may hold a ping on its way
_GRACE = "the grace time is over"
_HALF_CLOSE = "half_close"


class _Parting:
    """What was seen of how a connection ends."""

    __slots__ = ("close_came", "close_sent", "cut", "eof", "over")

    def __init__(self) -> None:
        self.over = False
        """Whether its end is told already, although it is not gone."""
        self.close_came = False
        self.close_sent = False
        self.cut = ""
        self.eof = False

    def how(self, *, reset: bool) -> tuple[str, str]:
        """How it has ended, and why if the server has cut it."""
        if self.cut and not (self.close_came and self.cut == _GRACE):
            return "cut", self.cut
        if self.close_came:
            return "closed", ""
        if self.eof:
            return "eof", ""
        return ("reset", "") if reset or not self.close_sent else ("cut", "the server has ended it")


class Witness(Observer):
    """Watches a stage from now on, until it is closed, and judges what is expected of its clients.

    Made, and asked, on the stage's event loop.

        with Witness(stage, scenario.expect) as witness:
            ...
            witness.verdicts()

    Real time counts from when it was made, or from `begin`. `keep` is given each fact as well. While it is
    `alert` it notices when this process has had no turn, which is no client's fault; where the stage's real time is not
    the machine's there is nothing to be noticed.
    """

    def __init__(
        self,
        stage: Stage,
        expectations: Iterable[Kind],
        keep: Callable[[Fact], object] = lambda fact: None,
        *,
        alert: bool = True,
    ) -> None:
        self._stage = stage
        self._expectations = tuple(expectations)
        self._keep = keep
        self._topics: dict[int, set[str]] = {}
        self._partings: dict[int, _Parting] = {}
        self._pulse = Pulse(lambda: stage.real() / 1_000_000, self._stood)
        self.ended: Instant | None = None
        """When it was closed, in real time."""
        self._judge = Judge((), 0)
        self.begin()
        self._stop = stage.observe(self)
        if alert:
            self._pulse.begin()

    def __enter__(self) -> "Witness":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """See no more: what happens from now on, such as the end of the server, is not judged."""
        if self.ended is None:
            self._pulse.look()
            self.ended = self._stage.real()
            self._pulse.end()
            self._stop()

    def begin(self, expectations: Iterable[Kind] | None = None) -> None:
        """Judge afresh from now on, perhaps by other expectations; who is here has just come."""
        if expectations is not None:
            self._expectations = tuple(expectations)
        real, at = self._stage.real(), self._stage.now().micros
        self._judge = Judge(self._expectations, real)
        for number, client in self._stage.clients().values():
            self._topics[number] = set(client.member.topics)
            self._add(Knocked(real=real, at=at, client=number, name=client.name, address=client.address))
            self._add(Opened(real=real, at=at, client=number))
            for topic in sorted(self._topics[number]):
                self._add(Subscribed(real=real, at=at, client=number, topic=topic))

    def verdicts(self, until: Instant | None = None) -> list[Verdict]:
        """What comes of each expectation, as far as can be said now; or by `until`, if nothing else happens."""
        if self.ended is None:
            self._pulse.look()
        now = self._stage.real() if self.ended is None else self.ended
        return self._judge.verdicts(now if until is None else until)

    def settled(self) -> bool:
        """Whether, as things are now, nothing is waited for: to look on makes sense only if more is to happen."""
        if self.ended is None:
            self._pulse.look()
        return self._judge.settled(self._stage.real() if self.ended is None else self.ended)

    # What it sees

    def knocked(self, caller: Caller, at: Instant, real: Instant) -> None:
        """Somebody wants to come in."""
        self._add(Knocked(real=real, at=at, client=caller.number, name=caller.name, address=caller.address))

    def refused(self, caller: Caller, refusal: Refusal, at: Instant, real: Instant) -> None:
        """And may not."""
        headers = {name.lower(): value for name, value in refusal.headers}
        asked = headers.get("retry-after", "")
        wait = int(asked) if asked.isdecimal() else None
        self._add(
            Refused(real=real, at=at, client=caller.number, name=caller.name, status=refusal.status, retry_after=wait)
        )

    def gave_up(self, caller: Caller, at: Instant, real: Instant) -> None:
        """Or has not waited."""
        self._add(GoneAway(real=real, at=at, client=caller.number))

    def did(self, deed: ClientInput, real: Instant, said: Said | None, code: int | None) -> None:
        """A client has done something."""
        number, at = deed.client, deed.at
        match deed.did:
            case "connects":
                self._topics[number] = set()
                self._add(Opened(real=real, at=at, client=number))
            case "subscribes" | "unsubscribes":
                to = deed.did == "subscribes"
                topics = self._topics.setdefault(number, set())
                (topics.add if to else topics.discard)(deed.topic)
                self._add(Subscribed(real=real, at=at, client=number, topic=deed.topic, to=to))
            case "sends" if said is not None:
                message = said.message
                size = len(message) if isinstance(message, bytes) else len(message.encode())
                text, error, why = deed.message[:EXCERPT_CHARACTERS_MAX], said.error, said.why
                self._add(
                    Sent(real=real, at=at, client=number, type=deed.type, size=size, text=text, error=error, why=why)
                )
            case _:
                self._topics.pop(number, None)

    def saw(self, client: int, sighting: sightings.Sighting, at: Instant, real: Instant) -> None:
        """Something was seen of a connection."""
        parting = self._partings.setdefault(client, _Parting())
        match sighting:
            case sightings.PingSent(payload):
                delayed = self._is_slowed(client)
                self._add(Pinged(real=real, at=at, client=client, payload=payload, delayed=delayed))
            case sightings.PongCame(payload):
                self._add(Ponged(real=real, at=at, client=client, payload=payload))
            case sightings.ErrorSent(code, _, retry_after):
                self._add(ToldError(real=real, at=at, client=client, code=str(code), retry_after=retry_after))
            case sightings.CloseSent(code, reason, answer):
                parting.close_sent = True
                if not answer:
                    self._add(ToldToGo(real=real, at=at, client=client, code=code, reason=reason))
            case sightings.CloseCame(code):
                parting.close_came = True
                self._add(Closed(real=real, at=at, client=client, code=code))
            case sightings.Violated(code, why, larger_than):
                self._add(Violated(real=real, at=at, client=client, code=code, why=why, larger_than=larger_than))
            case sightings.Hindered(by, begins):
                self._add(Hindered(real=real, at=at, client=client, by=by, begins=begins))
            case sightings.StreamEnded():
                parting.eof = True
            case sightings.CutOff(why):
                parting.cut = parting.cut or why
                if why == _HALF_CLOSE and not parting.over:  # the client reads its end now, whenever the server does
                    parting.over = True
                    self._add(Ended(real=real, at=at, client=client, how="cut", why=why))
            case sightings.Lost(reset):
                del self._partings[client]
                if not parting.over:
                    how, why = parting.how(reset=reset)
                    self._add(Ended(real=real, at=at, client=client, how=how, why=why))

    def suffered(self, client: int, fault: Active, what: str, at: Instant, real: Instant) -> None:
        """A message for a client is of a type that nobody has heard of."""
        if what == "renamed":
            kind = getattr(fault.spec.fault, "type", "")
            self._add(Given(real=real, at=at, client=client, type=kind))

    def faulted(self, fault: Active) -> None:
        """The server takes no connections for now, or does again."""
        if isinstance(fault.spec.fault, ListenerFault):
            real, at = self._stage.real(), self._stage.now().micros
            going = any(isinstance(each.spec.fault, ListenerFault) for each in self._stage.faults.active())
            self._add(Hidden(real=real, at=at, begins=going))

    def cued(self, cue: Cue) -> None:
        """A mark was passed, a step is taken, or a client is given a message of its own."""
        real = self._stage.real()
        match cue.kind:
            case "mark" | "step":
                self._add(Landmark(real=real, at=cue.at, name=cue.name))
            case "disconnect" | "fault":
                self._add(Landmark(real=real, at=cue.at, name=cue.kind))
            case "send" if isinstance(cue, Letter):
                unknown = _unknown(cue.type, cue.text, binary=cue.binary)
                for client in self._stage.meant_by(cue) if unknown else ():
                    self._add(Given(real=real, at=cue.at, client=client.number, type=unknown))
            case _:
                pass

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        """Events of types that a client can't know were given to those who subscribed."""
        for event in events:
            if event.type in EVENT_TYPES:
                continue
            topics, kind, binary = {event.topic}, event.type, False
            if isinstance(event, Verbatim):
                topics, kind, binary = set(event.topics), "", event.binary
            unknown = _unknown(kind, event.text, binary=binary)
            if not unknown:
                continue
            for number, has in self._topics.items():
                if topics & has:
                    self._add(Given(real=real, at=event.at, client=number, type=unknown))

    def _add(self, fact: Fact) -> None:
        self._pulse.look()
        self._judge.see(fact)
        self._keep(fact)

    def _stood(self, since: float, until: float) -> None:
        """This process had no turn, in seconds of the stage's real time."""
        fact = Stood(real=int(until * 1_000_000), at=self._stage.now().micros, since=int(since * 1_000_000))
        self._judge.see(fact)
        self._keep(fact)

    def _is_slowed(self, number: int) -> bool:
        return any(
            active.spec.kind in _SLOWING and any(client.number == number for client in active.touched)
            for active in self._stage.faults.active()
        )


def _unknown(kind: str, text: bytes, *, binary: bool) -> str:
    """The type of a message, if it is one that the API does not have; empty if it is known, or is no such message."""
    if kind:
        return "" if kind in EVENT_TYPES else kind
    if binary:
        return ""
    message = message_of(text.decode(errors="replace"))
    said = message.get("type") if isinstance(message, dict) else None
    known = said in EVENT_TYPES or said in ("pong", "error", "broadcast")
    return said if isinstance(said, str) and said and not known else ""
