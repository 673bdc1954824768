from pvws.scenario.faults.half_close import HalfClose
from tests.support.victims import begun


def test_it_ends_one_half_once() -> None:
    victim, undo = begun("half_close: on")
    assert (victim.done, victim.counts, undo) == ([("half_close",)], {"half_closed": 1}, None)
    assert HalfClose.momentary
