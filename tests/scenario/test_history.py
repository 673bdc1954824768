"""What was true at an earlier instant is what was true then, whoever asks and however long ago that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.scenario import history as history_module
from pvws.scenario.director import Director
from pvws.scenario.history import SNAPSHOT_PERIOD_MICROS, History
from pvws.scenario.schema import Scenario
from pvws.sim.chance import Stream
from pvws.sim.source import ClientInput, Cue, Timed
from pvws.world.truth import Truth, truth
from tests.support.playing import SECOND, START, director_of, read_scenario, rest

LONG = """\
seed: 8
duration: 6m
network: {peers: 6, capacity: 4 MiB, bandwidth: 200 KB, replication: 2}
behaviours:
  uploads: {rate: 1/s, size: {lognormal: {median: 100 KiB, max: 1 MiB}}, lifetime: {exponential: 60s}}
  updates: {rate: 0.2/s}
  sessions: {session: 60s, downtime: 10s, crash: 30%}
  incidents: {rate: 0.1/s, attempts: 3}
  metrics: {every: 20s}
timeline:
  - {at: 70s, do: partition, groups: 2, for: 30s}
  - {every: 50s, do: mark, name: half}
  - {when: {client: subscribes}, times: always, do: burst, files: 3}
  - {when: {client: sends}, times: always, do: crash, for: 20s}
"""
SCENARIO = read_scenario(LONG)


class Maker:
    """Makes the runs of a history, and counts them."""

    def __init__(self, scenario: Scenario = SCENARIO) -> None:
        self.scenario = scenario
        self.made = 0

    def __call__(self) -> Director:
        self.made += 1
        return director_of(self.scenario)


def play(history: History, until: float, *, tell: bool = True) -> dict[int, Truth]:
    """Play on until some seconds after the start. What is true is written down now and then, and clients do things."""
    chance, truths = Stream(1, "test"), dict[int, Truth]()
    last = START + int(until * SECOND)
    while (at := history.peek()) is not None and at <= last:
        history.take(min(last, at + chance.below(5 * SECOND)), 1 + chance.below(50))
        now, due = history.director.play.kernel.now, history.peek()
        if chance.random() < 0.2 and due != now:
            truths[now] = truth(history.director.play.world)
        if tell and chance.random() < 0.05:
            did = "subscribes" if chance.random() < 0.7 else "sends"
            history.tell(ClientInput(now + chance.below(SECOND), 1, did))  # type: ignore[arg-type]
    return truths


def taken(history: History) -> list[Timed | Cue]:
    return rest(history)


# A source


def test_it_gives_what_the_director_gives() -> None:
    assert taken(History(Maker())) == rest(director_of(SCENARIO))


def test_it_takes_nothing_from_behind_the_instant_that_was_asked_for() -> None:
    history = History(Maker())
    for seconds in (0, 59, 60, 61, 150, 300):
        last = START + seconds * SECOND
        given = rest(history, last)
        assert all(each.at <= last for each in given)
        assert history.take(last, 10) == []


def test_what_clients_do_is_told_to_the_director() -> None:
    history, director = History(Maker()), director_of(SCENARIO)
    deed = ClientInput(START + 5 * SECOND, 1, "subscribes")
    assert history.tell(deed) == director.tell(deed) == deed
    assert taken(history) == rest(director)


def test_the_director_is_the_run_that_is_played() -> None:
    maker = Maker()
    history = History(maker)
    taken(history)
    assert history.director.peek() is None
    assert maker.made == 1


# Snapshots


def test_each_minute_there_is_a_snapshot() -> None:
    history = History(Maker())
    for seconds in (59, 119, 300):
        rest(history, START + seconds * SECOND)
        assert [(at - START) // SNAPSHOT_PERIOD_MICROS for at in history.snapshots] == list(range(1, seconds // 60 + 1))


def test_a_quiet_time_has_no_snapshots_of_its_own() -> None:
    scenario = read_scenario(
        "duration: 10m\nnetwork: {peers: 2}\ntimeline: [{at: 5m, do: leave, reason: shutdown}, {at: 9m59s, do: heal}]"
    )
    history = History(Maker(scenario))
    taken(history)
    assert [at - START for at in history.snapshots] == [300 * SECOND, 599 * SECOND]


def test_snapshots_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "SNAPSHOTS_MAX", 3)
    history = History(Maker())
    taken(history)
    assert [(at - START) // SNAPSHOT_PERIOD_MICROS for at in history.snapshots] == [4, 5, 6]


def test_snapshots_are_bounded_in_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one is kept, however large it is."""
    history = History(Maker())
    taken(history)
    sizes = [len(each.data) for each in history._snapshots]
    for bound, kept in ((sum(sizes), 6), (sum(sizes) - 1, 5), (sizes[5] + sizes[4], 2), (1, 1)):
        monkeypatch.setattr(history_module, "SNAPSHOTS_BYTES_MAX", bound)
        history = History(Maker())
        taken(history)
        assert len(history.snapshots) == kept


# The truth now


def test_the_oracle_tells_what_is_true_now() -> None:
    history = History(Maker())
    for seconds in (0, 1, 75, 200, 360):
        rest(history, START + seconds * SECOND)
        assert history.oracle() == truth(history.director.play.world)
        now = history.director.play.kernel.now
        assert history.oracle(now) == history.oracle(now + SECOND) == history.oracle()


