from pvws.scenario.faults.rate_limit import RateLimit
from pvws.scenario.faults.spec import read_fault
from tests.support.victims import begun


def test_it_penalises_until_it_ends_and_counts_what_was_refused() -> None:
    victim, undo = begun("rate_limit: 2500ms")
    victim.told()
    victim.told()
    assert undo is not None
    undo()
    assert victim.done == [("penalise", 2.5), ("undo penalise",)]
    assert victim.counts == {"penalised": 1, "refused": 2}
    assert not RateLimit.momentary


def test_zero_means_never() -> None:
    assert read_fault("rate_limit: 0").never
