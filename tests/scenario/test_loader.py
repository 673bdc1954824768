"""From text to a scenario that needs no further checks, or to all that is wrong with it."""

import pytest

from pvws.errors import InputError
from pvws.scenario.loader import load
from tests.support.playing import complaints_of, read_scenario

HEAD = "pvws: 1\nscenario: x\nduration: 30s\nnetwork: {peers: 4}\n"


def complaint_about(*steps: str, rest: str = "") -> list[str]:
    """What is said of steps, by the number of the step and the column, without the file."""
    lines = [f"  - {step}\n" for step in steps]
    said = complaints_of(f"{HEAD}timeline:\n{''.join(lines)}{rest}")
    first = HEAD.count("\n") + 2
    places = [each.split(":", 3) for each in said]
    return [f"{int(line) - first}:{column}:{what}" for _, line, column, what in places]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "~"])
def test_an_empty_document_is_no_scenario(text: str) -> None:
    assert complaints_of(text) == ["f.yaml:1:1: expected a mapping, got nothing"]


@pytest.mark.parametrize(("text", "found"), [("- a", "a list"), ("hello", '"hello"'), ("5", "5"), ("on", "on")])
def test_what_is_no_mapping_is_no_scenario(text: str, found: str) -> None:
    assert complaints_of(text) == [f"f.yaml:1:1: expected a mapping, got {found}"]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
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
  - {when: "storage > 3", do: heal}
expect:
  - {client: recconects}
