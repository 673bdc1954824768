from pvws.scenario.faults.refusal import Refusal


def test_a_refusal_needs_a_status_alone() -> None:
    assert Refusal(503) == Refusal(503, "", ())
