from pvws.scenario.faults.slow_handshake import SlowHandshake
from pvws.scenario.faults.spec import read_fault
from pvws.sim.chance import Stream


def delays(text: str, number: int = 1) -> list[int]:
    fault = read_fault(text).fault
    assert isinstance(fault, SlowHandshake)
    chance = Stream(0, "x")
    assert fault.refusal(chance) is None
    return [fault.delay(chance) for _ in range(number)]


def test_it_takes_its_time() -> None:
    assert delays("slow_handshake: 3s") == [3_000_000]


def test_chance_may_decide_how_long() -> None:
    drawn = delays("slow_handshake: 2s +- 1s", 100)
    assert 1_000_000 <= min(drawn) < max(drawn) <= 3_000_000
    assert drawn == delays("slow_handshake: 2s +- 1s", 100)


def test_zero_means_never() -> None:
    assert read_fault("slow_handshake: 0").never
