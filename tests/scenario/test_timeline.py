"""Steps of the timeline: each does what it says when it says, and no more."""

from collections.abc import Callable
from typing import Any

import pytest

from pvws.scenario.schema import Scenario

SECOND = 1_000_000
Run = Callable[..., list[Any]]
Read = Callable[[str], Scenario]
Complaints = Callable[[str], list[str]]


def at_seconds(told: list[Any], *types: str) -> list[tuple[str, float]]:
    """The events of these types after the start: `connected` or another last word, and the second."""
    return [(each.type.split("_")[-1], each.at / SECOND) for each in told if each.type in types and each.at]


PRESENCE = ("peer_connected", "peer_disconnected")


def test_peers_join_one_after_the_other_over_some_time(run: Run) -> None:
    told = run("duration: 20s\nnetwork: {peers: 2}\ntimeline: [{at: 2s, do: join, peers: 4, over: 6s}]")
    assert at_seconds(told, *PRESENCE) == [("connected", at) for at in (2, 3.5, 5, 6.5)]
    assert len({each.data["id"] for each in told}) == 6


def test_one_peer_joins_by_default_and_all_at_once_without_over(run: Run) -> None:
    told = run("network: {peers: 0}\ntimeline: [{at: 1s, do: join}, {at: 2s, do: join, peers: 3}]")
    assert at_seconds(told, *PRESENCE) == [("connected", at) for at in (1, 2, 2, 2)]


def test_a_peer_leaves_and_is_back_after_for(run: Run) -> None:
    told = run("network: {peers: 3}\ntimeline: [{at: 5s, do: leave, peer: peer-2, reason: evicted, for: 7s}]")
    assert at_seconds(told, *PRESENCE) == [("disconnected", 5), ("connected", 12)]
    left, back = told[3:]
    assert left.data["reason"] == "evicted"
    assert left.data["id"] == back.data["id"] == told[1].data["id"]


def test_a_peer_that_leaves_without_for_stays_away_until_it_is_called(run: Run) -> None:
    step = "{at: 5s, do: leave, peer: peer-1}"
    assert at_seconds(run(f"timeline: [{step}]"), *PRESENCE) == [("disconnected", 5)]
    told = run(f"timeline: [{step}, {{at: 9s, do: join, peer: peer-1}}]")
    assert at_seconds(told, *PRESENCE) == [("disconnected", 5), ("connected", 9)]
    assert told[-1].data["id"] == told[-2].data["id"] == told[0].data["id"]
    assert told[-2].data["reason"] == "timeout"


def test_leaving_twice_and_joining_twice_tell_once(run: Run) -> None:
    told = run(
        "timeline: [{at: 1s, do: leave, peer: peer-1}, {at: 2s, do: leave, peer: peer-1}, "
        "{at: 3s, do: join, peer: peer-1}, {at: 4s, do: join, peer: peer-1}]"
    )
    assert at_seconds(told, *PRESENCE) == [("disconnected", 1), ("connected", 3)]


def test_several_random_peers_leave_and_the_same_ones_come_back(run: Run) -> None:
    told = run("network: {peers: 9}\ntimeline: [{at: 5s, do: leave, peers: 4, for: 2500ms}]")[9:]
    assert at_seconds(told, *PRESENCE) == [("disconnected", 5)] * 4 + [("connected", 7.5)] * 4
    ids = [each.data["id"] for each in told]
    assert len(set(ids[:4])) == 4
    assert ids[:4] == ids[4:]


def test_more_leave_than_there_are_is_all_of_them(run: Run) -> None:
    told = run("network: {peers: 2}\ntimeline: [{at: 5s, do: leave, peers: 9}]")
    assert at_seconds(told, *PRESENCE) == [("disconnected", 5)] * 2


FILL = "network: {{peers: {peers}, capacity: {capacity}}}\ntimeline: [{{at: 2s, do: fill, to: {to}%, over: {over}}}]\n"


