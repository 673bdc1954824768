"""From text to a scenario that needs no further checks, or to all that is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario

Read = Callable[[str], Scenario]
Complaints = Callable[[str], list[str]]

QUICKSTART = (Path(__file__).parents[2] / "scenarios" / "quickstart.yaml").read_text("utf-8")
HEAD = "pvws: 1\nscenario: x\nduration: 30s\nnetwork: {peers: 4}\n"


def checked(text: str) -> None:
    """Load a text: a scenario, or problems that each have a file and a line, in their order, one a line."""
    try:
        assert isinstance(load(text, "f.yaml"), Scenario)
    except InputError as error:
        places = [(problem.line, problem.column) for problem in error.problems]
        assert places == sorted((line or 0, column or 0) for line, column in places)
        assert all(problem.file == "f.yaml" and (problem.line or 0) >= 1 for problem in error.problems)
        assert all(line.isprintable() for line in str(error).split("\n"))
        assert len(str(error).split("\n")) == len(error.problems)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "~"])
def test_an_empty_document_is_no_scenario(text: str, complaints: Complaints) -> None:
    (said,) = complaints(text)
    assert said.endswith(": expected a mapping, got nothing")


@pytest.mark.parametrize(("text", "found"), [("- a", "a list"), ("hello", '"hello"'), ("5", "5"), ("on", "on")])
def test_what_is_no_mapping_is_no_scenario(text: str, found: str, complaints: Complaints) -> None:
    assert complaints(text) == [f"f.yaml:1:1: expected a mapping, got {found}"]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(complaints: Complaints) -> None:
    text = """\
pvws: 1
sceanrio: storm
duration: 1:30
network:
  peers: many
  replication: 0123
behaviours:
  uploads: {rate: fast}
  storm: {rate: 2/s}
alerts:
  storage_usage: {warning: 80, critical: 70, clear: 75}
timeline:
  - {at: soon, do: leave, peer: peer-1}
  - {at: 1s, do: leav}
  - {do: fill, to: 120%}
