"""What plays where nothing does by itself: on a quiet stage, or on one that is given what plays elsewhere."""

from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Timed

__all__ = ["Silence"]


class Silence:
    """A `Source` of nothing."""

    def peek(self) -> Instant | None:
        """Nothing is due."""
        return None

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """Nothing."""
        return []

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something, which nothing comes of."""
        return None
