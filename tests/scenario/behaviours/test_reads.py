"""Files are read: no event tells of it, but traffic does, and what is corrupt is found."""

from typing import Any

import pytest

from pvws.sim.chance import Stream
from pvws.wire.events import FileReplicated

SECOND = 1_000_000


def test_reads_move_bytes_and_tell_nothing(rehearsal: Any) -> None:
    play = rehearsal()
    play.upload(10, size=100)
    before, begun = play.world.store.traffic.bytes, play.now
    play.add("reads: {rate: 2/s, arrivals: fixed}")
    assert play.told(begun + 10 * SECOND) == []
    assert play.world.store.traffic.bytes - before == 20 * 100


def test_a_corrupt_copy_is_found_out_when_it_is_read(rehearsal: Any) -> None:
    play = rehearsal()
    (file,) = play.upload(1)
    play.world.corrupt(file, play.world.peers[file.copies[0]], Stream(5, "scrubs"))
    play.add("reads: {rate: 100/s}")
    told = play.told(play.now + SECOND, FileReplicated)
    assert [payload.status for _, payload in told][:1] == ["FAILED"]
    assert not play.world.store.corrupt


def test_reads_of_peers_that_have_crashed_fail(rehearsal: Any) -> None:
    play = rehearsal(peers=2)
    play.upload(10)
    for peer in play.peers():
        play.world.crash(peer)
    play.add("reads: {rate: 10/s, arrivals: fixed, until: 4s}")
    play.told(4 * SECOND)
    assert play.world.store.traffic.failures == pytest.approx(30, abs=10)


def test_nothing_is_read_while_there_is_nothing(rehearsal: Any) -> None:
    play = rehearsal().add("reads: {rate: 10/s}")
    play.told(10 * SECOND)
    assert play.world.store.traffic.requests == 0
