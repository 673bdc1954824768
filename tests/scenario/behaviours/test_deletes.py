"""Files go: random ones of those that are there."""

from typing import Any

import pytest

from pvws.scenario.behaviours.deletes import Deletes
from pvws.sim.chance import Stream
from pvws.wire.events import FileDeleted

SECOND = 1_000_000


def filled(rehearsal: Any, files: int) -> Any:
    play, chance = rehearsal(), Stream(1, "test")
    for number in range(files):
        play.world.upload(f"f{number}", 1, chance)
    play.told(SECOND)
    return play


def deletions(play: Any, until: int) -> list[tuple[int, FileDeleted]]:
    return [(at, payload) for at, payload in play.told(until) if isinstance(payload, FileDeleted)]


def test_fixed_deletions_come_at_even_times_each_of_another_file(rehearsal: Any) -> None:
    play = filled(rehearsal, 50)
    Deletes(2.0, "fixed").begin("d", play)
    begun = play.kernel.now
    told = deletions(play, begun + 10 * SECOND)
    assert [at - begun for at, _ in told] == [500_000 * number for number in range(1, 21)]
    assert len({payload.key for _, payload in told}) == 20
    assert len(play.world.files) == 30


def test_poisson_deletions_keep_their_rate(rehearsal: Any) -> None:
    play = filled(rehearsal, 1_000)
    Deletes(10.0).begin("d", play)
    assert len(deletions(play, play.kernel.now + 60 * SECOND)) == pytest.approx(600, rel=0.1)


def test_nothing_happens_while_there_is_nothing_and_goes_on_afterwards(rehearsal: Any) -> None:
    play = filled(rehearsal, 1)
    Deletes(1.0, "fixed").begin("d", play)
    assert len(deletions(play, 5 * SECOND)) == 1
    play.world.upload("later", 1, Stream(1, "test"))
    assert len(deletions(play, 9 * SECOND)) == 1


def test_what_only_absent_peers_hold_is_not_deleted(rehearsal: Any) -> None:
    play = filled(rehearsal, 20)
    for peer in play.peers():
        play.world.disconnect(peer, "shutdown")
    Deletes(100.0, "fixed").begin("d", play)
    assert deletions(play, 5 * SECOND) == []
    assert len(play.world.files) == 20


def test_rate_zero_is_never(rehearsal: Any) -> None:
    play = filled(rehearsal, 0)
    Deletes(0.0).begin("d", play)
    assert play.kernel.peek() is None
