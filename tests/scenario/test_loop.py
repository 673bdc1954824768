"""A scenario again and again: fresh worlds from the same seed, while numbers and stage time go on."""

import json
import pickle

import pytest

from pvws.scenario.loop import Loop
from pvws.scenario.schema import Scenario
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.timestamp import LAST_INSTANT
from pvws.world.invariants import ContradictionError
from pvws.world.names import DEFAULT_NAMES, Names
from tests.support.playing import SECOND, START, director_of, read_scenario

BODY = """\
seed: 4
duration: 10s
network: {peers: 3}
behaviours: {uploads: {rate: 3/s, size: 1 MiB}, metrics: {every: 5s}}
timeline:
  - {at: 2s, do: mark, name: two}
  - {at: 4s, do: leave}
  - {when: {client: connects}, do: mark, name: hello}
"""
ROUND = 10 * SECOND + 1  # an instant belongs to one round


def loop_of(scenario: Scenario, *, start: int = START, paranoid: bool = False, names: Names = DEFAULT_NAMES) -> Loop:
    return Loop(scenario, start=start, seed=scenario.seed, duration=scenario.duration, paranoid=paranoid, names=names)


def without_times(given: list[Timed | Cue], start: int) -> list[object]:
    """What a round gives, but for its instants and numbers."""
    kept: list[object] = []
    for each in given:
        if isinstance(each, Cue):
            kept.append((each.at - start, each.kind, each.name))
        else:
            message = json.loads(each.text)
            message.pop("timestamp")
            message["data"].pop("timestamp", None)
            kept.append((each.at - start, each.topic, message))
    return kept


def test_the_first_round_is_what_a_director_plays() -> None:
    scenario = read_scenario(BODY)
    loop, director = loop_of(scenario), director_of(scenario)
    while (at := director.peek()) is not None:
        assert loop.peek() == at
        assert loop.take(None, 20) == director.take(None, 20)


def test_rounds_tell_the_same_at_other_times() -> None:
    scenario = read_scenario(BODY)
    loop = loop_of(scenario)
    played = rounds_by_time(loop, 3)
    first = without_times(played[0], START)
    assert len(first) > 40
    for number, given in enumerate(played):
        assert without_times(given, START + number * ROUND) == first


