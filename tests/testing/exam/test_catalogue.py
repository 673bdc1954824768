import re

import pytest

from pvws.errors import InputError
from pvws.testing.exam.case import Case
from pvws.testing.exam.catalogue import ADMISSION, CASES, SUITES, case_named, chosen


def test_there_are_five_suites_and_thirty_cases_at_least() -> None:
    assert list(SUITES) == ["contract", "reconnect", "resilience", "load", "security"]
    assert len(CASES) == sum(map(len, SUITES.values())) >= 30
    assert ADMISSION is next(iter(CASES.values()))


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.id)
def test_each_case_is_a_scenario_with_a_purpose_and_a_reference(case: Case) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z0-9-]+", case.id)
    assert case in SUITES[case.suite]
    assert case.purpose.endswith(".")
    assert 20 < len(case.purpose) < 120
    assert re.search(r"RFC \d+|API documentation|IANA|POSIX|the shipped server", case.reference)
    scenario = case.scenario()
    assert scenario.scenario == case.id
    assert scenario.description == case.purpose
    assert scenario.expect or case.rules, "it expects something"
    assert case.configuration().port == 0
    longest = max((getattr(each, "within", 0) for each in scenario.expect), default=0)
    assert case.patience_s == 0 or case.patience_s * 1_000_000 >= longest, "nothing is cut short"


def test_all_are_chosen_unless_some_are_named() -> None:
    assert chosen() == list(CASES.values())
    assert chosen(["load"]) == list(SUITES["load"])
    assert [case.id for case in chosen(["load"], ["contract.subscribes"])][:2] == ["contract.subscribes", "load.burst"]


@pytest.mark.parametrize(
    ("suites", "ids", "said"),
    [
        (
            ["lod"],
            [],
            '--suite: expected one of contract, reconnect, resilience, load, security, got "lod" (did you mean',
        ),
        ([], ["reconnect.jiter"], '"reconnect.jiter" (did you mean "reconnect.jitter"?)'),
        ([], ["jitter"], '"jitter" (did you mean "reconnect.jitter"?)'),
        ([], ["load"], '--case: expected the id of a case (--list tells them), got "load"'),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest_one(suites: list[str], ids: list[str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        chosen(suites, ids)
    assert said in str(caught.value)


def test_one_is_found_by_its_id() -> None:
    assert case_named("load.burst", "--show") is CASES["load.burst"]
    with pytest.raises(InputError, match="--show: expected the id of a case"):
        case_named("burst", "--show")
