"""Variations of a scenario: always scenarios, within their bounds, and the same for the same seed."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.scenario.timeline.faulting import Fault
from pvws.scenario.triggers import At
from pvws.testing.exploring.variation import Exploring
from tests.support.playing import Folder
from tests.swarm.script import draw

SECOND = 1_000_000
SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml"))
SCRIPT = """\
scenario: x
seed: 5
parameters: {rate: 3}
duration: 20s
behaviours: {uploads: {rate: "${rate}/s"}}
timeline:
  - {at: 5s, do: mark, name: m}
  - {at: 5s, do: disconnect, code: 1012}
  - {at: 5500ms, do: burst, files: 3}
  - {every: 2s, from: 19s, do: heal}
explore:
  timing: 2s
  values:
    rate: {from: 1, to: 9}
    network.peers: [3, 10]
  faults:
    - {drop: 10%, chance: 50%, from: 3s, until: 10s, for: 2s, topics: [alerts]}
    - {close: 1012, chance: 100%, from: 19s}
    - {reset: on, chance: 0%}
"""


def exploring(text: str = SCRIPT) -> Exploring:
    return Exploring(text, "f.yaml", Folder())


WHOLE = exploring()


def played(text: str) -> Scenario:
    return load(text, "varied.yaml")


def test_the_scenarios_own_seed_is_the_scenario_as_it_stands() -> None:
    found = exploring().variation(5)
    assert found.given
    assert not found.changes
    scenario = played(found.text)
    assert scenario.seed == 5
    assert [step.trigger for step in scenario.timeline[:2]] == [At(5 * SECOND)] * 2


def test_another_speed_is_that_of_every_variation() -> None:
    quick = Exploring(SCRIPT, "f.yaml", Folder(), speed="7")
    assert [played(quick.variation(seed).text).speed for seed in (5, 6)] == [7, 7]


def test_a_variation_stands_alone_and_says_what_is_other() -> None:
    found = exploring().variation(7)
    assert found.text == (
        "scenario: x\n"
        "seed: 7\n"
        "duration: 20s\n"
        "network: {peers: 3}\n"
        "behaviours:\n"
        "  uploads: {rate: 2/s}\n"
        "timeline:\n"
        "  - {at: 3.945s, do: mark, name: m}\n"
        "  - {at: 3.945s, do: disconnect, code: 1012}\n"
        "  - {at: 6.205s, do: burst, files: 3}\n"
        "  - {at: 19.444s, do: fault, close: 1012}\n"
        "  - {every: 2s, from: 19.839s, do: heal}\n"
    )
    assert found.changes == (
        "rate: 2",
        "network.peers: 3",
        "3 instants of the timeline moved by up to 2s",
        "at: 19.444s, close: 1012",
    )


@given(st.integers(0, 10**9))
def test_everything_is_within_its_bounds(seed: int) -> None:
    scenario = played(WHOLE.variation(seed).text)
    assert scenario.seed == seed
    assert scenario.network.count in (3, 10) or seed == 5
    own = [step for step in scenario.timeline if not isinstance(step.action, Fault)]
    mark, disconnect, burst, heal = (getattr(step.trigger, "at", getattr(step.trigger, "start", 0)) for step in own)
    assert 3 * SECOND <= mark == disconnect < burst < heal <= 20 * SECOND, "what is together stays so, in order"
    for step in scenario.timeline:
        if isinstance(step.action, Fault):
            assert isinstance(step.trigger, At)
            assert step.action.kind in ("drop", "close"), "a chance of 0% is none"
            if step.action.kind == "drop":
                assert step.action.topics == ("alerts",)
                assert 3 * SECOND <= step.trigger.at <= 10 * SECOND
                assert SECOND // 5 <= (step.action.lasting or 0) <= 2 * SECOND
            else:
                assert step.trigger.at >= 19 * SECOND
    if seed != 5:
        assert [step for step in scenario.timeline if isinstance(step.action, Fault) and step.action.kind == "close"]


def test_a_seed_always_gives_the_same_and_others_give_others() -> None:
    again = exploring()
    texts = [WHOLE.variation(seed).text for seed in range(30)]
    assert texts == [again.variation(seed).text for seed in range(30)]
    assert len(set(texts)) == 30
    varied = [played(text) for text in texts]
    assert {scenario.network.count for scenario in varied} >= {3, 10}
    assert 5 < sum("drop:" in text for text in texts) < 25


def test_a_bound_more_changes_nothing_of_what_another_has_decided() -> None:
    more = SCRIPT.replace("    - {reset: on, chance: 0%}\n", "").replace(
        "  values:\n", "  values:\n    network.replication: [1, 2, 3]\n"
    )
    wider = exploring(more)
    for seed in range(10):
        one, other = (load(each.variation(seed).text, "f") for each in (WHOLE, wider))
        assert one.network.count == other.network.count
        assert [step.trigger for step in one.timeline] == [step.trigger for step in other.timeline]


def test_without_bounds_for_time_nothing_moves() -> None:
    text = SCRIPT.replace("timing: 2s", "timing: 0s")
    for seed in range(10):
        scenario = played(exploring(text).variation(seed).text)
        own = [step.trigger for step in scenario.timeline if not isinstance(step.action, Fault)]
        assert own[:3] == [At(5 * SECOND), At(5 * SECOND), At(5_500_000)]


def test_values_that_do_not_go_together_are_told_with_their_seed() -> None:
    text = (
        "scenario: x\nnetwork: {peers: 4}\ntimeline: [{at: 1s, do: leave, peer: peer-4}]\n"
        "explore: {values: {'timeline[0].peer': [peer-4, peer-2], network.peers: [4, 5]}}\n"
    )
    exploring(text).variation(1)
    broken = (
        "scenario: x\nduration: 9s\nbehaviours: {uploads: {rate: 1/s, peak: {every: 5s, factor: 2, for: 1s}}}\n"
        + ("explore: {values: {behaviours.uploads.peak.every: [2s, 5s], behaviours.uploads.peak.for: [1s, 4s]}}\n")
    )
    with pytest.raises(InputError, match=r"^seed \d+:\d+:\d+: behaviours.uploads.peak.for: expected"):
        for seed in range(1, 30):
            exploring(broken).variation(seed)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_every_variation_of_any_scenario_is_one(script: int, seed: int) -> None:
    found = exploring(draw(script)).variation(seed)
    assert played(found.text).seed == seed


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_every_variation_of_a_shipped_scenario_is_one(path: Path) -> None:
    whole = Exploring(path.read_text("utf-8"), path.name, Folder())
    for seed in range(1, 4):
        assert len(played(whole.variation(seed).text).expect) == len(whole.scenario.expect)
