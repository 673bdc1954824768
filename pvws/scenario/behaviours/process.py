"""What behaviours that run have in common: when something arrives, they act."""

from typing import Any, ClassVar

from mypy_extensions import mypyc_attr

from pvws.scenario.behaviours.arrivals import Lasting, plain_name
from pvws.scenario.play import BEHAVIOURS, Play
from pvws.sim.arrivals import Arrivals, Gaps
from pvws.sim.profile import FOREVER, Profile

__all__ = ["Process"]


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Process:
    """A behaviour that runs: from its beginning to its end it acts at every arrival.

    Each kind says in `_act` what that means. `name` is that of the stream that its times come from, and of nothing
    else: so neither what it does nor who else runs moves them.
    """

    __slots__ = ("_gaps", "_kernel", "_turn")

    rank: ClassVar[int] = BEHAVIOURS

    def __init__(self, spec: Lasting, profile: Profile, arrivals: Arrivals, name: str, play: Play) -> None:
        self._kernel = play.kernel
        end = FOREVER if spec.ends is None else play.start + spec.ends
        self._gaps = Gaps(profile, arrivals, play.chance.stream(name), end)
        self._turn = 0  # arrivals that an earlier turn has put on the agenda do not happen any more
        play.behaviours[plain_name(name)] = self
        play.kernel.after(spec.begins, self._begin)

    # Where this is compiled and a kind of it is not, neither knows of the other's attributes when it is put away.
    def __getstate__(self) -> dict[str, Any]:
        names = {
            name: None
            for kind in type(self).__mro__
            for attribute in ("__slots__", "__mypyc_attrs__")
            for name in kind.__dict__.get(attribute, ())
        }
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def set_factor(self, factor: float) -> None:
        """From now on it does so many times as much as it would; 1 is as much as the script says."""
        gap = self._gaps.set_factor(self._kernel.now, factor)
        self._turn += 1
        self._expect(gap)

    def _begin(self, _: None) -> None:
        self._expect(self._gaps.next(self._kernel.now))

    def _expect(self, gap: int | None) -> None:
        if gap is not None:
            self._kernel.after(gap, self._arrive, self._turn, self.rank)

    def _arrive(self, turn: int) -> int | None:
        if turn != self._turn:
            return None
        gap = self._gaps.next(self._kernel.now)
        self._act()
        return gap

    def _act(self) -> None:
        raise NotImplementedError(f"{type(self).__name__} does nothing")
