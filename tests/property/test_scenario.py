"""Scripts, whatever is written in them, and runs, however they are taken: properties of the scenario language."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pvws.errors import InputError
from pvws.scenario.behaviours.kinds import BEHAVIOUR_KINDS
from pvws.scenario.director import Director
from pvws.scenario.inputs import input_line, inputs_head, read_inputs
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.scenario.timeline.actions import STEPS
from pvws.sim.source import ClientInput, Cue, Deed, Timed
from pvws.wire.topics import TOPICS
from tests.support.playing import SECOND, START, Folder, director_of, read_scenario, rest
from tests.swarm.script import draw

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
SCRIPTS = [*(path.read_text("utf-8") for path in SCENARIOS), *(draw(seed) for seed in (4, 8, 15))]
FILES = Folder(
    {"base.yaml": "network: {peers: 3}\n", "sizes.csv": "bytes\n1\n2\n", "self.yaml": "include: self.yaml\n"}
)

# Reading


def checked(text: str) -> None:
    """Load a text: a scenario, or problems that each have a file and a line and are told in a line each."""
    try:
        assert isinstance(load(text, "f.yaml", FILES), Scenario)
    except InputError as error:
        assert all(problem.file for problem in error.problems)
        own = [problem for problem in error.problems if problem.file == "f.yaml"]
        assert all((problem.line or 0) >= 1 and (problem.column or 0) >= 1 for problem in own)
        assert all(line.isprintable() for line in str(error).split("\n"))
        assert len(str(error).split("\n")) == len(error.problems)


@given(st.text(max_size=80))
def test_any_text_is_a_scenario_or_an_error_with_a_place(text: str) -> None:
    checked(text)
    checked(f"scenario: x\n{text}")
    checked(f"scenario: x\ntimeline:\n - {text}\n")


WORDS = (
    *("1:30", "0123", "yes", "on", "off", "null", "~", "-1", "1e9", ".5", "9" * 20, "0%", "101%", "0s", "5s", "2/s"),
    *("peer-1", "peer-9", "[]", "{}", "[a]", "{a: 1}", "{lognormal: {median: 1}}", "&a", "*a", "!!str", "?", "-", ":"),
    *("#", "'", '"', "\t", "\0", "\\", "\ud800", "\U0001f600", "kind", "do", "to", "at", "every", "when", "all", "raw"),
    *("${peers}", "${", "${}", "'${1/0}'", "'${peer.random.id}'", "'${n + nobody}'", "'peers > 3'", "${seed}"),
    *("<<", "<<: *a", "include: base.yaml", "include: self.yaml", "{csv: sizes.csv}", "{csv: ../x}", "parameters:"),
    *("{choice: [1, 2], weights: [0, 0]}", "{values: []}", "{uniform: {from: 2, to: 1}}", "{client: connects}"),
    *BEHAVIOUR_KINDS,
    *STEPS,
)
words = st.sampled_from(WORDS)
scripts = st.sampled_from(SCRIPTS)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(scripts, st.data())
def test_a_mutated_script_is_a_scenario_or_an_error_with_a_place(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(text)))
        end = min(len(text), begin + data.draw(st.integers(0, 12)))
        text = text[:begin] + data.draw(words | st.text(max_size=4)) + text[end:]
    checked(text)


@given(scripts, st.data())
def test_a_script_with_other_words_is_a_scenario_or_an_error_with_a_place(text: str, data: st.DataObject) -> None:
    """Whole words are replaced, so that most are still YAML and reach the schema."""
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        split = lines[place].split(" ")
        split[data.draw(st.integers(0, len(split) - 1))] = data.draw(words)
        lines[place] = " ".join(split)
    checked("\n".join(lines))


@given(scripts, st.data())
def test_a_script_with_other_lines_is_a_scenario_or_an_error_with_a_place(text: str, data: st.DataObject) -> None:
    """A line is dropped, told twice, or stands elsewhere."""
    lines = text.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        here, there = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        match data.draw(st.sampled_from(("drop", "twice", "move", "swap"))):
            case "drop":
                del lines[here]
                lines = lines or [""]
            case "twice":
                lines.insert(here, lines[here])
            case "move":
                lines.insert(there, lines.pop(here))
            case _:
                lines[here], lines[there] = lines[there], lines[here]
    checked("\n".join(lines))


TRUNCATED = """\
# A comment.
scenario: "é"   # café
seed: 7
include: base.yaml
parameters: {peers: 3, size: {default: "2 MiB"}}
network:
  peers: ${peers + 1}
behaviours:
  uploads: {rate: 2/s, size: {lognormal: {median: "${size}", sigma: 1.5}}}
  night: {kind: uploads, rate: 1/min, size: {csv: sizes.csv, column: bytes, order: cycle}}
alerts:
  storage_usage: {warning: 80, critical: 95%, clear: 75}
timeline:
  - {at: 1s, do: join, named: [{name: anna}], over: 6s}
  - when: {client: subscribes, topic: alerts}
    do: emit
    type: storage_alert
    data: {level: critical, value: "${storage_usage}"}
    if: "has(peer.random)"
  - {every: 2s, do: burst, behaviour: night, for: 1s}
expect:
  - {client: reconnects, within: 1s, after: emit}
