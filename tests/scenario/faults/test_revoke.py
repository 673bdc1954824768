from pvws.scenario.faults.revoke import Revoke
from tests.support.victims import begun


def test_it_revokes_once() -> None:
    victim, undo = begun("revoke: on")
    assert (victim.done, victim.counts, undo) == ([("revoke",)], {"revoked": 1}, None)
    assert Revoke.momentary