def test_asking_the_oracle_changes_nothing() -> None:
    asked, given = History(Maker()), list[Timed | Cue]()
    while (at := asked.peek()) is not None:
        given += asked.take(at + 20 * SECOND, 100)
        asked.oracle()
        asked.oracle(START + (at - START) // 2)
    assert given == rest(director_of(SCENARIO))


# The truth then


@pytest.mark.parametrize("tell", [False, True])
def test_what_was_true_then_is_what_was_true_then(tell: bool) -> None:
    history = History(Maker())
    truths = play(history, 360, tell=tell)
    assert len(truths) > 20
    for at, then in truths.items():
        assert history.oracle(at) == then


def test_before_the_first_snapshot_it_is_played_from_the_start() -> None:
    maker = Maker()
    history = History(maker)
    truths = play(history, 50)
    play(history, 70)
    for at, then in truths.items():
        before = maker.made
        assert history.oracle(at) == then
        assert maker.made == before + 1


def test_behind_a_snapshot_it_is_played_from_there() -> None:
    maker = Maker()
    history = History(maker)
    play(history, 65)
    truths = play(history, 170)
    for at, then in truths.items():
        assert history.oracle(at) == then
    assert maker.made == 1


def test_what_is_older_than_all_snapshots_is_played_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "SNAPSHOTS_MAX", 1)
    maker = Maker()
    history = History(maker)
    truths = play(history, 360)
    old = [at for at in truths if at < history.snapshots[0]]
    assert len(old) > 10
    for at in old[::5]:
        assert history.oracle(at) == truths[at]
    assert maker.made == 1 + len(old[::5])


def test_between_two_events_the_clock_has_gone_on_and_nothing_else() -> None:
    history = History(Maker())
    truths = play(history, 40, tell=False)
    at = next(at for at in truths if at > START + 10 * SECOND)
    next_at = next(each.at for each in rest(director_of(SCENARIO)) if each.at > at)
    rest(history, START + 200 * SECOND)
    later = history.oracle(next_at - 1)
    assert later.at.micros // 1000 == (next_at - 1) // 1000
    assert [file.key for file in later.files] == [file.key for file in truths[at].files]
    assert (later.used_space, later.alerts) == (truths[at].used_space, truths[at].alerts)


def test_an_instant_that_was_taken_in_part_is_told_as_a_whole() -> None:
    scenario = read_scenario(
        "network: {peers: 3}\ntimeline: [{at: 5s, do: mark, name: x}, {at: 5s, do: leave, peers: 2}]"
    )
    history = History(Maker(scenario))
    while not isinstance(history.take(None, 1)[-1], Cue):
        pass
    assert history.peek() == history.director.play.kernel.now == START + 5 * SECOND
    assert sum(peer.connected for peer in history.oracle().peers) == 3
    assert sum(peer.connected for peer in history.oracle(START + 5 * SECOND).peers) == 1
    assert sum(peer.connected for peer in history.oracle(START + 6 * SECOND).peers) == 3  # which is not known yet


def test_before_the_start_there_was_nothing() -> None:
    history = History(Maker())
    rest(history, START + 30 * SECOND)
    before = history.oracle(START - SECOND)
    assert (before.peers, before.files, before.file_count) == ([], [], 0)


def test_what_clients_did_before_and_after_a_snapshot_counts_both() -> None:
    """What they did is told again to whoever starts from the snapshot, if it was not in it."""
    history, truths = History(Maker()), dict[int, Truth]()
    for seconds in (30, 59, 61, 90, 119, 121, 150):
        rest(history, START + seconds * SECOND)
        history.tell(ClientInput(START + seconds * SECOND, 1, "subscribes"))
        rest(history, START + (seconds + 1) * SECOND)
        truths[history.director.play.kernel.now] = history.oracle()
    taken(history)
    assert {at: history.oracle(at) for at in truths} == truths


def test_a_deed_that_takes_effect_before_the_snapshot_but_was_told_after_it_counts() -> None:
    """A snapshot stands where the next event is due; clients may do something between the last event and that."""
    scenario = read_scenario(
        "duration: 5m\nnetwork: {peers: 2}\n"
        "timeline: [{at: 2m, do: leave}, {when: {client: connects}, do: join, peers: 5}]"
    )
    history = History(Maker(scenario))
    rest(history, START + 110 * SECOND)
    assert history.tell(ClientInput(START + 115 * SECOND, 1, "connects"))
    taken(history)
    for seconds, peers in ((110, 2), (115, 7), (119, 7), (121, 6)):
        told = history.oracle(START + seconds * SECOND)
        assert sum(peer.connected for peer in told.peers) == peers


@given(st.lists(st.integers(0, 360 * SECOND), min_size=1, max_size=4))
def test_however_often_it_is_asked_the_answer_is_the_same(instants: list[int]) -> None:
    for micros in instants:
        director = director_of(SCENARIO)
        rest(director, START + micros)
        director.play.kernel.run(min(START + micros, PLAYED.director.play.kernel.now))
        assert PLAYED.oracle(START + micros) == truth(director.play.world)


PLAYED = History(Maker())
"""A history that has come to its end."""
rest(PLAYED)
