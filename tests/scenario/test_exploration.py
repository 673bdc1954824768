"""What a script lets vary: read with its bounds, and what is wrong is told with its place."""

import pytest

from pvws.scenario.exploration import Exploration, borders, usual_faults
from pvws.scenario.schema import Scenario
from pvws.scenario.spans import Span
from tests.support.playing import complaints_of, read_scenario

SECOND = 1_000_000
SCRIPT = """\
scenario: x
parameters: {rate: 3}
duration: 20s
behaviours: {uploads: {rate: "${rate}/s"}}
explore:
  timing: 2s
  values:
    rate: {from: 1, to: 9}
    network.peers: [3, 10]
  faults:
    - {drop: 10%, chance: 20%, from: 3s, until: 10s, for: 2s}
"""


def complaints(old: str, new: str) -> list[str]:
    assert old in SCRIPT
    return complaints_of(SCRIPT.replace(old, new))


def test_a_script_says_what_varies() -> None:
    found = read_scenario(SCRIPT.partition("\n")[2]).explore
    assert found.timing == 2 * SECOND
    assert found.values == {"rate": Span("1", "9"), "network.peers": ("3", "10")}
    (fault,) = found.possible_faults
    assert (fault.kind, fault.chance, fault.since, fault.until, fault.lasting) == (
        "drop",
        0.2,
        3 * SECOND,
        10 * SECOND,
        2 * SECOND,
    )


def test_without_a_word_times_vary_a_little_and_the_network_is_slow_at_times() -> None:
    found = read_scenario("").explore
    assert found == Exploration() == Scenario(scenario="x").explore
    assert found.timing == SECOND // 2
    assert found.possible_faults == usual_faults()
    assert {fault.kind for fault in usual_faults()} == {"latency", "bandwidth", "stall", "fragment"}
    assert all(fault.lasting for fault in usual_faults()), "a run is not to be under a fault to its end"


def test_an_empty_list_of_faults_means_none() -> None:
    assert read_scenario("explore: {faults: []}").explore.possible_faults == ()


def test_what_is_included_may_say_what_varies() -> None:
    base = "explore: {timing: 1s, values: {network.peers: [1]}}\n"
    found = read_scenario("include: base.yaml\nexplore: {values: {network.replication: [2]}}", base=base).explore
    assert (found.timing, found.values) == (SECOND, {"network.peers": ("1",), "network.replication": ("2",)})


def test_the_borders_of_what_varies_are_known_with_their_places() -> None:
    assert borders(Span("1", "9")) == [(("from",), "1"), (("to",), "9")]
    assert borders(("a", "b")) == [((0,), "a"), ((1,), "b")]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("timing", "timings", '6:3: explore: expected one of timing, values, faults, got "timings"'),
        ("[3, 10]", "3", "9:20: explore.values.network.peers: expected a list of values, or a span"),
        ("[3, 10]", "[]", "9:20: explore.values.network.peers: expected from 1 to 100 values, got 0"),
        ("[3, 10]", "[3, [4]]", "9:24: explore.values.network.peers[1]: expected a text, a number, on or off, got a l"),
        ("[3, 10]", "[3, -1]", "9:24: explore.values.network.peers[1]: expected a whole number from 0 to 100000"),
        ("to: 9}", "to: 0}", '8:25: explore.values.rate.to: expected a value that is not below "from", 1, got 0'),
        ("to: 9}", "to: 9s}", "8:25: explore.values.rate.to: expected two numbers, durations, sizes, rates or perc"),
        ("to: 9}", "to: 9000000}", "8:25: explore.values.rate.to: expected a rate of at most 1000000/s"),
        ("network.peers", "network.pears", "9:21: explore.values.network.pears[0]: expected one of peers, "),
        ("drop: 10%", "dorp: 10%", "11:7: explore.faults[0]: expected one kind of fault: "),
        ("drop: 10%", "drop: 10%, reset: on", "11:19: explore.faults[0].reset: expected one kind of fault: "),
        ("until: 10s", "until: 1s", '11:49: explore.faults[0].until: expected a time that is not before "from"'),
        ("from: 3s, until: 10s", "from: 3m", "11:38: explore.faults[0].from: expected a time within the scenario's "),
        ("chance: 20%", "chance: 120%", '11:27: explore.faults[0].chance: expected a percentage between "0%" and'),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, complaint: str) -> None:
    assert complaints(old, new)[0].startswith(f"f.yaml:{complaint}")
