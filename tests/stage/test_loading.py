"""Another scenario onto a stage: read first, and loaded so that clients stay and their time goes on."""

import json
from pathlib import Path

import pytest

from pvws.errors import InputError
from pvws.scenario.loader import load
from pvws.stage.loading import Files, Loading, loading_of
from pvws.stage.oracle import NothingPlaysError
from pvws.stage.stage import Stage
from pvws.timestamp import LAST_INSTANT
from tests.support.staged import START, listener, story, venue_of

SECOND = 1_000_000
OTHER = """
scenario: other
description: Another one.
parameters: {often: 1s}
include: base.yaml
duration: 20s
network: {peers: 2}
timeline:
  - {when: {client: subscribes, topic: alerts}, do: emit, type: security_alert}
  - {at: 3s, do: fault, drop: 100%}
"""
BASE = "behaviours: {metrics: {every: '${often}', kinds: [system_metrics]}}"
FILES = Files({"o.yaml": OTHER, "base.yaml": BASE}, "o.yaml")
LOADING = Loading(FILES, (("often", "2s"),), seed=5, speed=3.0, duration=10 * SECOND)


def test_a_scenario_of_texts_is_read_with_what_is_said_otherwise() -> None:
    scenario = LOADING.read()
    assert (scenario.seed, scenario.speed, scenario.duration) == (5, 3.0, 10 * SECOND)
    assert scenario.parameters == {"often": "2s"}
    assert (LOADING.source, Loading("quickstart").source) == ("o.yaml", "quickstart")


@pytest.mark.parametrize("loading", [LOADING, Loading("quickstart", loop=True), Loading("x.yaml", (("a", "1"),))])
def test_what_is_written_of_it_says_it_again(loading: Loading) -> None:
    written = json.loads(json.dumps(loading.written()))
    again = loading_of(written)
    assert again.written() == loading.written()
    assert (again.what, again.given, again.seed, again.loop) == (
        loading.what,
        loading.given,
        loading.seed,
        loading.loop,
    )


def test_a_scenario_that_was_read_within_a_program_can_not_be_found_again() -> None:
    loading = Loading(load("scenario: mine", "f.yaml"))
    assert loading.read().scenario == "mine"
    with pytest.raises(InputError, match='got "mine", which was loaded from within a program'):
        loading_of(loading.written())


