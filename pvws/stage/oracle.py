"""The oracle of a stage: what is so in the network that it simulates, now or at an earlier instant."""

from typing import TYPE_CHECKING

from pvws.sim.agenda import Instant
from pvws.stage.advance import CantGoBackError

if TYPE_CHECKING:
    from pvws.scenario.director import Director
    from pvws.stage.stage import Stage
    from pvws.world.network import Network
    from pvws.world.truth import Truth
    from pvws.world.world import World

__all__ = ["NothingPlaysError", "network_of", "truth_of", "world_of"]


class NothingPlaysError(CantGoBackError):
    """There is no network, and so no truth about it."""

    def __init__(self, trouble: str = "no scenario plays, so there is no network to ask about") -> None:
        super(CantGoBackError, self).__init__(trouble)


def world_of(stage: "Stage") -> "World | None":
    """The simulated network, to be looked at; None when no scenario plays."""
    director = _director(stage)
    return None if director is None else director.play.world


def truth_of(stage: "Stage", at: Instant | None = None) -> "Truth":
    """What is so in the simulated network now, or was at an instant when all of it had happened.

    For an earlier instant the run is made afresh and played up to there, which takes its time, or from a snapshot that
    an earlier question has left; nothing of the stage is touched, so it may be done in another thread. Raises
    NothingPlaysError, or CantGoBackError where the run can't be made afresh.
    """
    from pvws.world.truth import truth

    if at is None or at >= stage.now().micros:
        return truth(_world_now(stage))
    if _director(stage) is None:
        raise NothingPlaysError
    source = stage.as_it_was(at)
    director = getattr(source, "director", source)
    director.pass_until(at)
    return truth(director.play.world)


def network_of(stage: "Stage") -> "Network":
    """The simulated network now: its peers with their links, without its files. Raises NothingPlaysError."""
    from pvws.world.network import network

    return network(_world_now(stage))


def _world_now(stage: "Stage") -> "World":
    """What is simulated, as it is by now. Raises NothingPlaysError."""
    director = _director(stage)
    if director is None:
        raise NothingPlaysError
    now = stage.now().micros
    due = stage.source.peek() if stage.source is not None else None
    if due is None or due > now:
        director.pass_until(now)
    return director.play.world


def _director(stage: "Stage") -> "Director | None":
    """Who plays the scenario; None where none plays. One that only obeys beside what plays has no network to show."""
    if stage.quiet:
        return None
    from pvws.stage.accompanied import Accompanied

    return None if isinstance(stage.source, Accompanied) else stage.director
