"""Files come in, at a rate and of sizes that were asked for, and some go after a while."""

from statistics import mean, median
from typing import Any

import pytest

from pvws.wire.events import FileDeleted, FileUploaded

SECOND = 1_000_000


def uploads(play: Any, until: int) -> list[tuple[int, FileUploaded]]:
    return play.told(until, FileUploaded)  # type: ignore[no-any-return]


def figures(told: list[tuple[int, FileUploaded]]) -> list[tuple[int, str, int]]:
    return [(at, payload.key, payload.size) for at, payload in told]


def test_files_come_at_the_times_that_were_asked_for(rehearsal: Any) -> None:
    told = uploads(rehearsal().add("uploads: {rate: 4/s, arrivals: fixed, size: 100}"), 3 * SECOND)
    assert [at for at, _ in told] == [250_000 * number for number in range(1, 13)]
    assert {payload.size for _, payload in told} == {100}


def test_sizes_are_drawn_anew_for_each_file(rehearsal: Any) -> None:
    script = "uploads: {rate: 100/s, size: {lognormal: {median: 1000, sigma: 1.0, max: 2000}}}"
    sizes = [payload.size for _, payload in uploads(rehearsal().add(script), 20 * SECOND)]
    assert median(sizes) == pytest.approx(1_000, rel=0.1)
    assert max(sizes) == 2_000
    assert len(set(sizes)) > 500


def test_each_run_goes_through_a_list_from_the_beginning(rehearsal: Any, read: Any) -> None:
    (spec,) = read("uploads: {rate: 1/s, size: {values: [3, 1, 2], order: cycle}}").values()
    for _ in range(2):
        play = rehearsal()
        spec.begin("behaviours.uploads", play)
        assert uploads(play, 60 * SECOND)[0][1].size == 3


def test_a_file_has_at_least_a_byte(rehearsal: Any) -> None:
    told = uploads(rehearsal().add("uploads: {rate: 1/s, arrivals: fixed, size: 0}"), 3 * SECOND)
    assert [payload.size for _, payload in told] == [1, 1, 1]


def test_keys_are_hashes_and_no_two_are_the_same(rehearsal: Any) -> None:
    play = rehearsal().add("uploads: {rate: 50/s, size: 1}\nmore: {kind: uploads, rate: 50/s, size: 1}")
    keys = [payload.key for _, payload in uploads(play, 10 * SECOND)]
    assert len(set(keys)) == len(keys) > 900
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)


def test_files_go_to_all_peers_and_never_to_one_that_is_away(rehearsal: Any) -> None:
    play = rehearsal(peers=4).add("uploads: {rate: 10/s, arrivals: fixed, size: 1}")
    assert {payload.node for _, payload in uploads(play, 10 * SECOND)} == {peer.id for peer in play.peers()}
    away = play.peers()[0]
    play.world.disconnect(away, "timeout")
    told = uploads(play, 20 * SECOND)
    assert len(told) == 100
    assert away.id not in {payload.node for _, payload in told}


def test_uploads_go_on_when_there_was_no_room_for_a_while(rehearsal: Any) -> None:
    play = rehearsal(peers=1, capacity=100).add("uploads: {rate: 1/s, arrivals: fixed, size: 50}")
    assert [at for at, _ in uploads(play, 5 * SECOND)] == [1 * SECOND, 2 * SECOND]
    for file in list(play.world.store.available):
        play.world.store.delete(file)
    assert [at for at, _ in uploads(play, 9 * SECOND)] == [6 * SECOND, 7 * SECOND]


def test_a_lack_of_room_moves_no_time_no_size_and_no_key(rehearsal: Any) -> None:
    script = "uploads: {rate: 20/s, lifetime: {exponential: 5s}, size: {uniform: {from: 1, to: 9}}}"
    roomy = figures(uploads(rehearsal(peers=3).add(script), 60 * SECOND))
    narrow = figures(uploads(rehearsal(peers=3, capacity=100).add(script), 60 * SECOND))
    assert set(narrow) < set(roomy)


def test_files_go_when_their_time_has_come(rehearsal: Any) -> None:
    play = rehearsal().add("uploads: {rate: 2/s, arrivals: fixed, size: 1, lifetime: 5s, until: 10s}")
    told = play.told(60 * SECOND, (FileUploaded, FileDeleted))
    came = {payload.key: at for at, payload in told if isinstance(payload, FileUploaded)}
    went = {payload.key: at for at, payload in told if isinstance(payload, FileDeleted)}
    assert len(came) == 20
    assert went == {key: at + 5 * SECOND for key, at in came.items()}


def test_lifetimes_are_drawn_for_each_file(rehearsal: Any) -> None:
    play = rehearsal().add("uploads: {rate: 20/s, size: 1, lifetime: {exponential: 3s}}")
    told = play.told(600 * SECOND, (FileUploaded, FileDeleted))
    came: dict[str, int] = {}
    lived = []
    for at, payload in told:
        if isinstance(payload, FileUploaded):
            came[payload.key] = at
        else:
            lived.append(at - came[payload.key])
    assert mean(lived) == pytest.approx(3 * SECOND, rel=0.06)


def test_a_file_that_is_gone_or_out_of_reach_is_not_deleted_when_its_time_has_come(rehearsal: Any) -> None:
    play = rehearsal(peers=2, replication=1)
    play.add("uploads: {rate: 1/s, arrivals: fixed, size: 1, lifetime: 5s, until: 2s}")
    uploads(play, 2 * SECOND)
    gone, other = play.world.store.available
    play.world.store.delete(gone)
    for peer in play.peers():
        play.world.disconnect(peer, "shutdown")
    play.told(60 * SECOND)
    assert list(play.world.store.files.values()) == [other]


def test_other_sizes_come_at_the_same_times(rehearsal: Any) -> None:
    times = [
        [at for at, _ in uploads(rehearsal().add(f"uploads: {{rate: 5/s, size: {size}}}"), 60 * SECOND)]
        for size in ("1 KiB", "{pareto: {least: 1 KiB, shape: 1.2, max: 1 GiB}}")
    ]
    assert times[0] == times[1]


def test_nobody_else_moves_a_time_a_size_or_a_key(rehearsal: Any) -> None:
    uploading = "uploads: {rate: 5/s, lifetime: {exponential: 20s}}"
    others = """
        more: {kind: uploads, rate: 7/s}
        deletes: {rate: 3/s}
        updates: {rate: 2/s}
        reads: {rate: 10/s, popularity: zipf}
        churn: {rate: 1/s, downtime: 2s, crash: 20%, newcomers: 10%}
        sessions: {session: 30s, downtime: 3s}
        slowdowns: {rate: 1/s}
        incidents: {rate: 1/s, category: {auth_failure: 1, unknown_peer: 2}}
        metrics: {every: 1s}
    """
    alone = rehearsal(peers=8).add(uploading)
    wanted = figures(uploads(alone, 120 * SECOND))
    crowd = rehearsal(peers=8).add(others).add(uploading)
    keys = {key for _, key, _ in wanted}
    found = [each for each in figures(uploads(crowd, 120 * SECOND)) if each[1] in keys]
    assert found == wanted
    assert len(wanted) > 500
