from pvws.scenario.faults.hang import Hang
from pvws.scenario.faults.spec import read_fault
from pvws.sim.chance import Stream


def test_it_takes_as_long_as_it_lasts_and_answers_nothing() -> None:
    fault = read_fault("hang: on, attempts: 2").fault
    assert fault == Hang()
    assert isinstance(fault, Hang)
    chance = Stream(0, "x")
    assert (fault.delay(chance), fault.refusal(chance), fault.word) == (None, None, "hung")
