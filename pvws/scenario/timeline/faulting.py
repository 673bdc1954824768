"""Steps that do to clients what networks and servers do to them in real life: fault, unfault."""

from collections.abc import Collection, Iterable
from typing import Annotated

from msgspec import Meta, structs

from pvws.scenario.faults.spec import FaultSpec
from pvws.scenario.observations import Observations
from pvws.scenario.play import Play
from pvws.scenario.timeline.action import Action, Mistake
from pvws.scenario.timeline.addressee import SENDER, addressed
from pvws.scenario.timeline.texts import Label
from pvws.scenario.triggers import Act
from pvws.sim.source import Cue

__all__ = ["Fault", "Unfault"]


class Fault(FaultSpec, Action, frozen=True, kw_only=True):
    """A fault begins: one of the kinds, with its scope; `docs/faults.md` says what each does and what clients see.

    It lasts until an `unfault` of its name, or `for` a while. Who is there is touched at once, who comes later when it
    comes. With `client: sender` it concerns the one alone that has done what the step waited for.
    """

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Telling("fault", name, play, self).take

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """Exactly one kind is said, and what goes with it."""
        return FaultSpec.mistakes(self, keys)


class Unfault(Action, frozen=True):
    """Faults of this script end. What they held leaves at once."""

    name: Annotated[Label | None, Meta(description="The name of the fault that ends; left out: all that go on.")] = None

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Telling("unfault", self.name or "", play, None).take


class _Telling:
    """Tells the stage. Each time a fault begins its chance is another one's, by the name of the step and a number."""

    __slots__ = ("_asked", "_kind", "_name", "_play", "_times")

    def __init__(self, kind: str, name: str, play: Play, asked: FaultSpec | None) -> None:
        self._kind = kind
        self._name = name
        self._play = play
        self._asked = asked
        self._times = 0

    def take(self, observations: Observations) -> None:
        asked = self._asked
        if asked is not None and asked.client == SENDER:
            number, _ = addressed(SENDER, observations, f"{self._name}.client")
            asked = structs.replace(asked, client=number)
        self._times += 1
        now, herald = self._play.kernel.now, self._play.world.herald
        if asked is None:
            herald.cue(Cue(now, "unfault", name=self._name))
        else:
            herald.cue(Cue(now, "fault", name=f"{self._name} {self._times}", asked=asked))
