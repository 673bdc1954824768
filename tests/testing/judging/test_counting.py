import pytest

from pvws.testing.judging.counting import Window
from pvws.testing.judging.facts import Closed, Ended, Fact, Hindered, Landmark, Refused, Stood, ToldToGo
from tests.support.evidence import FAILED, HELD, NOT_JUDGED, at, comes, leaves, outcome, refused, sent_away, verdict

GONE = [*comes(0), *sent_away(5)]
THERE = at(1_000, Landmark, 0, name="there")


def storm(count: int, first: float, step: float) -> list[Fact]:
    return [fact for number in range(count) for fact in refused(first + number * step, number + 2)]


@pytest.mark.parametrize(
    ("rate", "most", "span"),
    [(10, 10, "any second"), (2.5, 2, "any second"), (0.5, 1, "any 2 s"), (0.1, 1, "any 10 s")],
)
def test_a_window_is_a_second_or_as_long_as_one_takes(rate: float, most: int, span: str) -> None:
    window = Window(rate)
    assert (window.most, window.span) == (most, span)
    assert [window.add(0) for _ in range(most)] == [None] * most
    assert window.add(0) == f"{most + 1} within 0.000 s"


@pytest.mark.parametrize(
    ("said", "evidence", "expected"),
    [
        ("never_tries, more_than: 3/s", [], NOT_JUDGED),
        ("never_tries, more_than: 3/s", [*GONE, *storm(2, 10, 1)], HELD),
        ("never_tries, more_than: 3/s", [*GONE, *storm(3, 10, 1)], FAILED),
        ("never_tries, more_than: 3/s", [*GONE, *storm(9, 1_000, 333.334)], HELD),
        ("never_tries, more_than: 3/s", [*GONE, *storm(9, 1_000, 333.333)], FAILED),
        ("never_tries, more_than: 5/s, over: 3s", [*GONE, *storm(14, 1_000, 10)], HELD),
        ("never_tries, more_than: 5/s, over: 3s", [*GONE, *storm(30, 4_000, 200)], HELD),
        ("never_tries, more_than: 5/s, over: 3s", [*GONE, *storm(30, 4_000, 187)], FAILED),
        ("never_tries, more_than: 3/s, after: there", [*GONE, *storm(9, 10, 1), THERE], HELD),
        ("never_tries, more_than: 3/s, after: there", [*GONE, THERE, *storm(4, 1_010, 1)], FAILED),
        ("never_tries, more_than: 3/s, after: there", [*GONE, *storm(9, 10, 1)], NOT_JUDGED),
        ("never_tries, more_than: 1/s", [*GONE, at(10, Refused, 0, status=400)], FAILED),
    ],
)
def test_nobody_tries_too_often(said: str, evidence: list[Fact], expected: str) -> None:
    assert outcome(said, evidence, 20_000) == expected


def test_clients_with_names_of_their_own_are_counted_apart() -> None:
    many = [fact for number in range(9) for fact in comes(number, number + 1, name=f"name-{number}")]
    assert outcome("never_tries, more_than: 3/s", many, 9_000) == HELD


def test_attempts_that_waited_while_this_process_stood_still_are_not_let_in_at_once() -> None:
    standing = at(3_000, Stood, 0, since=1_100_000)
    evidence = [*GONE, *storm(2, 1_050, 1), standing, *storm(2, 3_000, 1)]
    assert outcome("never_tries, more_than: 2/s", evidence, 9_000) == HELD


def test_how_many_attempts_there_were_is_told_once_a_burst() -> None:
    found = verdict("never_tries, more_than: 3/s", [*GONE, *storm(4, 10, 1), *storm(5, 9_000, 1)], 20_000)
    assert [each.expected for each in found.failures] == ["no more than 3 attempts in any second"] * 2
    assert [each.found for each in found.failures] == ["4 within 0.012 s", "4 within 0.003 s"]


OLD, NEW = comes(0), comes(2_000, 2)


@pytest.mark.parametrize(
    ("said", "evidence", "until", "expected"),
    [
        ("never_holds, more_than: 1", [], 9_000, NOT_JUDGED),
        ("never_holds, more_than: 1", [*OLD], 9_000, HELD),
        ("never_holds, more_than: 1", [*OLD, *NEW], 2_500, NOT_JUDGED),
        ("never_holds, more_than: 1", [*OLD, *NEW], 2_501, FAILED),
        ("never_holds, more_than: 2", [*OLD, *NEW], 9_000, HELD),
        ("never_holds, more_than: 1, tolerance: 0s", [*OLD, *NEW], 2_001, FAILED),
        ("never_holds, more_than: 1", [*OLD, *NEW, *leaves(2_499, 1)], 9_000, HELD),
        ("never_holds, more_than: 1", [*OLD, *NEW, at(2_499, Ended, 1, how="eof")], 9_000, HELD),
        ("never_holds, more_than: 1", [*OLD, *NEW, *leaves(2_501, 1)], 9_000, FAILED),
        ("never_holds, more_than: 1", [*OLD, *sent_away(1_000), *NEW], 9_000, HELD),
        ("never_holds, more_than: 1", [*OLD, at(1_000, ToldToGo, 1, code=1012), *NEW], 9_000, HELD),
        ("never_holds, more_than: 1", [*OLD, at(1_000, Closed, 1, code=1000), *NEW], 9_000, HELD),
        ("never_holds, after: there", [*OLD, THERE, *NEW], 9_000, FAILED),
        ("never_holds, after: there", [*OLD, *comes(900, 3), THERE, *sent_away(1_500), *NEW], 9_000, HELD),
        ("never_holds, after: there", [*OLD, *NEW], 9_000, NOT_JUDGED),
        ("never_holds, after: there", [THERE, *comes(2_000), *comes(2_100, 2)], 9_000, FAILED),
    ],
)
def test_there_are_no_more_connections_at_once_than_so_many(
    said: str, evidence: list[Fact], until: float, expected: str
) -> None:
    assert outcome(said, evidence, until) == expected


def test_one_that_a_stall_keeps_from_working_counts_again_when_that_is_over() -> None:
    stall, over = at(1_000, Hindered, by="stall"), at(5_000, Hindered, by="stall", begins=False)
    assert outcome("never_holds, more_than: 1", [*OLD, stall, *NEW], 4_999) == HELD
    assert outcome("never_holds, more_than: 1", [*OLD, stall, *NEW, over], 9_000) == FAILED
    assert outcome("never_holds, more_than: 1", [*OLD, stall, *NEW, over, *leaves(5_100, 1)], 9_000) == HELD


def test_what_leaks_is_told_once_for_as_long_as_it_does() -> None:
    leaks = [fact for number in range(2, 9) for fact in comes(number * 1_000, number)]
    (failure,) = verdict("never_holds, more_than: 1", [*OLD, *leaks], 20_000).failures
    assert failure.expected == "no more than 1 connection at once, but for 500ms"
    assert failure.found == "2"
    assert failure.evidence
