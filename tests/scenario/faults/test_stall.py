from pvws.scenario.faults.stall import Stall
from tests.support.victims import begun


def test_it_stalls_until_it_ends() -> None:
    victim, undo = begun("stall: on")
    assert undo is not None
    undo()
    assert victim.done == [("stall",), ("undo stall",)]
    assert victim.counts == {"stalled": 1}
    assert not Stall.momentary
