"""Peers come and go by clocks of their own."""

from heapq import heappop, heappush
from math import ceil
from typing import Annotated

from msgspec import Meta

from pvws.scenario.behaviours.absences import (
    DEFAULT_DOWNTIME,
    DEFAULT_REASONS,
    Absence,
    Absences,
    Crashing,
    Downtime,
    Reasons,
    Replaced,
    Staying,
)
from pvws.scenario.behaviours.arrivals import Lasting, plain_name
from pvws.scenario.play import BEHAVIOURS, Play
from pvws.scenario.quantities import DurationDistribution
from pvws.sim.chance import Stream
from pvws.sim.distributions import draw_whole, fresh
from pvws.sim.profile import FOREVER
from pvws.world.entities import Peer

__all__ = ["Sessions"]

_LOOK_MICROS = 10_000_000  # from one look for peers that have joined meanwhile to the next


class Sessions(Lasting, frozen=True, kw_only=True):
    """Each peer stays for a session, goes for a while, and comes back for another: the more peers, the more that go.

    At the beginning each is somewhere within a session, so that they do not all go at once.
    """

    session: Annotated[DurationDistribution, Meta(description="How long a peer stays.")]
    downtime: Downtime = DEFAULT_DOWNTIME
    reasons: Reasons = DEFAULT_REASONS
    crash: Crashing = 0.0
    newcomers: Replaced = 0.0
    least: Staying = 1

    def begin(self, name: str, play: Play) -> None:
        """Start it as part of a run."""
        _Sessions(self, name, play)


class _Sessions:
    """The sessions of all peers. Of their ends only the next one is on the agenda.

    They are told by a clock of its own, in microseconds, which goes as fast as the factor says. Each session has a
    stream of its own, so that no peer's clock depends on another's.
    """

    __slots__ = (
        "_absences",
        "_clock",
        "_end",
        "_ends",
        "_factor",
        "_kernel",
        "_known",
        "_name",
        "_play",
        "_session",
        "_sessions",
        "_since",
        "_turn",
    )

    def __init__(self, spec: Sessions, name: str, play: Play) -> None:
        self._play = play
        self._kernel = play.kernel
        self._name = name
        self._session = fresh(spec.session.distribution)
        self._absences = Absences(spec, name, play, self._begin_session)
        self._end = FOREVER if spec.ends is None else play.start + spec.ends
        self._ends: list[tuple[float, int, Absence]] = []  # when, by the clock; which peer's; and what then comes
        self._sessions: dict[int, int] = {}  # that each peer has had
        self._known = 0  # peers that were there at the last look
        self._clock, self._since, self._factor = 0.0, play.start, 1.0
        self._turn = 0  # ends that an earlier turn has put on the agenda do not come any more
        play.behaviours[plain_name(name)] = self
        play.kernel.after(spec.begins, self._begin, rank=BEHAVIOURS)

    def set_factor(self, factor: float) -> None:
        """From now on peers go so many times as often as they would; 1 is as often as the script says."""
        self._clock, self._since = self._now(), self._kernel.now
        self._factor = factor
        self._expect()

    def _now(self) -> float:
        return self._clock + (self._kernel.now - self._since) * self._factor

    def _begin(self, _: None) -> None:
        self._look(share=True)

    def _look_again(self, _: None) -> None:
        self._look(share=False)

    def _look(self, *, share: bool) -> None:
        """Begin the sessions of peers that have joined since the last look."""
        peers = self._play.world.peers
        for peer in peers[self._known :]:
            if peer.number not in self._sessions:
                self._begin_session(peer, share=share)
        self._known = len(peers)
        if self._kernel.now + _LOOK_MICROS <= self._end:
            self._kernel.after(_LOOK_MICROS, self._look_again, rank=BEHAVIOURS)

    def _begin_session(self, peer: Peer, *, share: bool = False) -> None:
        """A peer stays for a session from now on, or for what is left of one, at random."""
        number = self._sessions.get(peer.number, 0)
        self._sessions[peer.number] = number + 1
        chance = Stream(self._play.seed, f"session {number} of {peer.name} of {self._name}")
        left = chance.random()
        micros = draw_whole(self._session, chance, 1) * (left if share else 1.0)
        end = self._now() + micros, peer.number, self._absences.draw(chance)
        heappush(self._ends, end)
        if self._ends[0] is end:
            self._expect()

    def _expect(self) -> None:
        """Put the next end on the agenda, in place of the last one."""
        self._turn += 1
        if self._ends and self._factor > 0:
            at = self._kernel.now + max(1, ceil((self._ends[0][0] - self._now()) / self._factor))
            if at <= self._end:
                self._kernel.schedule(at, self._arrive, self._turn, rank=BEHAVIOURS)

    def _arrive(self, turn: int) -> None:
        if turn != self._turn:
            return
        now = self._now()
        while self._ends and self._ends[0][0] <= now:
            _, number, absence = heappop(self._ends)
            peer = self._play.world.peers[number]
            if not self._absences.send(peer, absence):
                self._begin_session(peer)
        self._expect()