"""
    said = complaints_of(text)
    assert [each.split(": expected")[0] for each in said] == [
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
        "f.yaml:15:5: timeline[2]",
        "f.yaml:15:20: timeline[2].to",
        "f.yaml:16:13: timeline[3].when",
        "f.yaml:18:14: expect[0].client",
    ]
    assert said[1].endswith('got "sceanrio" (did you mean "scenario"?)')
    assert said[9].endswith('got "leav" (did you mean "leave"?)')


# How long it is, and how much happens in it


@pytest.mark.parametrize("moment", ["at: 31s", "every: 31s", "every: 1s, from: 31s", "every: 31s, from: 32s"])
def test_a_step_begins_within_the_duration(moment: str) -> None:
    key, *_, found = moment.replace(",", "").replace(":", "").split(" ")
    key = "from" if "from" in moment else key
    column = 6 + moment.index(f"{key}: ") + len(f"{key}: ")
    expected = f'expected a time within the scenario\'s duration, 30s, got "{found}"'
    assert complaint_about(f"{{{moment}, do: heal}}") == [f"0:{column}: timeline[0].{key}: {expected}"]


def test_a_step_at_the_very_end_is_within_the_duration() -> None:
    steps = "[{at: 5s, do: heal}, {at: 0, do: heal}, {every: 5s, do: heal}, {every: 9s, from: 5s, do: heal}]"
    read_scenario(f"duration: 5s\ntimeline: {steps}")


@pytest.mark.parametrize("duration", ["1s", "60s", ""])
def test_a_scenario_ends_before_the_calendar_does(duration: str) -> None:
    start = "scenario: x\nstart: 9999-12-31T23:59:59Z\n"
    expected = 'expected a start from which the scenario ends before the year 10000, got "9999-12-31T23:59:59Z"'
    assert complaints_of(f"{start}{f'duration: {duration}' if duration else ''}") == [f"f.yaml:2:8: start: {expected}"]
    assert complaints_of(f"{start}duration: 999ms") == []
    assert complaints_of("scenario: x\nstart: now\nduration: 8760h") == []


@pytest.mark.parametrize(
    ("step", "things"),
    [
        ("{every: 1us, do: heal}", 30_000_000),
        ("{every: 2us, from: 1s, until: 29s, do: heal}", 14_000_001),
        ("{every: 1s, do: burst, files: 1000000}", 30_000_000),
        ("{at: 1s, do: load, share: 5%, peers: 4, rotate: 10us}", 12_000_004),
    ],
)
def test_a_step_does_a_bounded_number_of_things(step: str, things: int) -> None:
    expected = f"expected a step that does at most 10000000 things in all, got {things}"
    assert complaint_about(step) == [f"0:5: timeline[0]: {expected}"]


@pytest.mark.parametrize("step", ["{every: 3us, do: heal}", "{every: 1us, times: 9, do: heal}"])
def test_a_step_may_do_much(step: str) -> None:
    assert complaint_about(step) == []


# How many peers there are, and what they can store


@pytest.mark.parametrize(
    ("step", "column", "peers"),
    [
        ("{at: 1s, do: join, peers: 99997}", 31, 100_001),
        ("{every: 1s, do: join, peers: 4000}", 34, 120_004),
        ("{when: {client: connects}, times: always, do: join, peers: 99997}", 64, 100_001),
    ],
)
def test_there_are_not_more_peers_than_a_machine_can_hold(step: str, column: int, peers: int) -> None:
    expected = f"expected at most 100000 peers in all, got {peers} with these"
    assert complaint_about(step) == [f"0:{column}: timeline[0].peers: {expected}"]


def test_many_joins_of_many_peers_are_refused_and_take_no_memory() -> None:
    steps = "".join(f"  - {{at: {second}s, do: join, peers: 100000}}\n" for second in range(500))
    (said,) = complaints_of(f"scenario: x\nduration: 10m\ntimeline:\n{steps}")
    assert said.endswith("expected at most 100000 peers in all, got 100012 with these")


@pytest.mark.parametrize(
    ("network", "timeline", "peers"),
    [
        ("peers: 9, capacity: 1 PiB", "[]", 9),
        ("peers: 8, capacity: 1 PiB", "[{at: 1s, do: join}]", 9),
        ("peers: 9, capacity: {uniform: {from: 1, to: 1 PiB}}", "[]", 9),
        ("peers: 9, capacity: {choice: [1 MiB, 1 PiB]}", "[]", 9),
        ("peers: 9, capacity: {exponential: {mean: 1 GiB, max: 1 PiB}}", "[]", 9),
        ("peers: 9, capacity: {exponential: 1 PiB}", "[]", 9),
        ("capacity: 1 GiB, peers: [{name: a, capacity: 5 PiB}, {name: b, capacity: 3 PiB}]", "[]", 2),
        (
            "peers: 1, capacity: 1 GiB",
            "[{at: 1s, do: join, named: [{name: a, capacity: 5 PiB}, {name: b, capacity: 3 PiB}]}]",
            3,
        ),
    ],
)
def test_all_storage_together_must_fit_the_contracts_integers(network: str, timeline: str, peers: int) -> None:
    (said,) = complaints_of(f"scenario: x\nnetwork: {{{network}}}\ntimeline: {timeline}")
    where, _, what = said.partition(": network.capacity: expected ")
    assert where == f"f.yaml:2:{11 + network.index('capacity: ') + len('capacity: ')}"
    assert what.startswith(f"a size that is below 8 PiB for all {peers} peers together, got ")


@pytest.mark.parametrize(
    "network",
    [
        "peers: 7, capacity: 1 PiB",
        "peers: 99999",
        "peers: 7, capacity: {choice: [1 MiB, 1 PiB]}",
        "peers: 12, capacity: {pareto: {least: 1 PiB, shape: 1}}",  # whose average is none
        "peers: [{name: a, capacity: 5 PiB}, {name: b, capacity: 2 PiB}]",
    ],
)
def test_a_network_may_be_large(network: str) -> None:
    assert complaints_of(f"scenario: x\nnetwork: {{{network}}}") == []


# Which peers may be named


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{at: 1s, do: leave, peer: peer-5}", '0:31: timeline[0].peer: #, got "peer-5" (did you mean "peer-4"?)'),
        ("{at: 1s, do: leave, peer: peer2}", '0:31: timeline[0].peer: #, got "peer2" (did you mean "peer-2"?)'),
        ("{at: 1s, do: join, peer: 2}", "0:30: timeline[0].peer: #, got 2"),
        (
            "{at: 1s, do: slow, factor: 2, peers: [peer-1, peer-02]}",
            '0:51: timeline[0].peers[1]: #, got "peer-02" (did you mean "peer-2"?)',
        ),
        (
            "{at: 1s, do: partition, groups: [[peer-1], [peer-2, peer-0]]}",
            '0:57: timeline[0].groups[1][1]: #, got "peer-0" (did you mean "peer-4"?)',
        ),
        (
            "{when: {client: connects}, do: corrupt, peer: peer-9}",
            '0:51: timeline[0].peer: #, got "peer-9" (did you mean "peer-4"?)',
        ),
    ],
)
def test_who_is_named_is_a_peer_of_the_scenario(step: str, said: str) -> None:
    expected = "expected a peer of this scenario: peer-1 to peer-4"
    assert complaint_about(step) == [said.replace("#", expected)]


def test_a_template_names_nobody_before_the_run() -> None:
    assert complaint_about('{at: 1s, do: leave, peer: "${peer.random.name}"}') == []


def test_a_named_peer_of_a_network_without_peers_is_refused() -> None:
    text = "scenario: x\nnetwork: {peers: 0}\ntimeline: [{at: 1s, do: leave, peer: peer-1}]"
    expected = "expected no peer, since there are none"
    assert complaints_of(text) == [f'f.yaml:3:38: timeline[0].peer: {expected}, got "peer-1"']


@pytest.mark.parametrize("number", range(5, 8))
def test_a_peer_can_be_named_once_it_has_joined(number: int) -> None:
    """peer-5 joins at 3 s, peer-6 and peer-7 (the latter first in the script) at 5 s."""
    joins = "{at: 5s, do: join}", "{at: 3s, do: join, peers: 2, over: 4s}"
    joined = {5: 3, 6: 5, 7: 5}[number]
    for at in range(8):
        said = complaint_about(*joins, f"{{at: {at}s, do: leave, peer: peer-{number}}}")
        expected = f'expected a peer that has joined by then, got "peer-{number}" (it joins at {joined}s)'
        # Of the fifth second the second join has its second peer last: behind what else the timeline does then.
        there = at > joined or (at == joined and number < 7)
        assert said == ([] if there else [f"2:31: timeline[2].peer: {expected}"])


def test_at_one_instant_a_peer_can_be_named_by_later_steps_only() -> None:
    join, leave = "{at: 1s, do: join}", "{at: 1s, do: leave, peer: peer-5}"
    assert complaint_about(join, leave) == []
    assert complaint_about(leave, join) == [
        '0:31: timeline[0].peer: expected a peer that has joined by then, got "peer-5" (it joins at 1s)'
    ]


def test_a_peer_with_a_name_of_its_own_can_be_named_once_it_has_joined() -> None:
    join = "{at: 1s, do: join, named: [{name: anna}, {name: ben}], over: 2s}"
    said = complaint_about(join, *(f"{{at: {at}s, do: leave, peers: [anna, ben]}}" for at in (0, 1, 2, 3)))
    expected = "expected a peer that has joined by then, got"
    assert said == [
        f'1:33: timeline[1].peers[0]: {expected} "anna" (it joins at 1s)',
        f'1:39: timeline[1].peers[1]: {expected} "ben" (it joins at 2s)',
        f'2:39: timeline[2].peers[1]: {expected} "ben" (it joins at 2s)',
        f'3:39: timeline[3].peers[1]: {expected} "ben" (it joins at 2s)',
    ]


def test_peers_with_names_take_a_number_too() -> None:
    joins = "{at: 1s, do: join, named: [{name: anna}]}", "{at: 2s, do: join, peers: 2}"
    (said,) = complaint_about(*joins, "{at: 3s, do: leave, peers: [peer-5, peer-6, peer-7]}")
    expected = "expected a peer of this scenario: peer-1 to peer-4, anna, peer-6, peer-7"
    assert said == f'2:33: timeline[2].peers[0]: {expected}, got "peer-5" (did you mean "peer-7"?)'


def test_who_comes_back_takes_no_number() -> None:
    joins = "{at: 1s, do: join, named: [{name: anna}]}", "{at: 2s, do: join, named: [{name: anna}, {name: ben}]}"
    assert complaint_about(*joins, "{at: 3s, do: join}", "{at: 4s, do: leave, peer: peer-7}") == []


def test_where_all_have_names_nobody_is_called_by_a_number() -> None:
    text = "scenario: x\nnetwork: {peers: [{name: a}, {name: b}]}\ntimeline:\n"
    text += "  - {at: 1s, do: leave, peers: [a, peer-1, c]}\n  - {at: 1s, do: join}\n"
    assert complaints_of(f"{text}  - {{at: 2s, do: leave, peer: peer-3}}\n") == [
        'f.yaml:4:36: timeline[0].peers[1]: expected a peer of this scenario: a, b, peer-3, got "peer-1" '
        '(did you mean "peer-3"?)',
        'f.yaml:4:44: timeline[0].peers[2]: expected a peer of this scenario: a, b, peer-3, got "c"',
    ]


def test_many_names_are_not_all_told() -> None:
    names = ", ".join(f"{{name: node{number}}}" for number in range(12))
    text = f"scenario: x\nnetwork: {{peers: [{names}]}}\ntimeline: [{{at: 1s, do: leave, peer: node12}}]"
    some = ", ".join(f"node{number}" for number in range(10))
    (said,) = complaints_of(text)
    assert f'expected a peer of this scenario: {some}, …, got "node12" (did you mean "node' in said


@pytest.mark.parametrize(
    "join",
    ["every: 1s, do: join", "when: 'files > 1', do: join, peers: 26", "at: 0s, do: join, peers: 26, if: 'n > 0'"],
)
def test_where_nobody_knows_when_peers_join_any_of_them_can_be_named(join: str) -> None:
    assert complaint_about(f"{{{join}}}", "{at: 0s, do: leave, peer: peer-30}") == []
    (said,) = complaint_about(f"{{{join}}}", "{at: 0s, do: leave, peer: peer-99}")
    assert "expected a peer of this scenario: peer-1 to peer-3" in said


@pytest.mark.parametrize("behaviour", ["churn: {rate: 1/s, newcomers: 1%}", "sessions: {session: 9s, newcomers: 1%}"])
def test_where_newcomers_replace_peers_any_number_can_be_named(behaviour: str) -> None:
    leave = "{at: 0s, do: leave, peer: peer-100000}"
    assert complaint_about(leave, rest=f"behaviours: {{{behaviour}}}") == []
    assert len(complaint_about(leave, rest=f"behaviours: {{{behaviour.replace('1%', '0%')}}}")) == 1


# What else may be named


def test_a_burst_is_of_a_behaviour_of_the_script() -> None:
    burst = "{at: 1s, do: burst, behaviour: uplods}"
    assert complaint_about(burst) == [
        '0:36: timeline[0].behaviour: expected nothing, since this script has no behaviours, got "uplods"'
    ]
    behaviours = "behaviours: {uploads: {rate: 1/s}, metrics: {}}"
    expected = 'expected a behaviour of this script: uploads, metrics, got "uplods" (did you mean "uploads"?)'
    assert complaint_about(burst, rest=behaviours) == [f"0:36: timeline[0].behaviour: {expected}"]
    assert complaint_about(burst.replace("uplods", "uploads"), rest=behaviours) == []


def test_an_expectation_waits_for_what_the_timeline_does_or_marks() -> None:
    steps = "{at: 1s, do: mark, name: here}", "{at: 1s, do: disconnect}"
    expect = "expect: [{{client: reconnects, within: 1s, after: {}}}]"
    for name in ("here", "mark", "disconnect"):
        assert complaint_about(*steps, rest=expect.format(name)) == []
    assert complaint_about(*steps, rest=expect.format("hear")) == [
        "2:50: expect[0].after: expected what the timeline does or marks: mark, here, disconnect, "
        'got "hear" (did you mean "here"?)'
    ]
    assert complaints_of(f"scenario: x\n{expect.format('here')}") == [
        'f.yaml:2:50: expect[0].after: expected nothing, since this script has no timeline, got "here"'
    ]


# Files and parameters


def test_what_is_wrong_in_an_included_file_is_told_with_its_own_place() -> None:
    base = "network:\n  peers: 2\n  capacity: much\ntimeline:\n  - {at: 1s, do: leave, peer: peer-9}\n"
    assert complaints_of("scenario: x\ninclude: base.yaml\nseed: odd\n", base=base) == [
        'base.yaml:3:13: network.capacity: expected a size like "64 GiB", "500 MB" or "1024", got "much"',
        'f.yaml:3:7: seed: expected a whole number, got "odd"',
    ]
    assert complaints_of("scenario: x\ninclude: base.yaml\n", base=base.replace("much", "1 GB")) == [
        "base.yaml:5:31: timeline[0].peer: expected a peer of this scenario: peer-1 to peer-2, "
        'got "peer-9" (did you mean "peer-2"?)'
    ]


def test_a_script_without_a_folder_includes_nothing() -> None:
    with pytest.raises(InputError) as error:
        load("scenario: x\ninclude: base.yaml\n", "f.yaml")
    expected = 'expected a file that can be read, got "base.yaml" (this script comes without a folder)'
    assert str(error.value) == f"f.yaml:2:10: include: {expected}"


def test_parameters_are_put_in_and_kept() -> None:
    body = 'parameters: {peers: 3, word: hi, rate: "${peers * 2}/s"}\nnetwork: {peers: "${peers}"}\n'
    body += 'behaviours: {uploads: {rate: "${rate}"}}\ntimeline: [{at: 1s, do: mark, name: "${word} you"}]\n'
    scenario = read_scenario(body, given=[("peers", "5")])
    assert scenario.parameters == {"peers": 5, "word": "hi", "rate": "10/s"}
    assert scenario.network.peers == 5
    assert getattr(scenario.behaviours["uploads"], "rate", None) == 10
    assert getattr(scenario.timeline[0].action, "name", None) == "hi you"
    assert read_scenario(body).network.peers == 3


def test_what_a_parameter_makes_wrong_is_told_where_it_stands() -> None:
    text = 'scenario: x\nparameters: {peers: 3}\nnetwork: {peers: "${peers}"}\n'
    (said,) = complaints_of(text, given=[("peers", "lots")])
    assert said == 'f.yaml:3:18: network.peers: expected a whole number, got "lots"'


def test_any_value_can_be_given_by_its_path() -> None:
    scenario = read_scenario("duration: 10s\nnetwork: {peers: 3}", given=[("network.peers", "7"), ("duration", "20s")])
    assert (scenario.network.peers, scenario.duration) == (7, 20_000_000)
    assert complaints_of("scenario: x\nnetwork: {peers: 3}", given=[("network.peers", "x")]) == [
        '--set network.peers: network.peers: expected a whole number, got "x"'
    ]


def test_peers_that_conditions_and_templates_ask_about_may_be_there_at_some_time() -> None:
    assert complaints_of(
        """\
