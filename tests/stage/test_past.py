"""The past: what was true is found out from snapshots, and is the same as without them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import pytest

from pvws.cli.performance import Deaf
from pvws.scenario.director import Director
from pvws.sim.source import ClientInput, Input, Source
from pvws.stage import past
from pvws.stage.inputs import Inputs
from pvws.stage.oracle import earlier_truth_of, truth_of
from pvws.stage.sequel import Sequel
from pvws.stage.stage import Stage
from pvws.world.truth import Truth, truth
from tests.support.staged import SECOND, START, director, story

MINUTE = 60 * SECOND
LONG = """
scenario: long
start: 2024-01-01T00:00:00Z
duration: 2h
network: {peers: 4, capacity: 1 GiB}
behaviours:
  uploads: {rate: 1/s, size: 1 KiB}
  deletes: {rate: 0.5/s}
"""


class Played:
    """A stage with a long script, which counts how often the run is made afresh."""

    def __init__(self, text: str = LONG) -> None:
        self.text = text
        self.made = 0
        self.stage: Stage = story(text, remake=self._remake)

    def _remake(self, inputs: Sequence[Input]) -> Source:
        self.made += 1
        return director(self.text, tuple(inputs))  # type: ignore[arg-type]

    @property
    def snapshots(self) -> list[float]:
        """In minutes since the start."""
        return [(at - START) / MINUTE for at in self.stage._inputs.past.snapshots]


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little has happened, it is put away."""
    monkeypatch.setattr(past, "SNAPSHOT_EVENTS_MIN", 1)


async def test_what_plays_puts_nothing_away_and_who_asks_does_each_minute() -> None:
    played = Played()
    await played.stage.clock.advance("5m30s")
    assert played.snapshots == []
    truth_of(played.stage, START + 4 * MINUTE + SECOND)
    assert played.snapshots == [1, 2, 3, 4]
    truth_of(played.stage, START + 5 * MINUTE)
    assert played.snapshots == [1, 2, 3, 4, 5]
    assert played.made == 1, "the second question begins where the first has ended"


async def test_a_way_on_which_little_happens_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "SNAPSHOT_EVENTS_MIN", 300)  # there are 200 a minute
    played = Played()
    await played.stage.clock.advance("5m30s")
    truth_of(played.stage, START + 5 * MINUTE)
    assert played.snapshots == [2, 4]


async def test_with_snapshots_the_same_was_true_as_without_whatever_was_done_in_between() -> None:
    played, truths = Played(), dict[int, Truth]()
    stage = played.stage
    for number in range(16):
        await stage.clock.advance("25s")
        if number % 3 == 1:
            stage.controller.do({"do": "burst", "files": 3})
            await stage.clock.advance(1)
        now = stage.now().micros
        truths[now] = truth_of(stage)
        if number % 4 == 3:  # each question leaves snapshots, and what is done behind them must count
            truth_of(stage, now - 30 * SECOND)
    assert played.made == 1
    assert len({truth.file_count for truth in truths.values()}) > 10
    for at, then in (*truths.items(), *reversed(truths.items())):
        assert truth_of(stage, at) == then


async def test_when_the_clock_is_set_back_what_was_later_has_not_happened() -> None:
    played = Played()
    stage = played.stage
    await stage.clock.advance("3m")
    stage.controller.do({"do": "burst", "files": 50})
    await stage.clock.advance("2m")
    truth_of(stage, START + 4 * MINUTE + SECOND)
    await stage.clock.seek(START + 2 * MINUTE)
    assert played.snapshots == [], "all of them know of the burst, which is still to come"
    await stage.clock.advance("3m")
    then = truth_of(stage)
    assert then.file_count < 50 + 300
    await stage.clock.advance("1s")
    assert truth_of(stage, then.at.micros) == then
    await stage.clock.seek(START + 4 * MINUTE + SECOND)
    assert played.snapshots == [1, 2, 3, 4], "nothing was done: they hold"


async def test_only_the_last_are_kept_and_before_them_a_run_is_made_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "SNAPSHOTS_MAX", 3)
    played = Played()
    await played.stage.clock.advance("7m")
    truth_of(played.stage, START + 6 * MINUTE + SECOND)
    assert played.snapshots == [4, 5, 6]
    early = truth_of(played.stage, START + 2 * MINUTE)
    assert early.at.micros == START + 2 * MINUTE
    assert (played.made, played.snapshots) == (2, [4, 5, 6])


async def test_large_ones_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "SNAPSHOTS_BYTES_MAX", 1)
    played = Played()
    await played.stage.clock.advance("4m")
    truth_of(played.stage, START + 3 * MINUTE + SECOND)
    assert played.snapshots == [3]
    with monkeypatch.context() as no_more:
        no_more.setattr(past.pickle, "dumps", None)  # what there is no place for is not made in the first place
        truth_of(played.stage, START + 2 * MINUTE + SECOND)
    assert played.snapshots == [3]


async def test_a_question_from_before_the_clock_was_set_back_leaves_nothing_behind_it() -> None:
    """It is answered of the history that it was asked of, in its own time."""
    played = Played()
    stage = played.stage
    await stage.clock.advance("3m")
    then = truth_of(stage)
    find_out = earlier_truth_of(stage, then.at.micros - 1)
    stage.controller.do({"do": "burst", "files": 50})
    await stage.clock.seek(START + MINUTE)
    before = find_out()
    assert before.file_count == then.file_count
    assert played.snapshots == []


async def test_questions_at_the_same_time_share_what_they_leave() -> None:
    played = Played()
    await played.stage.clock.advance("6m")
    asked = [START + number * 20 * SECOND for number in range(1, 17)]
    alone = Played()
    await alone.stage.clock.advance("6m")
    ways = [earlier_truth_of(played.stage, at) for at in asked]
    found = await asyncio.gather(*(asyncio.to_thread(way) for way in ways))
    assert found == [truth_of(alone.stage, at) for at in asked]
    assert played.snapshots == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("make", [Deaf, lambda director: Sequel(lambda inputs: director, ())], ids=["deaf", "sequel"])
async def test_a_run_of_which_all_is_known_is_put_away_as_well(make: Callable[[Director], Source]) -> None:
    stage = story(LONG, remake=lambda inputs: make(director(LONG)))
    await stage.clock.advance("3m")
    then = truth_of(stage)
    await stage.clock.advance("1m")
    assert truth_of(stage, then.at.micros) == truth_of(stage, then.at.micros) == then
    assert len(stage._inputs.past.snapshots) == 3


def test_what_clients_did_before_and_behind_a_snapshot_counts() -> None:
    answering = f"{LONG}timeline:\n  - {{when: {{client: subscribes}}, times: always, in: 5s, do: burst, files: 7}}\n"
    played = director(answering)
    inputs = Inputs(lambda given: director(answering, tuple(given)))  # type: ignore[arg-type]
    truths = dict[int, Truth]()
    for number in range(14):
        at = START + number * 31 * SECOND
        while (due := played.peek()) is not None and due <= at:
            played.take(at, 1_000)
        played.pass_until(at)
        truths[at] = truth(played.play.world)
        told = played.tell(ClientInput(at, number + 1, "subscribes", topic="alerts"))
        assert told is not None
        inputs.keep(told)
        if number % 4 == 3:
            inputs.way_to(at - SECOND)()
    assert len(inputs.past.snapshots) == 5
    for at, then in truths.items():
        source = cast(Director, inputs.way_to(at - 1)())
        source.pass_until(at)
        assert truth(source.play.world).file_count == then.file_count
