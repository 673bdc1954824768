"""The past: what was true is found out from snapshots, and is the same as without them."""

from collections.abc import Sequence

import pytest

from pvws.sim.source import Input, Source
from pvws.stage import past
from pvws.stage.oracle import truth_of
from pvws.stage.stage import Stage
from pvws.world.truth import Truth
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