scenario: x
network: {peers: [{name: nas}, {name: "ras.pi"}]}
timeline:
  - {at: 1s, do: join, peers: 2}
  - {when: "peer.nas.usage > 3 and peer['ras.pi'].usage > 3", do: heal}
  - {when: "peer.random.usage > 3 and peer['peer-4'].usage > 3", do: heal}
  - {when: peer.nass.usage > 3, do: heal}
  - {at: 1s, if: "has(peer['peer-5'])", do: leave, peers: ["${peer.frist.name}"]}
"""
    ) == [
        "f.yaml:7:17: timeline[3].when: expected a peer of this scenario: nas, ras.pi, peer-3, peer-4, "
        'or one of random, first, last, got "nass" (did you mean "nas"?)',
        "f.yaml:8:29: timeline[4].if: expected a peer of this scenario: nas, ras.pi, peer-3, peer-4, "
        'or one of random, first, last, got "peer-5" (did you mean "peer-4"?)',
        "f.yaml:8:68: timeline[4].peers[0]: expected a peer of this scenario: nas, ras.pi, peer-3, peer-4, "
        'or one of random, first, last, got "frist" (did you mean "first"?)',
    ]


def test_what_a_peer_or_a_file_has_not_is_told_at_its_letter_with_the_nearest_word() -> None:
    usage = """\
