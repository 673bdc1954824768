"""Scripts that stand alone play the same as those they were made of."""

from pathlib import Path

import pytest
from msgspec import structs

from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.testing.standalone import standalone, written_out
from tests.support.playing import Folder

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
FILES = Folder({"base.yaml": "network: {peers: 3}\n", "sizes.csv": "bytes\n1\n2\n"})
SCRIPT = """\
timeline: [{at: 1s, do: mark, name: "$${n}"}]
parameters: {rate: 3, text: hello}
explore: {values: {rate: [1]}}
include: base.yaml
behaviours: {uploads: {rate: "${rate}/s", size: {csv: sizes.csv, column: bytes, order: cycle}}}
scenario: "say ${text}"
"""


def played(scenario: Scenario) -> Scenario:
    """All of a scenario that makes a difference when it is played."""
    steps = [structs.replace(step, place=None) for step in scenario.timeline]
    return structs.replace(scenario, parameters={}, timeline=steps, explore=Scenario(scenario="x").explore)


def test_nothing_is_included_and_what_was_put_in_is_in_its_place() -> None:
    text = written_out(standalone(SCRIPT, "f.yaml", FILES, (("rate", "7"),)), "Made up.")
    assert text == (
        "# Made up.\n"
        "scenario: say hello\n"
        "network: {peers: 3}\n"
        "behaviours:\n"
        "  uploads: {rate: 7/s, size: {values: [1, 2], order: cycle}}\n"
        "timeline:\n"
        '  - {at: 1s, do: mark, name: "$${n}"}\n'
    )
    given = load(SCRIPT, "f.yaml", FILES, [("rate", "7")])
    assert played(load(text, "made.yaml")) == played(given)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_a_shipped_scenario_plays_the_same(path: Path) -> None:
    text = path.read_text("utf-8")
    made = written_out(standalone(text, path.name, FILES))
    assert played(load(made, "made.yaml")) == played(load(text, path.name))
