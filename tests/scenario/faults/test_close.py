from collections import Counter

from pvws.scenario.faults.close import Close
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.spec import read_fault
from pvws.sim.chance import Stream


class Victim:
    def __init__(self) -> None:
        self.closed: list[tuple[int, str]] = []

    def close(self, code: int, reason: str = "", grace: float | None = None) -> None:
        self.closed.append((code, reason))


def test_it_closes_with_its_code_and_reason_and_counts_that() -> None:
    victim, counts = Victim(), Counter[str]()
    read_fault("close: {code: 4000, reason: maintenance}").fault.begin(  # type: ignore[attr-defined]
        victim, Stream(0, "x"), Did(counts)
    )
    assert victim.closed == [(4000, "maintenance")]
    assert counts == {"closed": 1}


def test_a_code_alone_will_do() -> None:
    assert read_fault("close: 1012").fault == Close(1012)
    assert Close.momentary
