from pvws.scenario.faults.no_pong import NoPong
from tests.support.victims import begun


def test_it_mutes_until_it_ends() -> None:
    victim, undo = begun("no_pong: on")
    assert undo is not None
    undo()
    assert victim.done == [("mute",), ("undo mute",)]
    assert victim.counts == {"muted": 1}
    assert not NoPong.momentary
