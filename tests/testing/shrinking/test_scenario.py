"""Scenarios made shorter: what is tried is a scenario, what is left fails, and nothing of it can go."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.notation.document import parse
from pvws.notation.tree import without
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.scenario.timeline.actions import word_of
from pvws.scenario.timeline.files import Burst
from pvws.testing.shrinking.scenario import ScenarioShrinking
from pvws.testing.shrinking.script_parts import parts, size_of, spelled_out, tidied
from pvws.testing.shrinking.tried import Tried
from pvws.testing.standalone import standalone, written_out
from tests.support.playing import Folder
from tests.swarm.script import draw

SECOND = 1_000_000
TRAIN = Path(__file__).parents[3] / "scenarios" / "train-ride.yaml"


class Shrunk:
    """A scenario that was made shorter, by what says whether one fails; `tried` are the texts of all candidates."""

    def __init__(self, text: str, fails: Callable[[Scenario], bool], at_once: int = 1, over: int | None = None) -> None:
        self.tried = list[str]()

        async def trial(candidate: str) -> bool:
            self.tried.append(candidate)
            return fails(load(candidate, "a candidate"))

        shrinking = ScenarioShrinking(
            standalone(text, "f.yaml", Folder()),
            Tried(trial, str, repeat=1, at_once=at_once).fails,
            at_once=at_once,
            over=over,
        )
        asyncio.run(shrinking.run())
        self.text = shrinking.text
        self.scenario = load(self.text, "the shortest")


def words(scenario: Scenario) -> list[str]:
    return [word_of(step.action) for step in scenario.timeline]


def test_a_story_becomes_the_handful_of_lines_that_matter() -> None:
    def fails(scenario: Scenario) -> bool:
        faults = [str(step.action) for step in scenario.timeline if word_of(step.action) == "fault"]
        return (
            any("close" in fault for fault in faults)
            and any("drop" in fault for fault in faults)
            and "uploads" in scenario.behaviours
            and scenario.network.count >= 2
            and scenario.duration >= 3 * SECOND
        )

    found = Shrunk(TRAIN.read_text("utf-8"), fails)
    assert found.text == (
        "pvws: 1\n"
        "scenario: train-ride\n"
        "duration: 3s\n"
        "network: {peers: 2}\n"
        "behaviours:\n"
        "  uploads: {rate: 0/s}\n"
        "timeline:\n"
        "  - {at: 0s, do: fault, drop: 100%}\n"
        "  - {at: 0s, do: fault, close: {code: 1012}}\n"
        "expect:\n"
        "  - {client: connects, within: 10s}\n"
        "  - {client: subscribes, within: 10s}\n"
        "  - {client: never_sends, more_than: 20/s}\n"
        "  - {client: answers_pings}\n"
    )
    assert len(found.tried) < 100


def test_numbers_become_as_small_as_they_can() -> None:
    text = "scenario: x\nduration: 1m\ntimeline: [{at: 30s, do: burst, files: 50, over: 20s}, {at: 50s, do: heal}]\n"

    def fails(scenario: Scenario) -> bool:
        bursts = [step.action for step in scenario.timeline if isinstance(step.action, Burst)]
        return any((burst.files or 0) >= 7 and burst.over >= 4 * SECOND for burst in bursts)

    found = Shrunk(text, fails)
    (step,) = found.scenario.timeline
    assert isinstance(step.action, Burst)
    assert step.action.files == 7
    assert 4 * SECOND <= step.action.over <= 5 * SECOND
    assert found.scenario.network.count == 0
    assert found.scenario.duration < SECOND


def test_pauses_between_steps_become_short_one_by_one() -> None:
    text = "scenario: x\nduration: 1m\ntimeline:\n" + "".join(
        f"  - {{at: {at}s, do: mark, name: m{at}}}\n" for at in (10, 20, 40)
    )

    def fails(scenario: Scenario) -> bool:
        at = [getattr(step.trigger, "at", 0) for step in scenario.timeline]
        return len(at) == 3 and at[1] - at[0] >= 2 * SECOND

    found = Shrunk(text, fails)
    first, second, third = (getattr(step.trigger, "at", 0) for step in found.scenario.timeline)
    assert first == 0
    assert 2 * SECOND <= second - first <= 4 * SECOND
    assert third == second <= found.scenario.duration


def test_when_the_failure_was_over_nothing_behind_it_is_played_for_long() -> None:
    text = "scenario: x\nduration: 24h\ntimeline: [{at: 1s, do: mark, name: m}, {at: 20h, do: heal}]\n"
    found = Shrunk(text, lambda scenario: "mark" in words(scenario), over=1_500_000)
    longest = sum(load(candidate, "f").duration for candidate in found.tried)
    assert longest < 60 * SECOND, "no candidate takes the day that the scenario had"


def test_what_is_expected_stays_unless_what_it_waits_for_is_gone() -> None:
    text = (
        "scenario: x\ntimeline: [{at: 1s, do: mark, name: m}, {at: 2s, do: heal}]\n"
        "expect: [{client: connects, within: 3s}, {client: subscribes, after: m}, {client: gives_up, after: heal}]\n"
    )
    found = Shrunk(text, lambda scenario: "heal" in words(scenario))
    assert found.text.endswith("expect:\n  - {client: connects, within: 3s}\n  - {client: gives_up, after: heal}\n")


def test_a_step_that_names_a_behaviour_keeps_it_there() -> None:
    text = (
        "scenario: x\nbehaviours: {uploads: {rate: 1/s}, deletes: {rate: 1/s}}\n"
        "timeline: [{at: 1s, do: burst, behaviour: uploads, for: 2s}]\n"
    )
    found = Shrunk(text, lambda scenario: "burst" in words(scenario))
    assert list(found.scenario.behaviours) == ["uploads"]


async def test_whoever_stops_waiting_has_the_shortest_so_far() -> None:
    text = "scenario: x\ntimeline:\n" + "".join(f"  - {{at: {at}s, do: mark, name: m{at}}}\n" for at in range(9))
    began, tried = asyncio.Event(), 0

    async def fails(candidate: str) -> bool:
        nonlocal tried
        tried += 1
        if tried == 12:
            began.set()
            await asyncio.Event().wait()
        return "m4" in candidate

    shrinking = ScenarioShrinking(standalone(text, "f.yaml", Folder()), fails)
    assert shrinking.text == written_out(standalone(text, "f.yaml", Folder())), "never more than what was given"
    running = asyncio.ensure_future(shrinking.run())
    await began.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert 1 <= len(load(shrinking.text, "f").timeline) < 9
    assert "m4" in shrinking.text


def test_where_nothing_shorter_fails_the_input_is_what_is_left() -> None:
    text = "scenario: x\nduration: 1m\ntimeline: [{at: 1s, do: mark, name: m}]\n"
    assert Shrunk(text, lambda scenario: False).text == text.replace("[{", "\n  - {").replace("}]", "}").replace(
        ": \n", ":\n"
    )


causes = st.lists(st.integers(0, 9), min_size=1, max_size=3)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=10)
@given(st.integers(0, 10**6), causes, st.integers(0, 6))
def test_any_scenario_is_shrunk_to_one_of_which_no_part_can_go(seed: int, chosen: list[int], peers: int) -> None:
    """It fails with some of its steps and behaviours, and so many peers; whatever is tried is a scenario."""
    text = draw(seed)
    whole = load(text, "f")
    places = {each % len(whole.timeline) for each in chosen} if whole.timeline else set()
    steps = [words(whole)[place] for place in sorted(places)]
    names = list(whole.behaviours)[: len(chosen) // 2]
    least = min(peers, whole.network.count)

    def fails(scenario: Scenario) -> bool:
        return (
            all(words(scenario).count(word) >= steps.count(word) for word in steps)
            and all(name in scenario.behaviours for name in names)
            and scenario.network.count >= least
        )

    found = Shrunk(text, fails)
    assert fails(found.scenario)
    root = parse(found.text, "f")
    given = tidied(spelled_out(standalone(text, "f", Folder()), whole.duration, whole.network.count))
    assert size_of(root) <= size_of(given)
    for part in parts(root):
        candidate = written_out(tidied(without(root, [part])))
        try:
            assert not fails(load(candidate, "f")), f"{part} is not needed"
        except InputError:
            continue


@pytest.mark.parametrize("seed", [3, 14, 159])
def test_how_many_are_tried_at_once_changes_nothing(seed: int) -> None:
    def fails(scenario: Scenario) -> bool:
        return len(scenario.timeline) >= 2 and scenario.network.count >= 2

    assert Shrunk(draw(seed), fails, 1).text == Shrunk(draw(seed), fails, 3).text