scenario: x
timeline:
  - {when: "peer.first.usge > 3", do: heal}
  - {when: peers.count > 3, do: heal}
"""
    of_peers = "address, capabilities, capacity, connected, health, id, latency, name, port, usage, used"
    assert complaints_of(usage) == [
        f"f.yaml:3:24: timeline[0].when: expected one of {of_peers} behind peer.first., "
        'got "usge" (did you mean "usage"?)',
        'f.yaml:4:18: timeline[1].when: expected nothing behind "peers", got "count"',
    ]
    key = "scenario: x\ntimeline: [{at: 1s, do: emit, type: file_deleted, data: {key: '${file.latest.kee}'}}]\n"
    assert complaints_of(key) == [
        "f.yaml:2:78: timeline[0].data.key: expected one of key, name, node, owner, replicas, size, tags, type "
        'behind file.latest., got "kee" (did you mean "key"?)',
    ]


def test_wrong_templates_and_all_other_mistakes_are_told_at_once_and_none_twice() -> None:
    text = """\
scenario: x
parameters: {n: 3}
duration: long
network: {peers: "${m}", replication: 0}
behaviours:
  uploads: {rate: 1/s, size: {csv: none.csv, column: a}}
timeline:
  - {at: 1s, do: leave, peer: "${peer.random.nmae}", reason: bordeom}
"""
    assert [each.split(": expected")[0] for each in complaints_of(text)] == [
        "f.yaml:3:11: duration",
        "f.yaml:4:21: network.peers",
        "f.yaml:4:39: network.replication",
        "f.yaml:6:36: behaviours.uploads.size.csv",
        "f.yaml:8:46: timeline[0].peer",
        "f.yaml:8:62: timeline[0].reason",
    ]