@pytest.mark.parametrize(
    ("loading", "said"),
    [
        (Loading("quikstart"), 'did you mean "quickstart"'),
        (Loading(Files({"a.yaml": "x"}, "b.yaml")), 'main: expected one of the files: a.yaml, got "b.yaml"'),
        (Loading(Files({"a.yaml": "scenario: a\ninclude: c.yaml"}, "a.yaml")), "a.yaml:2:10: include: expected a file"),
        (Loading(Files({"a.yaml": "scenario: a\nduraton: 3s"}, "a.yaml")), "a.yaml:2:1: expected one of"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_place(loading: Loading, said: str) -> None:
    with pytest.raises(InputError) as caught:
        loading.read()
    assert said in str(caught.value)


def test_a_run_ends_before_the_calendar_does() -> None:
    with pytest.raises(InputError, match="a run that ends before the year 10000"):
        LOADING.source_of(LOADING.read(), LAST_INSTANT - 5, 0)


async def test_clients_stay_subscribed_and_stage_time_and_numbers_go_on() -> None:
    stage = story()
    async with venue_of(stage) as venue, listener(venue, "alerts", "system") as client:
        await stage.clock.advance("5s")
        numbers = stage.sequence
        playing = stage.controller.load(LOADING)
        assert (playing.name, playing.title, playing.seed, playing.start) == (
            "other",
            "Another one.",
            5,
            START + 5 * SECOND + 1,
        )
        assert stage.clock.held
        advance = await stage.clock.advance("2s")
        assert advance.events[0].sequence == numbers
        assert (await client.types())[-2:] == ["security_alert", "system_metrics"], "it was told who had subscribed"
        assert stage.controller.client(1).topics == ("system", "alerts")
        assert stage.clock.speed == 3.0


async def test_a_stage_that_nobody_has_seen_begins_when_the_scenario_does() -> None:
    stage = Stage()
    playing = stage.controller.load(Loading(FILES), held=True)
    assert (playing.start, stage.now().micros, stage.clock.start) == (START, START, START)
    assert (await stage.clock.advance("3s")).at == START + 3 * SECOND


async def test_a_loaded_run_is_set_back_to_its_own_beginning_and_no_further() -> None:
    stage = story()
    async with venue_of(stage) as venue, listener(venue, "system"):
        await stage.clock.advance("5s")
        start = stage.controller.load(LOADING).start
        first = await stage.clock.advance("5s")
        assert (await stage.clock.seek(START)).at == start
        assert (await stage.clock.advance("5s")).events == first.events


async def test_the_truth_is_that_of_what_plays() -> None:
    stage = story()
    await stage.clock.advance("5s")
    assert len(stage.controller.truth().peers) == 3
    assert stage.controller.truth(START + SECOND).file_count < stage.controller.truth().file_count
    stage.controller.load(LOADING)
    await stage.clock.advance("1s")
    assert len(stage.controller.truth().peers) == 2
    stage.controller.unload()
    with pytest.raises(NothingPlaysError):
        stage.controller.truth()


async def test_a_wrong_scenario_changes_nothing() -> None:
    stage = story()
    await stage.clock.advance("5s")
    source = stage.source
    with pytest.raises(InputError):
        stage.controller.load(Loading(Files({"a.yaml": "scenario: 5\npeers: 3"}, "a.yaml")))
    with pytest.raises(InputError, match="start: expected an instant behind"):
        async with venue_of(stage) as venue, listener(venue):
            stage.controller.load(LOADING, start=START)
    assert stage.source is source


@pytest.mark.parametrize("was_held", [True, False])
async def test_a_load_that_fails_leaves_the_clock_as_it_was(was_held: bool) -> None:
    stage = story(held=was_held)
    async with venue_of(stage) as venue, listener(venue):
        with pytest.raises(InputError, match="start: expected an instant behind"):
            stage.controller.load(LOADING, start=START - SECOND, held=not was_held)
        assert stage.clock.held is was_held


async def test_the_truth_of_the_past_moves_nothing_of_what_plays() -> None:
    stage = story()
    await stage.clock.advance("5s")
    assert stage.director is not None
    before = stage.director.play.kernel.now
    stage.clock.pause()
    await stage.clock.advance("1ms")  # in which nothing is due, so that the world is behind the clock
    stage.controller.truth(START + 2 * SECOND)
    assert stage.director.play.kernel.now == before


async def test_a_changed_file_is_loaded_again_and_a_wrong_one_leaves_the_old(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("scenario: first\nduration: 9s\n")
    stage = Stage()
    with pytest.raises(NothingPlaysError, match="none can be loaded again"):
        stage.controller.reload()
    stage.controller.load(Loading(str(path)), held=True)
    path.write_text("scenario: second\nduration: 9s\n")
    assert stage.controller.reload().name == "second"
    path.write_text("scenario: third\nduration: nine\n")
    with pytest.raises(InputError, match=r"mine.yaml:2:11: duration: expected a duration"):
        stage.controller.reload()
    state = stage.controller.state()
    assert state.playing is not None
    assert state.playing.name == "second"


async def test_faults_of_the_script_go_with_it_and_others_stay() -> None:
    stage = story("scenario: a\nduration: 9s\ntimeline: [{at: 1s, do: fault, drop: 100%, name: theirs}]")
    await stage.clock.advance("2s")
    stage.controller.do({"do": "fault", "drop": "50%", "name": "ours"})
    assert [each.spec.name for each in stage.faults.active()] == ["theirs", "ours"]
    stage.controller.load(LOADING)
    assert [each.spec.name for each in stage.faults.active()] == ["ours"]


async def test_a_loop_is_loaded_too() -> None:
    stage = Stage()
    texts = Files({"a.yaml": "scenario: a\nduration: 20s\nnetwork: {peers: 1}"}, "a.yaml")
    stage.controller.load(Loading(texts, loop=True), held=True)
    stage.controller.rules.add(
        {"when": {"client": "connects"}, "times": "always", "do": "emit", "type": "storage_alert"}
    )
    await stage.clock.advance("50s")
    assert not stage.clock.ended
    async with venue_of(stage) as venue, listener(venue):
        assert stage.controller.state().by_type["storage_alert"] == 1