"""
    assert [said.split(": expected")[0] for said in complaints(text)] == [
        "f.yaml:1:1: scenario",
        "f.yaml:2:1",
        "f.yaml:3:11: duration",
        "f.yaml:5:10: network.peers",
        "f.yaml:6:16: network.replication",
        "f.yaml:8:19: behaviours.uploads.rate",
        "f.yaml:9:10: behaviours.storm.kind",
        "f.yaml:11:28: alerts.storage_usage.warning",
        "f.yaml:13:10: timeline[0].at",
        "f.yaml:14:18: timeline[1].do",
        "f.yaml:15:5: timeline[2].at",
        "f.yaml:15:20: timeline[2].to",
    ]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            "{at: 31s, do: fill, to: 50%}",
            'f.yaml:6:10: timeline[0].at: expected a time within the scenario\'s duration, got "31s"',
        ),
        (
            "{at: 1s, do: leave, peer: peer-5}",
            "f.yaml:6:31: timeline[0].peer: expected a peer of this scenario, peer-1 to peer-4, got "
            '"peer-5" (did you mean "peer-4"?)',
        ),
        (
            "{at: 1s, do: leave, peer: peer2}",
            "f.yaml:6:31: timeline[0].peer: expected a peer of this scenario, peer-1 to peer-4, got "
            '"peer2" (did you mean "peer-2"?)',
        ),
        (
            "{at: 1s, do: join, peer: 2}",
            "f.yaml:6:30: timeline[0].peer: expected a peer of this scenario, peer-1 to peer-4, got 2",
        ),
        (
            "{at: 1s, do: leave, peer: peer-02}",
            "f.yaml:6:31: timeline[0].peer: expected a peer of this scenario, peer-1 to peer-4, got "
            '"peer-02" (did you mean "peer-2"?)',
        ),
        (
            "{at: 1s, do: leave, peer: ''}",
            'f.yaml:6:31: timeline[0].peer: expected a peer of this scenario, peer-1 to peer-4, got ""',
        ),
        (
            "{at: 1s, do: leave, peer: peer-1, peers: 2}",
            'f.yaml:6:46: timeline[0].peers: expected nothing beside "peer", got 2',
        ),
        (
            "{at: 1s, do: join, peer: peer-1, over: 2s}",
            'f.yaml:6:44: timeline[0].over: expected nothing beside "peer", got "2s"',
        ),
        (
            "{at: 1s, do: join, peers: 99997}",
            "f.yaml:6:31: timeline[0].peers: expected at most 100000 peers in all, got 100001 with these",
        ),
    ],
)
def test_a_step_that_can_not_be_is_refused(step: str, said: str, complaints: Complaints) -> None:
    assert complaints(f"{HEAD}timeline:\n  - {step}\n") == [said]


def test_a_step_at_the_very_end_is_within_the_duration(read: Read) -> None:
    read("duration: 5s\ntimeline: [{at: 5s, do: fill, to: 50%}, {at: 0, do: fill, to: 1%}]")


@pytest.mark.parametrize("number", range(5, 8))
def test_a_peer_can_be_named_once_it_has_joined(number: int, complaints: Complaints) -> None:
    """peer-5 joins at 3 s, peer-6 and peer-7 (the latter first in the script) at 5 s."""
    join = "  - {at: 5s, do: join}\n  - {at: 3s, do: join, peers: 2, over: 4s}\n"
    when = {5: 3, 6: 5, 7: 5}[number]
    for at in range(8):
        said = complaints(f"{HEAD}timeline:\n{join}  - {{at: {at}s, do: leave, peer: peer-{number}}}\n")
        expected = f'expected a peer that has joined by then, got "peer-{number}" (it joins at {when}s)'
        assert said == ([] if at >= when else [f"f.yaml:8:31: timeline[2].peer: {expected}"])


def test_at_one_instant_a_peer_can_be_named_by_later_steps_only(complaints: Complaints) -> None:
    join, leave = "  - {at: 1s, do: join}\n", "  - {at: 1s, do: leave, peer: peer-5}\n"
    assert complaints(f"{HEAD}timeline:\n{join}{leave}") == []
    assert complaints(f"{HEAD}timeline:\n{leave}{join}") == [
        'f.yaml:6:31: timeline[0].peer: expected a peer that has joined by then, got "peer-5" (it joins at 1s)'
    ]


def test_a_named_peer_of_a_network_without_peers_is_refused(complaints: Complaints) -> None:
    text = "pvws: 1\nscenario: x\nnetwork: {peers: 0}\ntimeline: [{at: 1s, do: leave, peer: peer-1}]"
    assert complaints(text) == ['f.yaml:4:38: timeline[0].peer: expected no peer, since there are none, got "peer-1"']


def test_all_storage_together_must_fit_the_contracts_integers(complaints: Complaints) -> None:
    text = "pvws: 1\nscenario: x\nnetwork: {peers: 7, capacity: 1 PiB}\n"
    assert complaints(text) == []
    assert complaints(f"{text}timeline: [{{at: 1s, do: join}}]") == [
        'f.yaml:3:31: network.capacity: expected a size that is below 8 PiB for all 8 peers together, got "1 PiB"'
    ]


def test_the_greatest_network_has_room_for_the_default_capacity(read: Read) -> None:
    assert read("network: {peers: 99999}\ntimeline: [{at: 1s, do: join}]").network.peers == 99_999


def test_many_joins_of_many_peers_are_refused_and_take_no_memory(complaints: Complaints) -> None:
    steps = "".join(f"  - {{at: {second}s, do: join, peers: 100000}}\n" for second in range(500))
    (said,) = complaints(f"pvws: 1\nscenario: x\nduration: 10m\ntimeline:\n{steps}")
    assert said.endswith("expected at most 100000 peers in all, got 100012 with these")


# Fuzzing: whatever is written, the answer is a scenario or an InputError with places


@given(st.text(max_size=80))
def test_any_text_is_a_scenario_or_an_error_with_a_place(text: str) -> None:
    checked(text)
    checked(f"pvws: 1\nscenario: x\n{text}")


WORDS = st.sampled_from(
    [
        *(
            "1:30",
            "0123",
            "yes",
            "on",
            "off",
            "null",
            "~",
            "-1",
            "1e9",
            ".5",
            "9" * 20,
            "0%",
            "101%",
            "0s",
            "5s",
            "2/s",
        ),
        *(
            "peer-1",
            "peer-9",
            "[]",
            "{}",
            "[a]",
            "{a: 1}",
            "{lognormal: {median: 1}}",
            "&a",
            "*a",
            "!!str",
            "?",
            "-",
            ":",
        ),
        *(
            "#",
            "'",
            '"',
            "\t",
            "\0",
            "\\",
            "\ud800",
            "\U0001f600",
            "join",
            "leave",
            "fill",
            "uploads",
            "kind",
            "do",
            "to",
        ),
    ]
)


@given(st.data())
def test_a_mutated_scenario_is_a_scenario_or_an_error_with_a_place(data: st.DataObject) -> None:
    text = QUICKSTART[QUICKSTART.index("pvws:") :]
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(text)))
        end = min(len(text), begin + data.draw(st.integers(0, 12)))
        text = text[:begin] + data.draw(WORDS | st.text(max_size=4)) + text[end:]
    checked(text)


@given(st.data())
def test_a_scenario_with_other_values_is_a_scenario_or_an_error_with_a_place(data: st.DataObject) -> None:
    """Whole words are replaced, so that most are still YAML and reach the schema."""
    lines = QUICKSTART[QUICKSTART.index("pvws:") :].split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        words = lines[place].split(" ")
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(WORDS)
        lines[place] = " ".join(words)
    checked("\n".join(lines))
