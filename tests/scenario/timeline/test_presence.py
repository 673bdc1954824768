"""Peers join, leave, crash and restart: when the script says, those it says, and for how long."""

import pytest

from tests.support.small_run import MEBIBYTE, SmallRun, Told, read_step

PRESENCE = ("PeerConnected", "PeerDisconnected")


def presence(told: list[Told]) -> list[tuple[float, str]]:
    return [(each.at, each.kind.removeprefix("Peer").lower()) for each in told if each.kind in PRESENCE]


# join


def test_peers_join_one_after_the_other_over_some_time() -> None:
    run = SmallRun(2).script("{at: 2s, do: join, peers: 4, over: 6s}")
    assert presence(run.told(20)) == [(at, "connected") for at in (2, 3.5, 5, 6.5)]
    assert run.names() == [f"peer-{number}" for number in range(1, 7)]


def test_one_peer_joins_by_default_and_all_at_once_without_over() -> None:
    run = SmallRun(0).script("{at: 1s, do: join}", "{at: 2s, do: join, peers: 3}")
    assert run.times(9, "PeerConnected") == [1, 2, 2, 2]


def test_at_one_instant_peers_join_and_leave_in_the_order_of_the_steps() -> None:
    run = SmallRun(0).script("{at: 1s, do: join, peers: 300}", "{at: 1s, do: leave, peers: all}", "{at: 1s, do: join}")
    assert [kind for _, kind in presence(run.told(2))] == ["connected"] * 300 + ["disconnected"] * 300 + ["connected"]
    assert run.names() == ["peer-301"]


def test_a_peer_that_left_comes_back_with_its_disk() -> None:
    run = SmallRun(3).script("{at: 11s, do: leave, peer: peer-2}", "{at: 14s, do: join, peer: peer-2}")
    run.upload(3)
    disk = dict(run.peer("peer-2").held)
    assert presence(run.told(20)) == [(11, "disconnected"), (14, "connected")]
    assert len(disk) == 3
    assert run.peer("peer-2").held == disk


def test_a_peer_that_crashed_or_was_given_up_is_called_back() -> None:
    run = SmallRun(4).script(
        "{at: 1s, do: crash, peer: peer-1}",
        "{at: 1s, do: crash, peer: peer-2}",
        "{at: 5s, do: join, peer: peer-1}",
        "{at: 60s, do: join, peer: peer-2}",
    )
    assert [kind for _, kind in presence(run.told(100))] == ["disconnected", "connected"]
    assert not run.peer("peer-1").crashed
    assert run.peer("peer-2").connected


def test_who_is_here_or_never_was_does_not_come_back() -> None:
    run = SmallRun(2).script("{at: 1s, do: join, peer: peer-1}", "{at: 2s, do: join, peer: nobody}")
    assert presence(run.told(9)) == []


def test_who_comes_back_may_be_a_template() -> None:
    run = SmallRun(4).script("{at: 1s, do: leave, peers: all}", '{every: 2s, times: 3, do: join, peer: "peer-${n}"}')
    run.told(9)
    assert run.names() == ["peer-1", "peer-2", "peer-3"]


def test_named_peers_have_the_figures_that_were_said() -> None:
    figures = "{name: big, capacity: 1 GiB, latency: 5ms, address: 10.9.8.7, port: 99, capabilities: [gpu]}"
    run = SmallRun(1).script(f"{{at: 1s, do: join, over: 4s, named: [{figures}, {{name: plain}}]}}")
    first, second = run.told(9, "PeerConnected")
    assert (first.at, second.at) == (1, 3)
    assert (first.payload.address, first.payload.port, first.payload.capabilities) == ("10.9.8.7", 99, ["gpu"])
    assert (run.peer("big").capacity, run.peer("big").latency) == (1024 * MEBIBYTE, 5_000)
    assert run.peer("plain").capacity == 96 * MEBIBYTE
    assert run.names() == ["peer-1", "big", "plain"]


def test_a_named_peer_joins_once_and_then_comes_back() -> None:
    run = SmallRun(1).script("{every: 2s, do: join, named: [{name: guest}]}", "{at: 3s, do: leave, peer: guest}")
    assert presence(run.told(7)) == [(2, "connected"), (3, "disconnected"), (4, "connected")]
    assert len(run.world.peers) == 2


def test_what_repeats_makes_no_more_peers_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pvws.scenario.timeline.presence.PEERS_MAX", 5)
    run = SmallRun(2).script("{every: 1s, do: join, peers: 2}")
    run.told(9)
    assert len(run.world.peers) == 5


# leave


