"""The network falls apart as the script says, and is healed when it says."""

import pytest

from tests.support.small_run import SmallRun, read_step


def sides(run: SmallRun) -> list[set[str]]:
    return [{peer.name for peer in side} for side in run.world.overlay.sides]


def test_a_partition_has_two_sides_of_the_same_size_unless_it_says_more() -> None:
    run = SmallRun(6).script("{at: 1s, do: partition}", "{at: 2s, do: partition, groups: 3}")
    run.told(1)
    assert [len(side) for side in sides(run)] == [3, 3]
    run.told(2)
    assert [len(side) for side in sides(run)] == [2, 2, 2]


def test_a_partition_heals_after_for() -> None:
    run = SmallRun(6).script("{at: 1s, do: partition, groups: 2, for: 30s}")
    told = run.told(60)
    changes = [(each.at, each.payload.clusters) for each in told if each.kind == "NetworkTopologyChanged"]
    assert [(at, [each.size for each in clusters]) for at, clusters in changes] == [(1, [3, 3]), (31, [6])]
    assert [each.payload.status for each in told if each.kind == "PeerHealthChanged"] == ["UNKNOWN"] * 3 + [
        "ONLINE"
    ] * 3
    assert not [each for each in told if each.kind == "PeerDisconnected"]


def test_without_for_only_heal_ends_it() -> None:
    run = SmallRun(4).script("{at: 1s, do: partition}", "{at: 500s, do: heal}")
    run.told(499)
    assert len(sides(run)) == 2
    run.told(501)
    assert len(sides(run)) == 1


def test_named_groups_are_cut_from_the_rest() -> None:
    run = SmallRun(6).script("{at: 1s, do: partition, groups: [[peer-1, peer-2], [peer-5]]}")
    run.told(2)
    assert sides(run) == [{"peer-3", "peer-4", "peer-6"}, {"peer-1", "peer-2"}, {"peer-5"}]


def test_groups_that_name_everybody_leave_no_rest() -> None:
    run = SmallRun(3).script("{at: 1s, do: partition, groups: [[peer-1], [peer-3, peer-2]]}")
    run.told(2)
    assert sides(run) == [{"peer-2", "peer-3"}, {"peer-1"}]


def test_names_of_nobody_cut_nothing() -> None:
    run = SmallRun(3).script(
        "{at: 1s, do: partition, groups: [[nobody]]}", '{at: 2s, do: partition, groups: [["${peer.x.name}"]]}'
    )
    assert run.told(9) == []
    assert len(sides(run)) == 1


@pytest.mark.parametrize(("share", "cut"), [("1%", 1), ("30%", 3), ("25%", 3), ("100%", 9)])
def test_a_share_of_the_peers_is_cut_off(share: str, cut: int) -> None:
    run = SmallRun(10).script(f"{{at: 1s, do: partition, share: {share}}}")
    run.told(2)
    assert sorted(len(side) for side in sides(run)) == sorted((cut, 10 - cut))


@pytest.mark.parametrize("peers", [0, 1])
@pytest.mark.parametrize("how", ["groups: 2", "share: 50%", "groups: [[peer-1]]"])
def test_fewer_than_two_peers_can_not_be_parted(how: str, peers: int) -> None:
    run = SmallRun(peers).script(f"{{at: 1s, do: partition, {how}, for: 1s}}", "{at: 2s, do: heal}")
    assert run.told(9) == []


def test_peers_that_crashed_are_on_no_side() -> None:
    run = SmallRun(4).script("{at: 1s, do: crash, peer: peer-1}", "{at: 2s, do: partition, groups: [[peer-1, peer-2]]}")
    run.told(3)
    assert sides(run) == [{"peer-3", "peer-4"}, {"peer-2"}]


def test_a_partition_ends_nothing_but_itself() -> None:
    run = SmallRun(6).script(
        "{at: 1s, do: partition, groups: 2, for: 10s}", "{at: 5s, do: partition, groups: 3, for: 20s}"
    )
    run.told(24)
    assert len(sides(run)) == 3
    run.told(25)
    assert len(sides(run)) == 1


def test_a_partition_that_is_taken_again_lasts_anew() -> None:
    run = SmallRun(6).script("{every: 4s, times: 2, do: partition, for: 6s}")
    run.told(13.9)
    assert len(sides(run)) == 2
    run.told(14)
    assert len(sides(run)) == 1


def test_a_copy_of_a_run_heals_its_own_network() -> None:
    run = SmallRun(6).script("{at: 1s, do: partition, for: 10s}")
    run.told(5)
    again = run.copy()
    again.told(12)
    assert (len(sides(again)), len(sides(run))) == (1, 2)


def test_nothing_is_copied_between_the_sides() -> None:
    run = SmallRun(4).script("{at: 1s, do: partition, groups: [[peer-1, peer-2]]}")
    run.told(2)
    for file in run.upload(20):
        assert len({run.world.peers[number].group for number in file.copies}) == 1


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            "{at: 1s, do: partition, groups: 1}",
            "f.yaml:1:33: timeline[0].groups: expected a whole number from 2 to 16, got 1",
        ),
        (
            "{at: 1s, do: partition, groups: some}",
            'f.yaml:1:33: timeline[0].groups: expected a number of groups, or a list of lists of names, got "some"',
        ),
        (
            "{at: 1s, do: partition, groups: on}",
            "f.yaml:1:33: timeline[0].groups: expected a number of groups, or a list of lists of names, got on",
        ),
        ("{at: 1s, do: partition, groups: [a]}", 'f.yaml:1:34: timeline[0].groups[0]: expected a list, got "a"'),
        (
            "{at: 1s, do: partition, groups: [[]]}",
            "f.yaml:1:34: timeline[0].groups[0]: expected at least 1 of them, got 0",
        ),
        (
            "{at: 1s, do: partition, groups: [[a, b], [a]]}",
            'f.yaml:1:43: timeline[0].groups[1][0]: expected each peer in one group, got "a" again',
        ),
        (
            "{at: 1s, do: partition, groups: 2, share: 30%}",
            'f.yaml:1:43: timeline[0].share: expected nothing beside "groups", got "30%"',
        ),
        ("{at: 1s, do: heal, for: 3s}", 'f.yaml:1:20: timeline[0]: expected one of at, if, do, got "for"'),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(step: str, said: str) -> None:
    assert read_step(step)[1] == [said]


def test_who_is_meant_is_known_before_the_run() -> None:
    step, _ = read_step('{at: 1s, do: partition, groups: [[a], [b, "${peer.first.name}"]]}')
    assert step.action.peer_names() == [(("groups", 0, 0), "a"), (("groups", 1, 0), "b")]
