"""What can be listened to on a stage: everything that leaves it and everything that comes to it."""

from collections.abc import Sequence

from pvws.scenario.faults.refusal import Refusal
from pvws.server.room import Caller, Said
from pvws.server.sightings import Sighting
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Exchange, Order, Timed
from pvws.stage.faults import Active

__all__ = ["Observer"]


class Observer:
    """Listens to a stage; each of its methods does nothing until it is overridden.

    They are called on the event loop, in the order in which things happen, and must not wait. `real` is real time in
    microseconds, of a clock that began with the wall clock's time and is never set back; an event's own instant is
    stage time. `client` counts the stage's connections from 1.
    """

    def published(self, events: Sequence[Timed], real: Instant) -> None:
        """Events were given to the hub, to leave at the end of this turn of the loop."""

    def cued(self, cue: Cue) -> None:
        """A cue of the source was followed, between the events before and behind it."""

    def faulted(self, fault: Active) -> None:
        """A fault has begun, or has ended."""

    def connected(self, client: int, client_id: str, at: Instant, real: Instant) -> None:
        """A client has come. Its id is that of its `pong`s; `at` is stage time."""

    def disconnected(self, client: int, at: Instant, real: Instant) -> None:
        """A client has gone."""

    def knocked(self, caller: Caller, at: Instant, real: Instant) -> None:
        """Somebody wants to come in with a handshake that is right: its number is that of the client it may become."""

    def refused(self, caller: Caller, refusal: Refusal, at: Instant, real: Instant) -> None:
        """A handshake was refused: by a fault, or by the server's own rules, before it got a number; then that is 0."""

    def gave_up(self, caller: Caller, at: Instant, real: Instant) -> None:
        """Somebody whose handshake a fault holds has not waited."""

    def saw(self, client: int, sighting: Sighting, at: Instant, real: Instant) -> None:
        """Something was seen of a connection: a control frame, an error it was told, how it ends."""

    def suffered(self, client: int, fault: Active, what: str, at: Instant, real: Instant) -> None:
        """A fault has done something to a client, or to a message for it: a word in the past tense."""

    def heard(self, client: int, message: str | bytes, at: Instant, real: Instant) -> None:
        """A client has sent a whole message, right or wrong: a text, or bytes if it was binary."""

    def did(self, deed: ClientInput, real: Instant, said: Said | None, code: int | None) -> None:
        """A client has done something, whether or not the source answers it: it has connected, subscribed, `said`
        something that was judged by now, or has gone, with the `code` of its close frame if one came.
        """

    def ordered(self, order: Order) -> None:
        """A controller has done something; at `order.at` it takes effect."""

    def exchanged(self, exchange: Exchange) -> None:
        """Something else plays from now on, or nothing."""

    def noted(self, deed: ClientInput) -> None:
        """A client has done something that the source answers; at `deed.at` it takes effect."""

    def clocked(self) -> None:
        """The clock was held or let run by somebody, or goes at another speed."""

    def sought(self, at: Instant) -> None:
        """Stage time was set to another instant, without the events between."""
