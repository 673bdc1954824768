"""The oracle of a stage: what is so in the network that it simulates, now or at an earlier instant."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from pvws.sim.agenda import Instant
from pvws.stage.advance import CantGoBackError

if TYPE_CHECKING:
    from pvws.scenario.director import Director
    from pvws.stage.stage import Stage
    from pvws.world.network import Network
    from pvws.world.truth import Truth
    from pvws.world.world import World

__all__ = ["NothingPlaysError", "earlier_truth_of", "network_of", "truth_of", "world_of"]


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

    Raises NothingPlaysError, or CantGoBackError where the run can't be made afresh.
    """
    from pvws.world.truth import truth

    if at is None or at >= stage.now().micros:
        return truth(_world_now(stage))
    return earlier_truth_of(stage, at)()


def earlier_truth_of(stage: "Stage", at: Instant) -> Callable[[], "Truth"]:
    """How to find out what was so at an instant that is past: the run is made afresh and played up to there, which
    takes its time, or from a snapshot that an earlier question has left. What is given touches nothing of the stage, so
    it may be called in another thread.

    Raises NothingPlaysError, or CantGoBackError where the run can't be made afresh.
    """
    if _director(stage) is None:
        raise NothingPlaysError
    return partial(_truth_at_the_end_of, stage.way_to(at), at)


def _truth_at_the_end_of(way: Callable[[], Any], at: Instant) -> "Truth":
    from pvws.world.truth import truth

    source = way()
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
