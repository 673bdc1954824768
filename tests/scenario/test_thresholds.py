"""When figures alarm: thresholds of each kind, in the units of the figure, or never."""

import pytest

from pvws.scenario.thresholds import Alerts
from pvws.world.alerts import DEFAULT_THRESHOLDS, METRICS, Thresholds
from tests.support.playing import complaints_of, read_scenario


def read(alerts: str) -> Alerts:
    return read_scenario(f"alerts: {alerts}").alerts


def test_without_a_word_every_figure_alarms_as_usual() -> None:
    assert read("{}").thresholds() == DEFAULT_THRESHOLDS
    assert list(read("{}").thresholds()) == list(METRICS)


@pytest.mark.parametrize(
    ("figure", "warning", "critical", "clear", "thresholds"),
    [
        ("storage_usage", "80", "95%", "75.5", Thresholds(80.0, 95.0, 75.5)),
        ("peer_storage_usage", "100%", "100%", "100%", Thresholds(100.0, 100.0, 100.0)),
        ("unreachable_peers", "0", "0", "0", Thresholds(0.0, 0.0, 0.0)),
        ("response_time", "500ms", "2", "0.25", Thresholds(0.5, 2.0, 0.25)),
        ("error_rate", "5%", "0.2", "1%", Thresholds(0.05, 0.2, 0.01)),
        ("auth_failure", "5", "20", "1.5", Thresholds(5.0, 20.0, 1.5)),
    ],
)
def test_thresholds_are_in_the_unit_of_the_figure(
    figure: str, warning: str, critical: str, clear: str, thresholds: Thresholds
) -> None:
    alerts = read(f"{{{figure}: {{warning: {warning}, critical: {critical}, clear: {clear}}}}}")
    assert alerts.thresholds() == DEFAULT_THRESHOLDS | {figure: thresholds}


@pytest.mark.parametrize("figure", METRICS)
def test_a_figure_that_is_off_never_alarms(figure: str) -> None:
    alerts = read(f"{{{figure}: off}}")
    assert getattr(alerts, figure) is None
    assert alerts.thresholds() == {name: each for name, each in DEFAULT_THRESHOLDS.items() if name != figure}


@pytest.mark.parametrize("figure", METRICS)
def test_a_threshold_is_the_same_on_the_wire_whether_it_is_said_or_not(figure: str) -> None:
    """The contract's type is a float: 80 that a script says is not another number than the 80 of the defaults."""
    usual = DEFAULT_THRESHOLDS[figure]
    said = f"{{warning: {usual.warning:g}, critical: {usual.critical:g}, clear: {usual.clear:g}}}"
    thresholds = read(f"{{{figure}: {said}}}").thresholds()[figure]
    for each in (thresholds, usual):
        assert [type(value) for value in (each.warning, each.critical, each.clear)] == [float] * 3
    assert thresholds == usual


SHAPE = "expected {warning: …, critical: …, clear: …}, or off"
PERCENTAGE = 'expected a percentage from 0 to 100 like "80%" or "80"'


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        ("{storage_usage: on}", f"25: alerts.storage_usage: {SHAPE}, got on"),
        ("{storage_usage: 80}", f"25: alerts.storage_usage: {SHAPE}, got 80"),
        (
            "{storage_usage: {warning: 80, clear: 75}}",
            "25: alerts.storage_usage.critical: expected a value, got nothing",
        ),
        (
            "{storage_usage: {warning: 80, critical: 70, clear: 60}}",
            "35: alerts.storage_usage.warning: expected a number from 0 to 70, got 80",
        ),
        (
            "{storage_usage: {warning: 80, critical: 95, clear: 81}}",
            "60: alerts.storage_usage.clear: expected a number from 0 to 80, got 81",
        ),
        (
            "{storage_usage: {warning: 80, critical: 101, clear: 75}}",
            f"49: alerts.storage_usage.critical: {PERCENTAGE}, got 101",
        ),
        ("{cpu_usage: {warning: 80, critical: 95, clear: -1}}", f"56: alerts.cpu_usage.clear: {PERCENTAGE}, got -1"),
        (
            "{error_rate: {warning: 5%, critical: 101%, clear: 1%}}",
            '46: alerts.error_rate.critical: expected a share like 0.05 or "5%", got "101%"',
        ),
        (
            "{error_rate: {warning: 0.5, critical: 2, clear: 0}}",
            '47: alerts.error_rate.critical: expected a share like 0.05 or "5%", got 2',
        ),
        (
            "{response_time: {warning: fast, critical: 3, clear: 1}}",
            '35: alerts.response_time.warning: expected a duration like "500ms", or seconds like 0.5, got "fast"',
        ),
        (
            "{auth_failure: {warning: -5, critical: 3, clear: 1}}",
            "34: alerts.auth_failure.warning: expected a number from 0 on, got -5",
        ),
        (
            "{auth_failure: {warning: 5, critical: .inf, clear: 1}}",
            '47: alerts.auth_failure.critical: expected a number, got ".inf"',
        ),
    ],
)
def test_a_wrong_threshold_is_answered_with_what_would_be_right(alerts: str, said: str) -> None:
    assert complaints_of(f"scenario: x\nalerts: {alerts}\n") == [f"f.yaml:2:{said}"]


def test_a_figure_that_is_none_is_answered_with_those_there_are() -> None:
    assert complaints_of("scenario: x\nalerts: {storage: {}}\n") == [
        f'f.yaml:2:10: alerts: expected one of {", ".join(METRICS)}, got "storage" (did you mean "storage_usage"?)'
    ]
