"""Files come in, at a rate and of sizes that were asked for."""

from typing import Any

import pytest

from pvws.scenario.behaviours.uploads import Uploads
from pvws.scenario.quantities import Constant, Lognormal
from pvws.wire.events import FileUploaded

SECOND = 1_000_000


def uploads(play: Any, until: int) -> list[tuple[int, FileUploaded]]:
    return [(at, payload) for at, payload in play.told(until) if isinstance(payload, FileUploaded)]


def test_fixed_uploads_come_at_even_times(rehearsal: Any) -> None:
    play = rehearsal()
    Uploads(4.0, "fixed", Constant(100)).begin("u", play)
    told = uploads(play, 3 * SECOND)
    assert [at for at, _ in told] == [250_000 * number for number in range(1, 13)]
    assert {payload.size for _, payload in told} == {100}


def test_poisson_uploads_keep_their_rate(rehearsal: Any) -> None:
    play = rehearsal()
    Uploads(20.0, "poisson", Constant(1)).begin("u", play)
    assert len(uploads(play, 100 * SECOND)) == pytest.approx(2_000, rel=0.06)


def test_rate_zero_is_never(rehearsal: Any) -> None:
    play = rehearsal()
    Uploads(0.0).begin("u", play)
    assert play.kernel.peek() is None


def test_sizes_are_drawn_anew_for_each_file(rehearsal: Any) -> None:
    play = rehearsal()
    Uploads(10.0, "fixed", Lognormal(median=1_000, sigma=1.0, max=2_000)).begin("u", play)
    sizes = {payload.size for _, payload in uploads(play, 10 * SECOND)}
    assert len(sizes) > 50
    assert max(sizes) == 2_000


def test_uploads_go_to_all_peers_and_never_to_one_that_is_away(rehearsal: Any) -> None:
    play = rehearsal(peers=4)
    Uploads(10.0, "fixed", Constant(1)).begin("u", play)
    assert {payload.node for _, payload in uploads(play, 10 * SECOND)} == {peer.id for peer in play.peers()}
    away = play.peers()[0]
    play.world.disconnect(away, "timeout")
    told = uploads(play, 20 * SECOND)
    assert len(told) == 100
    assert away.id not in {payload.node for _, payload in told}


def test_two_of_a_kind_upload_different_files(rehearsal: Any) -> None:
    play = rehearsal()
    for name in ("a", "b"):
        Uploads(2.0, "fixed", Constant(1)).begin(name, play)
    told = uploads(play, 10 * SECOND)
    assert len(told) == len({payload.key for _, payload in told}) == 40


def test_uploads_go_on_when_there_was_no_room_for_a_while(rehearsal: Any) -> None:
    play = rehearsal(peers=1, capacity=100)
    Uploads(1.0, "fixed", Constant(50)).begin("u", play)
    assert [at for at, _ in uploads(play, 5 * SECOND)] == [1 * SECOND, 2 * SECOND]
    for file in list(play.world.available):
        play.world.delete(file)
    assert [at for at, _ in uploads(play, 9 * SECOND)] == [6 * SECOND, 7 * SECOND]
