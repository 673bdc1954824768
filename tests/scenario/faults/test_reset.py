from pvws.scenario.faults.reset import Reset
from tests.support.victims import begun


def test_it_resets_once() -> None:
    victim, undo = begun("reset: on")
    assert (victim.done, victim.counts, undo) == ([("reset",)], {"reset": 1}, None)
    assert Reset.momentary
