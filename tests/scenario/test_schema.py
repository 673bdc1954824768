"""What a scenario may say, and what each wrong word of it is answered with."""

from collections.abc import Callable

import pytest

from pvws.scenario.behaviours.churn import Churn
from pvws.scenario.behaviours.deletes import Deletes
from pvws.scenario.behaviours.metrics import Metrics
from pvws.scenario.behaviours.uploads import Uploads
from pvws.scenario.quantities import Constant, Lognormal
from pvws.scenario.schema import BEHAVIOUR_KINDS, DEFAULT_START, Scenario
from pvws.timestamp import Timestamp
from pvws.world.alerts import Thresholds

Read = Callable[[str], Scenario]
Complaints = Callable[[str], list[str]]


def test_a_scenario_needs_no_more_than_its_name(read: Read) -> None:
    scenario = read("")
    assert scenario == Scenario(scenario="made-up")
    assert (scenario.seed, scenario.duration, scenario.speed) == (0, 60_000_000, 1.0)
    assert scenario.start == DEFAULT_START == Timestamp.parse("2024-01-01T00:00:00Z").micros
    assert (scenario.network.peers, scenario.network.capacity, scenario.network.replication) == (12, 64 * 1024**3, 3)
    assert scenario.alerts.storage_usage == Thresholds(80, 95, 75)
    assert (scenario.behaviours, scenario.timeline) == ({}, [])


def test_all_that_can_be_said_is_read(read: Read) -> None:
    scenario = read(
        "description: d\nseed: -3\nstart: now\nduration: 10m\nspeed: max\n"
        "network: {peers: 0, capacity: 1 MB, replication: 1, capabilities: {a: 10%}}\n"
        "alerts: {storage_usage: {warning: 1, critical: 2.5, clear: 0.5}}\n"
    )
    assert (scenario.seed, scenario.start, scenario.duration, scenario.speed) == (-3, None, 600_000_000, None)
    assert (scenario.network.peers, scenario.network.capacity, scenario.network.replication) == (0, 1_000_000, 1)
    assert scenario.network.capabilities == {"a": 0.1}
    assert scenario.alerts.storage_usage == Thresholds(1, 2.5, 0.5)


def test_the_name_of_a_behaviour_is_its_kind_unless_it_says_another(read: Read) -> None:
    scenario = read(
        "behaviours:\n  uploads: {rate: 2/s}\n  night: {kind: uploads, rate: 6/min, arrivals: fixed, size: 3 KB}\n"
        "  deletes: {kind: metrics, every: 2s}\n  x: {kind: deletes, rate: 0/s}\n"
        "  churn: {rate: 6/min, downtime: 0s}\n"
    )
    assert scenario.behaviours == {
        "uploads": Uploads(2.0, size=Lognormal(2 * 1024**2, 1.5)),
        "night": Uploads(0.1, "fixed", Constant(3_000)),
        "deletes": Metrics(2_000_000),
        "x": Deletes(0.0),
        "churn": Churn(0.1, downtime=0),
    }
    assert list(BEHAVIOUR_KINDS) == ["uploads", "deletes", "churn", "metrics"]