def test_a_peer_leaves_and_is_back_after_for() -> None:
    run = SmallRun(3).script("{at: 5s, do: leave, peer: peer-2, reason: evicted, for: 7s}")
    left, back = run.told(20, *PRESENCE)
    assert (left.at, left.kind, back.at, back.kind) == (5, "PeerDisconnected", 12, "PeerConnected")
    assert left.payload.reason == "evicted"
    assert left.payload.id == back.payload.id == run.peer("peer-2").id


def test_a_peer_that_leaves_without_for_stays_away() -> None:
    run = SmallRun(3).script("{at: 5s, do: leave, peer: peer-1}")
    (left,) = run.told(900, *PRESENCE)
    assert (left.at, left.payload.reason) == (5, "timeout")
    assert run.names() == ["peer-2", "peer-3"]


def test_leaving_twice_tells_once() -> None:
    run = SmallRun(3).script("{at: 1s, do: leave, peer: peer-1}", "{at: 2s, do: leave, peer: peer-1}")
    assert presence(run.told(9)) == [(1, "disconnected")]


def test_several_random_peers_leave_and_the_same_ones_come_back() -> None:
    told = SmallRun(9).script("{at: 5s, do: leave, peers: 4, for: 2500ms}").told(20, *PRESENCE)
    assert presence(told) == [(5, "disconnected")] * 4 + [(7.5, "connected")] * 4
    ids = [each.payload.id for each in told]
    assert len(set(ids[:4])) == 4
    assert ids[:4] == ids[4:]


def test_more_leave_than_there_are_is_all_of_them() -> None:
    assert SmallRun(2).script("{at: 5s, do: leave, peers: 9}").times(9, "PeerDisconnected") == [5, 5]


def test_who_was_back_and_left_again_is_not_called_by_the_first_leave() -> None:
    run = SmallRun(3).script(
        "{at: 1s, do: leave, peer: peer-1, for: 10s}",
        "{at: 3s, do: join, peer: peer-1}",
        "{at: 5s, do: leave, peer: peer-1}",
    )
    assert presence(run.told(60)) == [(1, "disconnected"), (3, "connected"), (5, "disconnected")]


# crash


def test_a_crash_is_noticed_by_missing_heartbeats_alone() -> None:
    run = SmallRun(4).script("{at: 10s, do: crash, peer: peer-1}")
    told = run.told(60, "PeerHealthChanged", "PeerDisconnected")
    assert [each.kind for each in told] == ["PeerHealthChanged", "PeerHealthChanged", "PeerDisconnected"]
    assert [each.payload.status for each in told[:2]] == ["UNKNOWN", "OFFLINE"]
    assert told[2].payload.reason == "timeout"
    assert 10 < told[0].at <= 25


def test_a_crashed_peer_is_back_after_for_also_when_it_was_given_up() -> None:
    run = SmallRun(4).script(
        "{at: 1s, do: crash, peer: peer-1, for: 5s}", "{at: 1s, do: crash, peer: peer-2, for: 50s}"
    )
    assert [(at, kind) for at, kind in presence(run.told(100))][-1] == (51, "connected")
    assert run.names() == ["peer-1", "peer-2", "peer-3", "peer-4"]
    assert not any(peer.crashed for peer in run.world.peers)


def test_who_has_crashed_does_not_crash_again_and_the_first_one_counts() -> None:
    run = SmallRun(3).script("{at: 1s, do: crash, peers: all, for: 4s}", "{at: 3s, do: crash, peers: all, for: 60s}")
    run.told(4)
    assert all(peer.crashed for peer in run.world.peers)
    run.told(6)
    assert not any(peer.crashed for peer in run.world.peers)


def test_a_crashed_peer_that_came_back_otherwise_is_not_recovered_twice() -> None:
    run = SmallRun(3).script(
        "{at: 1s, do: crash, peer: peer-1, for: 60s}",
        "{at: 5s, do: leave, peer: peer-1, for: 5s}",
        "{at: 20s, do: leave, peer: peer-1}",
    )
    run.told(100)
    assert run.names() == ["peer-2", "peer-3"]


# restart


def test_a_rolling_restart_takes_one_after_the_other() -> None:
    told = SmallRun(3).script("{at: 1s, do: restart, down: 2s}").told(20, *PRESENCE)
    assert presence(told) == [
        (1, "disconnected"),
        (3, "connected"),
        (3, "disconnected"),
        (5, "connected"),
        (5, "disconnected"),
        (7, "connected"),
    ]
    assert {each.payload.reason for each in told if each.kind == "PeerDisconnected"} == {"shutdown"}
    assert len({each.payload.id for each in told}) == 3


