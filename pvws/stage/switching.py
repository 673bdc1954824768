"""Faults that a controller switches on and off: inputs of the run, as everything else that it causes."""

from contextlib import suppress
from typing import TYPE_CHECKING

from pvws.errors import TooManyError
from pvws.limits import FAULTS_MAX
from pvws.stage.faults import Active
from pvws.stage.steering import RefusedError

if TYPE_CHECKING:
    from pvws.scenario.faults.spec import FaultSpec
    from pvws.stage.stage import Stage

__all__ = ["CONTROL", "Switching"]

CONTROL = "control"
"""Whose faults these are."""


class Switching:
    """Switches faults of a stage on and off, at once. All calls are to be made on the stage's event loop.

    What it does is journaled as a step of the timeline, `fault` or `unfault`, so that a run that is played again with
    its inputs has the same faults at the same instants. It is not where it can't be: before the clock has begun to
    run, while it is being set, in a run of which everything is known beforehand, and for faults of a script.
    """

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage

    def add(self, spec: "FaultSpec") -> Active:
        """Switch a fault on.

        Raises InputError for one of the whole server where this is not its main stage, and TooManyError.
        """
        faults = self._stage.faults
        if sum(active.origin == CONTROL for active in faults.active()) >= FAULTS_MAX:
            raise TooManyError("faults", FAULTS_MAX)
        faults.check(spec, CONTROL)
        before = faults.latest
        self._order({"do": "fault", **spec.written()})
        if faults.latest is None or faults.latest is before:
            return faults.add(spec, origin=CONTROL)
        return faults.latest

    def remove(self, which: str) -> Active:
        """Switch off the fault of an id, or the latest of a name. Raises NoSuchFaultError."""
        return self._end(self._stage.faults.find(which))

    def clear(self) -> list[Active]:
        """Switch all off; which ones that were. One whose time is over while others are switched off ends by itself."""
        return [self._end(active) for active in self._stage.faults.active() if not active.ended]

    def _end(self, active: Active) -> Active:
        if active.origin == CONTROL:
            self._order({"do": "unfault", "name": active.id})  # and what is due by now comes first
        return active if active.ended else self._stage.faults.remove(active.id)

    def _order(self, step: dict[str, object]) -> None:
        if self._stage.clock.begun:
            with suppress(RefusedError):  # it is switched all the same
                self._stage.order(step)