ROOT_KEYS = "pvws, scenario, description, seed, start, duration, speed, network, behaviours, alerts, timeline"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("on: 1", f'f.yaml:3:1: expected one of {ROOT_KEYS}, got "on"'),
        (
            "timelines: []",
            f'f.yaml:3:1: expected one of {ROOT_KEYS}, got "timelines" (did you mean "timeline"?)',
        ),
        ("seed: 0123", 'f.yaml:3:7: seed: expected a whole number, got "0123"'),
        ("seed: 1.5", "f.yaml:3:7: seed: expected a whole number, got 1.5"),
        (
            "start: 2024-01-01",
            'f.yaml:3:8: start: expected "now" or an RFC 3339 time such as 2024-01-01T00:00:00Z, got "2024-01-01"',
        ),
        ("duration: 1:30", 'f.yaml:3:11: duration: expected a duration like "30s", "1m30s" or "500ms", got "1:30"'),
        ("duration: 30", 'f.yaml:3:11: duration: expected a duration like "30s", "1m30s" or "500ms", got 30'),
        ("duration: 999999h", 'f.yaml:3:11: duration: expected a duration of at most 100 years, got "999999h"'),
        ("speed: 0", 'f.yaml:3:8: speed: expected a factor above 0 such as 1 or 0.5, or "max", got 0'),
        ("network: {peers: -1}", "f.yaml:3:18: network.peers: expected a whole number from 0 to 100000, got -1"),
        ("network: {peers: all}", 'f.yaml:3:18: network.peers: expected a whole number, got "all"'),
        (
            "network: {replication: 0}",
            "f.yaml:3:24: network.replication: expected a whole number from 1 to 100000, got 0",
        ),
        (
            "network: {capacity: 64 GiBs}",
            'f.yaml:3:21: network.capacity: expected a size like "64 GiB", "500 MB" or "1024", got "64 GiBs"',
        ),
        ("network: {capacity: 8 PiB}", 'f.yaml:3:21: network.capacity: expected a size below 8 PiB, got "8 PiB"'),
        (
            "network: {capabilities: {a: 101%}}",
            'f.yaml:3:29: network.capabilities.a: expected a percentage between "0%" and "100%", got "101%"',
        ),
        ("network: {capabilities: [a]}", "f.yaml:3:25: network.capabilities: expected a mapping, got a list"),
        ("network:", "f.yaml:3:9: network: expected a mapping, got nothing"),
        ("behaviours: {uploads: {}}", "f.yaml:3:23: behaviours.uploads.rate: expected a value, got nothing"),
        ("behaviours: {uploads: }", "f.yaml:3:22: behaviours.uploads: expected a mapping, got nothing"),
        (
            "behaviours: {uploads: {rate: 2}}",
            'f.yaml:3:30: behaviours.uploads.rate: expected a rate like "2/s", "0.5/s" or "10/min", got 2',
        ),
        (
            "behaviours: {uploads: {rate: 2000000/s}}",
            'f.yaml:3:30: behaviours.uploads.rate: expected a rate of at most 1000000/s, got "2000000/s"',
        ),
        (
            "behaviours: {uploads: {rate: 2/s, arrivals: poison}}",
            "f.yaml:3:45: behaviours.uploads.arrivals: expected "
            'one of poisson, fixed, got "poison" (did you mean "poisson"?)',
        ),
        (
            "behaviours: {uploads: {rate: 2/s, size: big}}",
            'f.yaml:3:41: behaviours.uploads.size: expected a size like "64 GiB", "500 MB" or "1024", got "big"',
        ),
        (
            "behaviours: {uploads: {rate: 2/s, size: {lognormal: {median: 3, min: 1}}}}",
            "f.yaml:3:65: behaviours.uploads.size.lognormal: expected one of median, sigma, max, "
            'got "min" (did you mean "median"?)',
        ),
        (
            "behaviours: {uploads: {rate: 2/s, size: {lognormal: {median: 2, sigma: 9}}}}",
            "f.yaml:3:72: behaviours.uploads.size.lognormal.sigma: expected a number from 0 to 5, got 9",
        ),
        (
            "behaviours: {metrics: {every: 0s}}",
            'f.yaml:3:31: behaviours.metrics.every: expected a duration above 0 like "5s", got "0s"',
        ),
        (
            "behaviours: {uplods: {rate: 2/s}}",
            "f.yaml:3:22: behaviours.uplods.kind: expected a kind, one of uploads, "
            'deletes, churn, metrics, since the name is none, got nothing (did you mean "uploads"?)',
        ),
        (
            "behaviours: {x: {kind: uplods}}",
            "f.yaml:3:24: behaviours.x.kind: expected one of uploads, deletes, churn, "
            'metrics, got "uplods" (did you mean "uploads"?)',
        ),
        (
            "behaviours: {deletes: {rate: 1/s, size: 3}}",
            'f.yaml:3:35: behaviours.deletes: expected one of rate, arrivals, kind, got "size"',
        ),
        ("behaviours: []", "f.yaml:3:13: behaviours: expected a mapping, got a list"),
        (
            "alerts: {storage: 3}",
            'f.yaml:3:10: alerts: expected one of storage_usage, got "storage" (did you mean "storage_usage"?)',
        ),
        (
            "alerts: {storage_usage: {warning: 80%, critical: 95, clear: 75}}",
            'f.yaml:3:35: alerts.storage_usage.warning: expected a number, got "80%"',
        ),
        (
            "alerts: {storage_usage: {warning: 80, critical: 70, clear: 60}}",
            "f.yaml:3:35: alerts.storage_usage.warning: expected a percentage from 0 to 70, got 80",
        ),
        (
            "alerts: {storage_usage: {warning: 80, critical: 95, clear: 81}}",
            "f.yaml:3:60: alerts.storage_usage.clear: expected a percentage from 0 to 80, got 81",
        ),
        (
            "alerts: {storage_usage: {warning: 80, critical: 101, clear: 75}}",
            "f.yaml:3:49: alerts.storage_usage.critical: expected a percentage from 0 to 100, got 101",
        ),
        (
            "alerts: {storage_usage: {warning: 80, critical: 95, clear: -1}}",
            "f.yaml:3:60: alerts.storage_usage.clear: expected a percentage from 0 to 80, got -1",
        ),
    ],
)
def test_a_wrong_line_is_answered_with_what_would_be_right(line: str, said: str, complaints: Complaints) -> None:
    assert complaints(f"pvws: 1\nscenario: x\n{line}\n") == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pvws: 1", "f.yaml:1:1: scenario: expected a value, got nothing"),
        ("pvws: 2\nscenario: x", "f.yaml:1:7: pvws: expected 1, got 2"),
        ("pvws: 1.0\nscenario: x", "f.yaml:1:7: pvws: expected a whole number, got 1.0"),
        ("pvws: 1\nscenario: on", "f.yaml:2:11: scenario: expected a text, got on"),
    ],
)
def test_a_name_is_required_and_the_version_must_be_known(text: str, said: str, complaints: Complaints) -> None:
    assert complaints(text) == [said]


def test_a_misspelt_word_that_is_required_is_both_unknown_and_missing(complaints: Complaints) -> None:
    assert complaints("pvws: 1\nscenario: x\nbehaviours: {uploads: {rate: 2/s, size: {normal: 3}}}\n") == [
        "f.yaml:3:41: behaviours.uploads.size.lognormal: expected a value, got nothing",
        'f.yaml:3:42: behaviours.uploads.size: expected one of lognormal, got "normal" (did you mean "lognormal"?)',
    ]


def test_thresholds_may_be_equal(read: Read) -> None:
    read("alerts: {storage_usage: {warning: 100, critical: 100, clear: 100}}")
