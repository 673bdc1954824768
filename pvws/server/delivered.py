"""What the delivery ledger tells: of one event, of one client, of one fault, and of a whole stage."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from pvws.histogram import Spread
from pvws.sim.source import Timed

__all__ = ["ClientDelivery", "EventDelivery", "FaultDelivery", "StageDelivery"]


class EventDelivery(Struct, frozen=True):
    """What became of one event. Times are real, in microseconds of a clock that began with the wall clock's.

    `due` is when it was to be sent: its instant at a timed speed; while the clock is held, or at speed max, when it was
    there. `encoded` is when its frames were made, `written` when they were handed to the sockets of all who kept up:
    None when nobody was subscribed, or it leaves with the end of this turn. By now it has `reached` so many `of` those
    who were subscribed; the rest lag, or have lost it.
    """

    event: Timed
    due: int
    encoded: int
    written: int | None
    reached: int
    of: int

    @property
    def lateness(self) -> int | None:
        """From due to written, in microseconds."""
        return None if self.written is None else max(0, self.written - self.due)


class ClientDelivery(Struct, frozen=True):
    """What one client got: so many events `written`, `pending` messages that wait for it, replies among them, and
    `lost` ones that it will never get. `lateness` is from due to written, what it got late because it lagged included,
    but not what came past faults: `faults` counts what those did, by a word for what.
    """

    client_id: str
    written: int
    pending: int
    pending_bytes: int
    lost: int
    lateness: Spread
    faults: Mapping[str, int] = {}


class FaultDelivery(Struct, frozen=True):
    """What one fault, as it was written, did to all whom it touched: `effects` by a word for what."""

    id: str
    fault: str
    effects: Mapping[str, int]


class StageDelivery(Struct, frozen=True):
    """What a stage delivered: `events` in all; `owed` counts each event once for each client subscribed to it, of which
    `written` were handed to a socket, and `lost` will never be; the rest is pending. `lateness` is that of events that
    went to somebody, from due to written to all who kept up: how late the test-bed was, whatever slow clients did.
    `faults` counts what faults did to all clients together, and `by_fault` what each of the latest did.
    """

    events: int
    owed: int
    written: int
    lost: int
    lateness: Spread
    total_lateness: int
    faults: Mapping[str, int] = {}
    by_fault: Sequence[FaultDelivery] = ()

    @property
    def pending(self) -> int:
        """Deliveries that clients lag behind with."""
        return self.owed - self.written - self.lost
