"""Peers get slow or busy: those that are meant, for as long as was said, and the load moves on."""

import pytest

from tests.support.small_run import SmallRun, read_step


def slow(run: SmallRun) -> list[str]:
    return [peer.name for peer in run.world.peers if peer.slowness != 1]


def loaded(run: SmallRun) -> list[str]:
    return [peer.name for peer in run.world.peers if peer.load]


def test_peers_are_slower_for_a_while() -> None:
    run = SmallRun(4).script("{at: 2s, do: slow, peers: [peer-1, peer-3], factor: 5, for: 10s}")
    run.told(3)
    assert slow(run) == ["peer-1", "peer-3"]
    assert run.peer("peer-1").delay == 5 * run.peer("peer-2").delay
    run.told(12)
    assert slow(run) == []


def test_a_peer_that_is_slow_enough_is_degraded_until_it_is_not() -> None:
    run = SmallRun(4).script("{at: 2s, do: slow, peer: peer-2, factor: 100, for: 20s}")
    told = run.told(60, "PeerHealthChanged")
    assert [(each.payload.id, each.payload.status) for each in told] == [
        (run.peer("peer-2").id, "DEGRADED"),
        (run.peer("peer-2").id, "ONLINE"),
    ]


def test_without_for_a_peer_stays_slow() -> None:
    run = SmallRun(4).script("{at: 2s, do: slow, peer: peer-2, factor: 3}")
    run.told(1_000)
    assert slow(run) == ["peer-2"]


def test_what_is_made_slow_again_meanwhile_is_slow_for_longer() -> None:
    run = SmallRun(2).script("{every: 4s, times: 3, do: slow, peer: peer-1, factor: 3, for: 6s}")
    run.told(17.9)
    assert slow(run) == ["peer-1"]
    run.told(18)
    assert slow(run) == []


def test_what_another_step_made_slower_is_left_alone() -> None:
    run = SmallRun(2).script(
        "{at: 1s, do: slow, peer: peer-1, factor: 3, for: 5s}", "{at: 2s, do: slow, peer: peer-1, factor: 9}"
    )
    run.told(30)
    assert run.peer("peer-1").slowness == 9


def test_what_a_step_made_slower_still_is_when_a_later_one_is_over() -> None:
    run = SmallRun(2).script(
        "{at: 1s, do: slow, peer: peer-1, factor: 3, for: 9s}", "{at: 2s, do: slow, peer: peer-1, factor: 3, for: 2s}"
    )
    run.told(9.9)
    assert slow(run) == ["peer-1"]
    run.told(10)
    assert slow(run) == []


def test_load_lies_on_some_share_of_the_peers_for_a_while() -> None:
    run = SmallRun(10).script("{at: 1s, do: load, peers: 30%, share: 80%, for: 5s}")
    run.told(2)
    assert len(loaded(run)) == 3
    assert {peer.load for peer in run.world.peers} == {0.0, 0.8}
    run.told(6)
    assert loaded(run) == []


def test_load_rotates_from_peer_to_peer_and_ends() -> None:
    run = SmallRun(4).script("{at: 0, do: load, peers: 1, share: 90%, rotate: 2s, for: 9s}")
    met = []
    for second in range(1, 9, 2):
        run.told(second)
        met += loaded(run)
    assert sorted(met) == ["peer-1", "peer-2", "peer-3", "peer-4"]
    run.told(9)
    assert loaded(run) == []
    run.told(60)
    assert loaded(run) == []


def test_rotating_load_goes_on_when_everybody_has_been_away() -> None:
    run = SmallRun(3).script(
        "{at: 0, do: load, peers: 2, share: 50%, rotate: 2s}", "{at: 1s, do: leave, peers: all, for: 6s}"
    )
    run.told(30)
    assert len(loaded(run)) == 2


def test_load_that_is_taken_again_begins_anew() -> None:
    run = SmallRun(9).script("{every: 3s, do: load, peers: 2, share: 50%, rotate: 1s, for: 5s}")
    for second in range(4, 40):
        run.told(second - 0.5)
        assert len(loaded(run)) == 2


def test_load_of_another_step_is_left_alone() -> None:
    run = SmallRun(1).script("{at: 0, do: load, share: 50%, for: 5s}", "{at: 1s, do: load, share: 60%}")
    run.told(30)
    assert run.peer("peer-1").load == 0.6


def test_load_of_an_earlier_step_is_there_again_when_a_later_one_is_over() -> None:
    run = SmallRun(1).script("{at: 0, do: load, share: 50%, for: 9s}", "{at: 1s, do: load, share: 60%, for: 2s}")
    for until, load in ((2.5, 0.6), (8.5, 0.5), (10, 0)):
        run.told(until)
        assert run.peer("peer-1").load == load


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{at: 1s, do: slow}", "f.yaml:1:1: timeline[0].factor: expected a value, got nothing"),
        (
            "{at: 1s, do: slow, factor: 0}",
            "f.yaml:1:28: timeline[0].factor: expected a factor above 0",
        ),
        (
            "{at: 1s, do: load, share: 0%}",
            'f.yaml:1:27: timeline[0].share: expected a percentage above 0%, got "0%"',
        ),
        (
            "{at: 1s, do: load, share: 9%, peer: peer-1, rotate: 1s}",
            'f.yaml:1:53: timeline[0].rotate: expected a number or a share of peers that it moves on from, got "1s"',
        ),
        (
            "{at: 1s, do: load, share: 9%, rotate: 0}",
            'f.yaml:1:39: timeline[0].rotate: expected a duration above 0 like "5s", got 0',
        ),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(step: str, said: str) -> None:
    assert [each[: len(said)] for each in read_step(step)[1]] == [said]


def test_how_often_load_rotates_is_known_before_the_run() -> None:
    for keys, repetitions in (("", 1), ("rotate: 1s", 61), ("rotate: 1s, for: 9s", 10), ("rotate: 1s, peers: 5", 305)):
        step, _ = read_step(f"{{at: 1s, do: load, share: 9%, {keys}}}")
        assert step.action.repetitions(60_000_000) == repetitions