def test_a_restart_over_some_time_does_not_wait() -> None:
    told = SmallRun(4).script("{at: 0, do: restart, down: 6s, over: 8s}").told(20, *PRESENCE)
    assert [each.at for each in told if each.kind == "PeerDisconnected"] == [0, 2, 4, 6]
    assert [each.at for each in told if each.kind == "PeerConnected"] == [6, 8, 10, 12]


def test_a_restart_of_some_leaves_the_others_alone() -> None:
    run = SmallRun(5).script("{at: 1s, do: restart, peers: [peer-4, peer-2], down: 1s}")
    told = run.told(20, "PeerDisconnected")
    assert [each.payload.id for each in told] == [run.peer("peer-4").id, run.peer("peer-2").id]


def test_a_restart_passes_over_who_has_gone_meanwhile() -> None:
    run = SmallRun(3).script("{at: 1s, do: restart, down: 2s}", "{at: 2s, do: leave, peer: peer-2}")
    assert presence(run.told(20)) == [
        (1, "disconnected"),
        (2, "disconnected"),
        (3, "connected"),
        (3, "disconnected"),
        (5, "connected"),
    ]


@pytest.mark.parametrize("over", ["", ", over: 5s"])
def test_a_restart_without_peers_is_none(over: str) -> None:
    assert SmallRun(0).script(f"{{at: 1s, do: restart{over}}}").told(20) == []


# reading


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            "{at: 1s, do: join, peer: peer-1, peers: 3}",
            'f.yaml:1:41: timeline[0].peers: expected nothing beside "peer", got 3',
        ),
        (
            "{at: 1s, do: join, peer: peer-1, over: 3s}",
            'f.yaml:1:40: timeline[0].over: expected nothing beside "peer", got "3s"',
        ),
        (
            "{at: 1s, do: join, peers: 1, named: [{name: x}]}",
            'f.yaml:1:27: timeline[0].peers: expected nothing beside "named", got 1',
        ),
        (
            "{at: 1s, do: join, peers: 100001}",
            "f.yaml:1:27: timeline[0].peers: expected a whole number from 1 to 100000, got 100001",
        ),
        (
            "{at: 1s, do: join, named: []}",
            "f.yaml:1:27: timeline[0].named: expected at least 1 of them, got 0",
        ),
        (
            "{at: 1s, do: join, named: [{name: x}, {name: x}]}",
            'f.yaml:1:39: timeline[0].named[1]: expected a name that no other peer has, got "x" again',
        ),
        (
            "{at: 1s, do: join, named: [{name: peer-7}]}",
            "f.yaml:1:28: timeline[0].named[0]: expected a name of its own, since peer-1, peer-2 and so on are those "
            'of peers without one, got "peer-7"',
        ),
        (
            "{at: 1s, do: join, named: [{nam: x}]}",
            "f.yaml:1:29: timeline[0].named[0]: expected one of name, address, port, capabilities, capacity, "
            'bandwidth, latency, got "nam" (did you mean "name"?)',
        ),
        (
            "{at: 1s, do: leave, reason: timout}",
            "f.yaml:1:29: timeline[0].reason: expected one of timeout, shutdown, network_error, partition, evicted, "
            'got "timout" (did you mean "timeout"?)',
        ),
        (
            "{at: 1s, do: leave, peer: peer-1, peers: 2}",
            'f.yaml:1:42: timeline[0].peers: expected nothing beside "peer", got 2',
        ),
        (
            "{at: 1s, do: crash, for: soon}",
            'f.yaml:1:26: timeline[0].for: expected a duration like "30s", "1m30s" or "500ms", got "soon"',
        ),
        (
            "{at: 1s, do: restart, down: -1s}",
            'f.yaml:1:29: timeline[0].down: expected a duration like "30s", "1m30s" or "500ms", got "-1s"',
        ),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(step: str, said: str) -> None:
    assert said in read_step(step)[1]


def test_who_is_meant_is_known_before_the_run() -> None:
    step, _ = read_step('{at: 1s, do: leave, peers: [a, "${peer.random.name}", b]}')
    assert step.action.peer_names() == [(("peers", 0), "a"), (("peers", 2), "b")]
    step, _ = read_step("{at: 1s, do: join, peer: a}")
    assert step.action.peer_names() == [(("peer",), "a")]
    assert step.action.new_peers() == 0
    step, _ = read_step("{at: 1s, do: join, named: [{name: a}, {name: b}]}")
    assert step.action.new_names() == [(("named", 0, "name"), "a"), (("named", 1, "name"), "b")]
    assert (step.action.new_peers(), step.action.repetitions(1)) == (2, 2)
    step, _ = read_step("{at: 1s, do: join, peers: 9}")
    assert (step.action.new_peers(), step.action.repetitions(1)) == (9, 9)
