"""Who suffers faults in tests, and only writes down what is done to it."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import ConnectionFault, ListenerFault
from pvws.scenario.faults.spec import read_fault
from pvws.sim.chance import Stream

__all__ = ["WrittenDown", "begun"]


class WrittenDown:
    """A connection and a whole server, to which faults do things in vain."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.counts = Counter[str]()
        self.told: Callable[[], object] = lambda: None

    def _note(self, *what: object) -> None:
        self.done.append(what)

    def stall(self) -> Callable[[], None]:
        self._note("stall")
        return partial(self._note, "undo stall")

    def mute(self) -> Callable[[], None]:
        self._note("mute")
        return partial(self._note, "undo mute")

    def part(self, code: int | None, reason: str = "") -> None:
        self._note("part", code, reason)

    def reset(self) -> None:
        self._note("reset")

    def half_close(self) -> None:
        self._note("half_close")

    def revoke(self) -> None:
        self._note("revoke")

    def penalise(self, seconds: float, told: Callable[[], object]) -> Callable[[], None]:
        self._note("penalise", seconds)
        self.told = told
        return partial(self._note, "undo penalise")

    def refuse(self) -> None:
        self._note("refuse")

    def accept(self) -> None:
        self._note("accept")

    def dismiss(self, code: int | None, reason: str = "") -> int:
        self._note("dismiss", code, reason)
        return 3


def begun(text: str) -> tuple[WrittenDown, Callable[[], None] | None]:
    """What a fault did to a connection or a server, and what undoes it."""
    victim, fault = WrittenDown(), read_fault(text).fault
    did = Did(victim.counts)
    if isinstance(fault, ListenerFault):
        return victim, fault.begin(victim, did)
    assert isinstance(fault, ConnectionFault)
    return victim, fault.begin(victim, Stream(0, "x"), did)
