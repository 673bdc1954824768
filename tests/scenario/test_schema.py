"""What a scenario may say, and what each wrong word of it is answered with."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pvws.notation.document import parse
from pvws.notation.forms import fields
from pvws.notation.schema import json_schema
from pvws.scenario.behaviours.metrics import Metrics
from pvws.scenario.behaviours.uploads import Uploads
from pvws.scenario.distributions import Quantity
from pvws.scenario.schema import DEFAULT_START, NamesOf, Network, Repair, Scenario
from pvws.scenario.thresholds import Alerts
from pvws.scenario.timeline.presence import Newcomer
from pvws.sim.distributions import Constant, Uniform
from pvws.timestamp import Timestamp
from pvws.world.alerts import DEFAULT_THRESHOLDS
from pvws.world.cast import Figures
from pvws.world.names import DEFAULT_NAMES, Names
from tests.support.playing import complaints_of, read_scenario
from tests.support.trees import plain
from tests.swarm.script import draw

MIB, GIB = 1024**2, 1024**3
SCHEMA = json_schema(Scenario, title="a scenario", templates=True)


def test_a_scenario_needs_no_more_than_its_name() -> None:
    scenario = read_scenario("")
    assert scenario == Scenario(scenario="made-up")
    assert (scenario.pvws, scenario.seed, scenario.duration, scenario.speed) == (1, 0, 60_000_000, 1.0)
    assert scenario.start == DEFAULT_START == Timestamp.parse("2024-01-01T00:00:00Z").micros
    assert (scenario.behaviours, scenario.timeline, scenario.expect, scenario.parameters) == ({}, [], [], {})
    network = scenario.network
    assert (network.peers, network.replication, network.scrub) == (12, 3, 30_000_000)
    assert network.capacity == Quantity(Constant(64 * GIB), 1)
    assert (network.repair, network.names) == (Repair(10_000_000, 16), None)
    assert scenario.alerts == Alerts()


def test_all_that_can_be_said_is_read() -> None:
    scenario = read_scenario(
        "pvws: 1\ndescription: d\nseed: -3\nstart: now\nduration: 10m\nspeed: max\n"
        "network:\n"
        "  peers: 0\n  capacity: 1 MB\n  bandwidth: {uniform: {from: 1 MB, to: 2 MB}}\n  latency: 5ms\n"
        "  replication: 1\n  capabilities: {a: 10%}\n  repair: {delay: 1m, parallel: 2}\n  scrub: 0s\n"
        "  names: {locale: de_DE}\n"
        "behaviours: {uploads: {rate: 2/s}, night: {kind: uploads, rate: 6/min}, metrics: {every: 2s}}\n"
    )
    assert (scenario.seed, scenario.start, scenario.duration, scenario.speed) == (-3, None, 600_000_000, None)
    assert scenario.network == Network(
        peers=0,
        capacity=Quantity(Constant(1_000_000), 1),
        bandwidth=Quantity(Uniform(1_000_000, 2_000_000), 1),
        latency=Quantity(Constant(5_000), 0),
        replication=1,
        capabilities={"a": 0.1},
        repair=Repair(60_000_000, 2),
        scrub=0,
        names=NamesOf("de_DE"),
    )
    assert list(scenario.behaviours) == ["uploads", "night", "metrics"]
    assert scenario.behaviours["night"] == Uploads(rate=0.1)
    assert scenario.behaviours["metrics"] == Metrics(every=2_000_000)


ROOT_KEYS = (
    "pvws, scenario, description, include, parameters, seed, start, duration, speed, network, behaviours, alerts, "
    "timeline, expect, explore"
)
DURATION = 'expected a duration like "30s", "1m30s" or "500ms"'
SIZE = 'expected a size like "64 GiB", "500 MB" or "1024"'
START = 'start: expected "now" or an RFC 3339 time such as 2024-01-01T00:00:00Z'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("on: 1", f'1: expected one of {ROOT_KEYS}, got "on"'),
        ("timelines: []", f'1: expected one of {ROOT_KEYS}, got "timelines" (did you mean "timeline"?)'),
        ("pvws: 2", "7: pvws: expected 1, got 2"),
        ("pvws: 1.0", "7: pvws: expected a whole number, got 1.0"),
        ("description: [a]", "14: description: expected a text, got a list"),
        ("seed: 0123", '7: seed: expected a whole number, got "0123"'),
        ("seed: 1.5", "7: seed: expected a whole number, got 1.5"),
        ("start: 2024-01-01", f'8: {START}, got "2024-01-01"'),
        ("start: 2024-13-01T00:00:00Z", f'8: {START}, got "2024-13-01T00:00:00Z"'),
        ("duration: 1:30", f'11: duration: {DURATION}, got "1:30"'),
        ("duration: 30", f"11: duration: {DURATION}, got 30"),
        ("duration: 999999h", '11: duration: expected a duration of at most 100 years, got "999999h"'),
        ("speed: 0", '8: speed: expected a factor above 0 such as 1 or 0.5, or "max", got 0'),
        ("speed: fast", '8: speed: expected a factor above 0 such as 1 or 0.5, or "max", got "fast"'),
        ("timeline: {}", "11: timeline: expected a list, got a mapping"),
        ("expect: {}", "9: expect: expected a list, got a mapping"),
        ("behaviours: []", "13: behaviours: expected a mapping, got a list"),
        ("behaviours: {uploads: {}}", "23: behaviours.uploads.rate: expected a value, got nothing"),
        ("network:", "9: network: expected a mapping, got nothing"),
        ("network: {peers: -1}", "18: network.peers: expected a whole number from 0 to 100000, got -1"),
        ("network: {peers: 100001}", "18: network.peers: expected a whole number from 0 to 100000, got 100001"),
        ("network: {peers: all}", '18: network.peers: expected a whole number, got "all"'),
        ("network: {peers: []}", "18: network.peers: expected at least 1 of them, got 0"),
        ("network: {peers: [a]}", '19: network.peers[0]: expected a mapping, got "a"'),
        (
            "network: {peers: [{name: ''}]}",
            '26: network.peers[0].name: expected a name of printable characters, got ""',
        ),
        (
            "network: {peers: [{name: a}, {name: a}]}",
            '30: network.peers[1]: expected a name that no other peer has, got "a" again',
        ),
        (
            "network: {peers: [{name: a, port: 0}]}",
            "35: network.peers[0].port: expected a whole number from 1 to 65535, got 0",
        ),
        ("network: {peers: [{name: a, latency: 5}]}", f"38: network.peers[0].latency: {DURATION}, got 5"),
        ("network: {replication: 0}", "24: network.replication: expected a whole number from 1 to 1000, got 0"),
        ("network: {replication: 1001}", "24: network.replication: expected a whole number from 1 to 1000, got 1001"),
        ("network: {capacity: 64 GiBs}", f'21: network.capacity: {SIZE}, got "64 GiBs"'),
        ("network: {capacity: 8 PiB}", '21: network.capacity: expected a size below 8 PiB, got "8 PiB"'),
        (
            "network: {capacity: {uniform: {from: 2 GiB, to: 1 GiB}}}",
            '49: network.capacity.uniform.to: expected a size from 2 GiB on, got "1 GiB"',
        ),
        ("network: {bandwidth: fast}", f'22: network.bandwidth: {SIZE}, got "fast"'),
        (
            "network: {latency: {normal: {mean: 5ms}}}",
            "29: network.latency.normal.deviation: expected a value, got nothing",
        ),
        (
            "network: {capabilities: {a: 101%}}",
            '29: network.capabilities.a: expected a percentage between "0%" and "100%", got "101%"',
        ),
        ("network: {capabilities: [a]}", "25: network.capabilities: expected a mapping, got a list"),
        ("network: {repair: {delay: 5}}", f"27: network.repair.delay: {DURATION}, got 5"),
        (
            "network: {repair: {parallel: 0}}",
            "30: network.repair.parallel: expected a whole number from 1 to 10000, got 0",
        ),
        ("network: {scrub: never}", f'18: network.scrub: {DURATION}, got "never"'),
        ("network: {names: de_DE}", '18: network.names: expected a mapping, got "de_DE"'),
        ("parameters: [a]", "13: parameters: expected a mapping of names and defaults, got a list"),
    ],
)
def test_a_wrong_line_is_answered_with_what_would_be_right(line: str, said: str) -> None:
    assert complaints_of(f"scenario: x\n{line}\n") == [f"f.yaml:2:{said}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pvws: 1", "f.yaml:1:1: scenario: expected a value, got nothing"),
        ("scenario: on", "f.yaml:1:11: scenario: expected a text, got on"),
        ("scenario: ' '", 'f.yaml:1:11: scenario: expected a name of printable characters, got " "'),
    ],
)
def test_a_scenario_has_a_name(text: str, said: str) -> None:
    assert complaints_of(text) == [said]


def test_a_misspelt_word_that_is_required_is_both_unknown_and_missing() -> None:
    keys = "name, address, port, capabilities, capacity, bandwidth, latency"
    assert complaints_of("scenario: x\nnetwork: {peers: [{nam: a}]}\n") == [
        "f.yaml:2:19: network.peers[0].name: expected a value, got nothing",
        f'f.yaml:2:20: network.peers[0]: expected one of {keys}, got "nam" (did you mean "name"?)',
    ]


# What a run takes from it


def test_peers_are_so_many_or_each_as_it_is_described() -> None:
    assert Network(peers=3).count == 3
    assert Network(peers=3).figures() == [Figures()] * 3
    network = read_scenario("network: {peers: [{name: a, port: 9, capacity: 1 MiB}, {name: b}]}").network
    assert network.count == 2
    assert network.figures() == [Figures(name="a", port=9, capacity=MIB), Figures(name="b")]
    assert network.peers == (Newcomer("a", port=9, capacity=MIB), Newcomer("b"))


def test_the_rules_of_the_network_are_those_of_the_script() -> None:
    scenario = read_scenario(
        "network: {replication: 2, repair: {delay: 4s, parallel: 5}, scrub: 6s}\n"
        "alerts: {storage_usage: off, cpu_usage: {warning: 1, critical: 2, clear: 0}}\n"
    )
    words = Names(*(("a",),) * 5, content_types=DEFAULT_NAMES.content_types)
    rules = scenario.rules(words)
    assert (rules.replication, rules.repair_delay, rules.repairs_at_once) == (2, 4_000_000, 5)
    assert (rules.scrub_micros, rules.names) == (6_000_000, words)
    assert rules.thresholds == scenario.alerts.thresholds()
    assert set(rules.thresholds) == set(DEFAULT_THRESHOLDS) - {"storage_usage"}
    assert scenario.rules().names is DEFAULT_NAMES


# The JSON Schema that editors know it by


def test_the_schema_is_one_and_describes_every_key() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(SCHEMA["properties"]) == [field.key for field in fields(Scenario)]
    assert all(each.get("description") for each in SCHEMA["properties"].values())
    assert SCHEMA["required"] == ["scenario"]


@pytest.mark.parametrize("seed", range(12))
def test_editors_take_what_the_reader_takes(seed: int) -> None:
    document = plain(parse(draw(seed), "swarm.yaml"))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)] == []


@pytest.mark.parametrize("include", ["base.yaml", ["a.yaml", "b.yaml"]])
def test_editors_take_includes_and_parameters(include: Any) -> None:
    document = {"scenario": "x", "include": include, "parameters": {"a": 3, "b": {"default": "x", "description": "d"}}}
    Draft202012Validator(SCHEMA).validate(document | {"seed": "${a}", "network": {"peers": "${a * 2}"}})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"scenario": ""},
        {"scenario": "x", "sed": 1},
        {"scenario": "x", "pvws": 2},
        {"scenario": "x", "duration": 5},
        {"scenario": "x", "include": 5},
        {"scenario": "x", "network": {"peers": -1}},
        {"scenario": "x", "network": {"peers": [{"port": 5}]}},
        {"scenario": "x", "parameters": {"A": 1}},
        {"scenario": "x", "alerts": {"storage_usage": {"warning": 80}}},
        {"scenario": "x", "timeline": [{"do": "heal"}]},
        {"scenario": "x", "behaviours": {"storm": {"rate": "1/s"}}},
    ],
)
def test_editors_refuse_what_the_reader_refuses(wrong: dict[str, Any]) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid(wrong)