@pytest.mark.parametrize("peers", [1, 2, 3, 8, 30])
@pytest.mark.parametrize("to", [10, 50, 92, 100])
@pytest.mark.parametrize("over", ["0s", "250ms", "8s"])
def test_a_fill_reaches_its_share(peers: int, to: int, over: str, read: Read, direct: Callable[..., Any]) -> None:
    director = direct(read(FILL.format(peers=peers, capacity="96 MiB", to=to, over=over)))
    world = director.play.world
    while (at := director.peek()) is not None and at < 10 * SECOND:
        director.step()
        assert world.used_space + world.reserved_space <= to / 100 * world.total_space + 1
    assert (world.used_space + world.reserved_space) / world.total_space == pytest.approx(to / 100, abs=0.0001)
    while director.peek() is not None:
        director.step()
    assert world.used_space / world.total_space == pytest.approx(to / 100, abs=0.0001)


def test_a_fill_is_even(read: Read, direct: Callable[..., Any]) -> None:
    director = direct(read(FILL.format(peers=8, capacity="96 MiB", to=80, over="8s")))
    world, shares = director.play.world, {}
    while (at := director.peek()) is not None and at < 12 * SECOND:
        director.step()
        shares[at // SECOND] = (world.used_space + world.reserved_space) / world.total_space
    for second in range(2, 10):
        assert shares[second] == pytest.approx(0.1 * (second - 1), abs=0.001)


def test_a_fill_of_tiny_disks_ends(run: Run) -> None:
    told = run(FILL.format(peers=3, capacity="5 B", to=100, over="1s"))
    assert len(told) < 50


def test_a_fill_without_peers_or_without_space_does_nothing(run: Run) -> None:
    assert run(FILL.format(peers=0, capacity="5 B", to=100, over="1s")) == []
    assert {each.type for each in run(FILL.format(peers=2, capacity="0", to=100, over="1s"))} == {"peer_connected"}


def test_what_is_full_enough_is_not_filled(run: Run) -> None:
    told = run(
        "network: {peers: 4, capacity: 96 MiB}\n"
        "timeline: [{at: 1s, do: fill, to: 60%, over: 1s}, {at: 9s, do: fill, to: 50%, over: 5s}]"
    )
    uploads = at_seconds(told, "file_uploaded")
    assert uploads
    assert max(at for _, at in uploads) < 9


def test_a_fill_goes_on_while_peers_leave_and_join(read: Read, direct: Callable[..., Any]) -> None:
    director = direct(
        read(
            "duration: 30s\nnetwork: {peers: 6, capacity: 96 MiB}\ntimeline:\n"
            "  - {at: 1s, do: fill, to: 70%, over: 20s}\n"
            "  - {at: 5s, do: leave, peers: 2}\n  - {at: 9s, do: join, peers: 4}"
        )
    )
    while director.peek() is not None:
        director.step()
    world = director.play.world
    assert world.used_space / world.total_space == pytest.approx(0.7, abs=0.001)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("7", "f.yaml:3:12: timeline[0]: expected a mapping, got 7"),
        ("{at: 1s}", "f.yaml:3:12: timeline[0].do: expected one of join, leave, fill, got nothing"),
        (
            "{at: 1s, do: leav}",
            'f.yaml:3:25: timeline[0].do: expected one of join, leave, fill, got "leav" (did you mean "leave"?)',
        ),
        ("{do: join}", "f.yaml:3:12: timeline[0].at: expected a value, got nothing"),
        ("{at: 1s, do: fill}", "f.yaml:3:12: timeline[0].to: expected a value, got nothing"),
        (
            "{at: 1s, do: fill, to: 92}",
            'f.yaml:3:35: timeline[0].to: expected a percentage between "0%" and "100%", got 92',
        ),
        (
            "{at: 1:30, do: join}",
            'f.yaml:3:17: timeline[0].at: expected a duration like "30s", "1m30s" or "500ms", got "1:30"',
        ),
        (
            "{at: 1s, do: leave, lasting: 3s}",
            'f.yaml:3:32: timeline[0]: expected one of at, peer, peers, reason, for, do, got "lasting"',
        ),
        (
            "{at: 1s, do: leave, reason: timout}",
            "f.yaml:3:40: timeline[0].reason: expected one of timeout, shutdown, network_error, partition, evicted, "
            'got "timout" (did you mean "timeout"?)',
        ),
        (
            "{at: 1s, do: leave, peers: 0}",
            "f.yaml:3:39: timeline[0].peers: expected a whole number from 1 to 100000, got 0",
        ),
    ],
)
def test_a_wrong_step_is_answered_with_what_would_be_right(step: str, said: str, complaints: Complaints) -> None:
    assert complaints(f"pvws: 1\nscenario: x\ntimeline: [{step}]\n") == [said]
