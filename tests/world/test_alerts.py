"""An alert's life: speaks when a level is reached and when all is well again, and never in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.world.alerts import DEFAULT_THRESHOLDS, METRICS, Alarm, Crossing, Thresholds

THRESHOLDS = Thresholds(warning=80, critical=95, clear=75)
RANK = {"info": 0, "warning": 1, "critical": 2}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0, 79.999999], [None, None]),
        ([80], ["warning"]),
        ([95], ["critical"]),
        ([100], ["critical"]),
        ([80, 85, 80], ["warning", None, None]),
        ([80, 95], ["warning", "critical"]),
        ([80, 79, 80], ["warning", None, None]),
        ([80, 75], ["warning", None]),
        ([80, 74.999999], ["warning", "info"]),
        ([95, 80, 95], ["critical", None, None]),
        ([95, 74, 80, 74], ["critical", "info", "warning", "info"]),
        ([74, 10], [None, None]),
    ],
)
def test_levels_are_said_when_they_are_reached(values: list[float], said: list[str | None]) -> None:
    alarm = Alarm(THRESHOLDS)
    crossings = [alarm.observe(value) for value in values]
    assert [crossing and crossing.level for crossing in crossings] == said


def test_a_crossing_names_the_threshold() -> None:
    alarm = Alarm(THRESHOLDS)
    assert [alarm.observe(value) for value in (80, 99, 3)] == [
        Crossing("warning", 80),
        Crossing("critical", 95),
        Crossing("info", 75),
    ]


def test_equal_thresholds_alarm_with_the_worst_level_at_once() -> None:
    alarm = Alarm(Thresholds(warning=90, critical=90, clear=90))
    assert alarm.observe(90) == Crossing("critical", 90)
    assert alarm.observe(89.9) == Crossing("info", 90)


@given(st.lists(st.floats(0, 100)))
def test_levels_only_rise_until_all_is_well_again(values: list[float]) -> None:
    alarm, before = Alarm(THRESHOLDS), "info"
    for value in values:
        crossing = alarm.observe(value)
        if crossing is not None:
            assert crossing.level == alarm.level
            assert crossing.level == "info" or RANK[crossing.level] > RANK[before]
            assert value < crossing.threshold if crossing.level == "info" else value >= crossing.threshold
        assert (alarm.level == "info") <= (value < THRESHOLDS.warning)
        assert (alarm.level != "info") <= (value >= THRESHOLDS.clear)
        before = alarm.level


@given(st.lists(st.floats(0, 100)), st.floats(0, 100))
def test_where_it_is_calm_there_is_nothing_to_say(values: list[float], value: float) -> None:
    alarm = Alarm(THRESHOLDS)
    for each in values:
        alarm.observe(each)
    low, high = alarm.calm
    said = alarm.observe(value)
    assert (said is None) == (low <= value < high)


@pytest.mark.parametrize("name", METRICS)
def test_the_thresholds_of_every_figure_are_in_order(name: str) -> None:
    limits = DEFAULT_THRESHOLDS[name]
    assert 0 < limits.clear <= limits.warning < limits.critical
    assert METRICS[name].title[0].isupper()