def rounds_by_time(loop: Loop, number: int) -> list[list[Timed | Cue]]:
    """All that so many rounds give, by the instants that are theirs."""
    played: list[list[Timed | Cue]] = [[] for _ in range(number)]
    while (at := loop.peek()) is not None and at < START + number * ROUND:
        for each in loop.take(START + number * ROUND - 1, 30):
            played[(each.at - START) // ROUND].append(each)
    return played


def test_numbers_and_times_go_on() -> None:
    given = [each for played in rounds_by_time(loop_of(read_scenario(BODY)), 4) for each in played]
    numbers = [each.sequence for each in given if isinstance(each, Timed)]
    assert numbers == list(range(len(numbers)))
    assert [each.at for each in given] == sorted(each.at for each in given)


def test_the_next_round_is_due_behind_the_last_instant_of_this_one() -> None:
    loop = loop_of(read_scenario("duration: 10s\nnetwork: {peers: 1}"))
    while loop.director.peek() is not None:
        loop.take(None, 10)
    assert loop.peek() == START + ROUND
    assert loop.take(START + ROUND - 1, 10) == []
    assert [each.at for each in loop.take(START + ROUND, 1)] == [START + ROUND]
    assert loop.director.play.start == START + ROUND


def test_a_round_takes_its_faults_with_it() -> None:
    loop = loop_of(read_scenario("duration: 10s\nnetwork: {peers: 1}\ntimeline: [{at: 2s, do: fault, drop: 10%}]"))
    cues = [
        [(each.at - START - number * ROUND, each.kind) for each in given if isinstance(each, Cue)]
        for number, given in enumerate(rounds_by_time(loop, 3))
    ]
    assert cues == [[(2 * SECOND, "fault")], *[[(0, "unfault"), (2 * SECOND, "fault")]] * 2]


def test_a_round_ends_where_a_list_ends() -> None:
    loop, seen = loop_of(read_scenario(BODY)), []
    for _ in range(12):
        given = loop.take(None, 25)
        seen.append({(each.at - START) // ROUND for each in given})
    assert all(len(each) <= 1 for each in seen)
    assert {0, 1} <= set().union(*seen)


def test_it_goes_on_from_a_pickle() -> None:
    loop = loop_of(read_scenario(BODY))
    for _ in range(7):
        loop.take(None, 25)
    copy: Loop = pickle.loads(pickle.dumps(loop))
    assert [copy.take(None, 25) for _ in range(9)] == [loop.take(None, 25) for _ in range(9)]


def test_it_ends_where_the_calendar_ends() -> None:
    loop = loop_of(read_scenario("duration: 10s\nnetwork: {peers: 1}"), start=LAST_INSTANT - 2 * ROUND + 1)
    given = []
    while loop.peek() is not None:
        given += loop.take(None, 10)
    assert [each.type for each in given if isinstance(each, Timed)] == [
        "peer_connected",
        "network_topology_changed",
    ] * 2
    assert loop.take(None, 10) == []
    assert loop.tell(ClientInput(LAST_INSTANT, 1, "connects")) is None


# Clients


def test_the_round_that_is_played_hears_of_clients() -> None:
    loop = loop_of(read_scenario(BODY))
    deed = ClientInput(START + 3 * SECOND, 1, "connects")
    assert loop.tell(deed) == deed
    given = rounds_by_time(loop, 2)
    marks = [each for each in (*given[0], *given[1]) if isinstance(each, Cue) and each.name == "hello"]
    assert marks == [Cue(START + 3 * SECOND, "mark", name="hello")]


def test_the_next_round_hears_of_clients_that_come_when_this_one_is_over() -> None:
    """Nothing may be left to play of a round when a client comes: it is heard by the one that is on then."""
    loop = loop_of(read_scenario(BODY))
    while loop.director.peek() is not None:
        loop.take(None, 50)
    for after in (0, SECOND):
        told = loop.tell(ClientInput(START + ROUND + after, 1, "connects"))
        assert told is not None
        assert told.at == START + ROUND + after
    marks = [each for each in rounds_by_time(loop, 2)[1] if isinstance(each, Cue) and each.name == "hello"]
    assert marks == [Cue(START + ROUND, "mark", name="hello")]


def test_a_client_that_comes_before_the_next_round_is_heard_by_this_one() -> None:
    loop = loop_of(
        read_scenario("duration: 10s\nnetwork: {peers: 1}\ntimeline:\n  - {when: {client: connects}, do: heal}")
    )
    while loop.director.peek() is not None:
        loop.take(None, 50)
    deed = ClientInput(START + 9 * SECOND, 1, "connects")
    assert loop.tell(deed) == deed
    assert loop.peek() == START + 9 * SECOND


# What it is made of


def test_every_round_has_the_names_that_were_given() -> None:
    words = Names(*(("only",),) * 5, content_types=DEFAULT_NAMES.content_types)
    loop = loop_of(read_scenario("duration: 1s\nbehaviours: {uploads: {rate: 9/s}}"), names=words)
    for _ in range(2):
        while loop.director.peek() is not None:
            loop.take(None, 50)
        assert loop.director.play.world.rules.names == words
        loop.take(None, 1)


def test_every_round_is_looked_after(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = loop_of(read_scenario(BODY), paranoid=True)
    while loop.director.peek() is not None:
        loop.take(None, 50)
    monkeypatch.setattr("pvws.world.invariants.contradictions", lambda world: ["a peer is its own neighbour"])
    with pytest.raises(ContradictionError, match="a peer is its own neighbour"):
        loop.take(None, 50)
