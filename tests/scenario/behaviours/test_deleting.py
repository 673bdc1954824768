"""Files go: random ones of those that are there."""

from typing import Any

import pytest

from pvws.sim.chance import Stream
from pvws.wire.events import FileDeleted

SECOND = 1_000_000


def deletions(play: Any, until: int) -> list[tuple[int, FileDeleted]]:
    return play.told(until, FileDeleted)  # type: ignore[no-any-return]


def test_deletions_come_at_the_times_that_were_asked_for_each_of_another_file(rehearsal: Any) -> None:
    play = rehearsal()
    play.upload(50)
    begun = play.now
    play.add("deletes: {rate: 2/s, arrivals: fixed}")
    told = deletions(play, begun + 10 * SECOND)
    assert [at - begun for at, _ in told] == [500_000 * number for number in range(1, 21)]
    assert len({payload.key for _, payload in told}) == 20
    assert len(play.world.store.files) == 30


def test_deletions_by_chance_keep_their_rate(rehearsal: Any) -> None:
    play = rehearsal()
    play.upload(1_000)
    play.add("deletes: {rate: 10/s}")
    assert len(deletions(play, play.now + 60 * SECOND)) == pytest.approx(600, rel=0.1)


def test_nothing_happens_while_there_is_nothing_and_goes_on_afterwards(rehearsal: Any) -> None:
    play = rehearsal()
    play.upload(1)
    play.add("deletes: {rate: 1/s, arrivals: fixed}")
    assert len(deletions(play, 5 * SECOND)) == 1
    play.world.store.upload("f" * 64, 1, Stream(1, "test"))
    assert len(deletions(play, 9 * SECOND)) == 1


def test_what_only_absent_peers_hold_is_not_deleted(rehearsal: Any) -> None:
    play = rehearsal()
    play.upload(20)
    for peer in play.peers():
        play.world.disconnect(peer, "shutdown")
    play.add("deletes: {rate: 100/s, arrivals: fixed}")
    assert deletions(play, 5 * SECOND) == []
    assert len(play.world.store.files) == 20


def test_deletions_of_one_behaviour_s_files_do_not_depend_on_anybody_else(rehearsal: Any) -> None:
    """Not on other uploads, and not on others who choose among the same files."""
    own = "uploads: {rate: 5/s}\ndeletes: {rate: 4/s, of: uploads, popularity: zipf}"
    others = "more: {kind: uploads, rate: 9/s}\nreads: {rate: 9/s, of: uploads}\nupdates: {rate: 9/s, of: uploads}"
    alone = [(at, payload.key) for at, payload in deletions(rehearsal().add(own), 120 * SECOND)]
    crowd = [(at, payload.key) for at, payload in deletions(rehearsal().add(f"{others}\n{own}"), 120 * SECOND)]
    assert alone == crowd
    assert len(alone) > 300