"""


def test_the_script_that_is_cut_is_a_scenario() -> None:
    assert isinstance(load(TRUNCATED, "f.yaml", FILES), Scenario)


def test_a_script_that_was_cut_anywhere_is_a_scenario_or_an_error_with_a_place() -> None:
    for length in range(len(TRUNCATED)):
        checked(TRUNCATED[:length])


@pytest.mark.parametrize("file", [path.name for path in SCENARIOS])
def test_a_shipped_scenario_that_was_cut_is_a_scenario_or_an_error_with_a_place(file: str) -> None:
    text = next(path for path in SCENARIOS if path.name == file).read_text("utf-8")
    begin = text.index("scenario:")
    for length in range(begin, len(text), 1 + len(text) // 150):
        checked(text[:length])


@given(st.text(max_size=12), st.text(max_size=12))
@example("peers", "5")
@example("network.peers", "${peers}")
@example("timeline[0].at", "1s")
def test_any_value_that_is_given_is_put_in_or_refused(name: str, value: str) -> None:
    text = "scenario: x\nparameters: {peers: 3}\nnetwork: {peers: '${peers}'}\ntimeline: [{at: 1s, do: heal}]\n"
    try:
        assert isinstance(load(text, "f.yaml", FILES, [(name, value)]), Scenario)
    except InputError as error:
        assert all(line.isprintable() for line in str(error).split("\n"))


# Playing


BUSY = read_scenario("""\
seed: 3
duration: 12s
network: {peers: 6, capacity: 24 MiB, bandwidth: 2 MB}
behaviours:
  uploads: {rate: 4/s, size: {lognormal: {median: 600 KiB, sigma: 1.2, max: 4 MiB}}}
  deletes: {rate: 1/s}
  churn: {rate: 30/min, downtime: 2s, crash: 30%}
  metrics: {every: 3s}
timeline:
  - {at: 2s, do: join, peers: 3, over: 2s}
  - {at: 3s, do: partition, groups: 2, for: 4s}
  - {at: 4s, do: mark, name: x}
  - {at: 4s, do: mark, name: x}
  - {when: "peer.random.usage > 30", times: always, do: mark, name: half}
  - {when: {client: subscribes}, times: always, do: burst, files: 3}
  - {when: {client: connects}, times: 2, do: leave, for: 3s}
  - {when: {client: sends, type: ping, nth: 2}, in: 500ms, times: 3, do: emit, type: security_alert}
""")
WHOLE = rest(director_of(BUSY))

slices = st.lists(st.tuples(st.none() | st.integers(0, 3 * SECOND), st.integers(1, 60)), min_size=1, max_size=8)


def sliced(director: Director, cuts: list[tuple[int | None, int]], between: Callable[[int], None]) -> list[Timed | Cue]:
    """All that a director gives, taken in slices: how far each goes from what is due, and how many it may have."""
    given: list[Timed | Cue] = []
    number = 0
    while (at := director.peek()) is not None:
        ahead, limit = cuts[number % len(cuts)]
        given += director.take(None if ahead is None else at + ahead, limit)
        between(number)
        number += 1
    return given


@given(slices)
def test_a_run_is_the_same_in_whatever_slices_it_is_taken(cuts: list[tuple[int | None, int]]) -> None:
    assert sliced(director_of(BUSY), cuts, lambda number: None) == WHOLE


@given(slices)
def test_slices_keep_what_a_source_promises(cuts: list[tuple[int | None, int]]) -> None:
    director, number, last = director_of(BUSY), 0, 0
    while (at := director.peek()) is not None:
        ahead, limit = cuts[number % len(cuts)]
        until = None if ahead is None else at + ahead
        given = director.take(until, limit)
        assert all(isinstance(each, Timed) for each in given[:-1])
        assert all(each.at <= (until or each.at) for each in given)
        assert len(given) < limit + 20
        for each in given:
            assert each.at >= last
            last = each.at
        number += 1


@given(st.integers(1, len(WHOLE)))
def test_a_run_that_is_pickled_anywhere_goes_on_identically(taken: int) -> None:
    director = director_of(BUSY)
    given: list[Timed | Cue] = []
    while len(given) < taken:
        given += director.take(None, taken - len(given))
    copy: Director = pickle.loads(pickle.dumps(director))
    assert given + rest(copy) == WHOLE


deeds = st.tuples(
    st.integers(-2 * SECOND, 2 * SECOND),
    st.integers(1, 5),
    st.sampled_from(get_args(Deed)),
    st.sampled_from(("", *map(str, TOPICS))),
    st.sampled_from(("", "ping", "auth")),
)


@given(slices, st.lists(st.tuples(st.integers(0, 40), deeds), max_size=12))
def test_a_journal_of_whatever_clients_did_gives_the_same_bytes(
    cuts: list[tuple[int | None, int]], told: list[tuple[int, tuple[int, int, Deed, str, str]]]
) -> None:
    """Clients do things between slices, at instants that have passed as well. It takes effect behind what was taken."""
    director, journal = director_of(BUSY), list[ClientInput]()

    def between(number: int) -> None:
        for when, (ahead, client, did, topic, kind) in told:
            if when == number:
                now = director.play.kernel.now
                deed = director.tell(ClientInput(now + ahead, client, did, topic, kind))
                assert deed is None or (deed.at, deed.behind) == (max(now, now + ahead), ahead <= 0)
                journal.extend([] if deed is None else [deed])

    given = sliced(director, cuts, between)
    journal.sort(key=lambda deed: deed.at)
    lines = [inputs_head("x", 3, START), *(input_line(deed, START) for deed in journal), ""]
    assert rest(director_of(BUSY, inputs=read_inputs("\n".join(lines), "journal", START))) == given
    assert rest(director_of(BUSY, inputs=journal)) == given
