import signal

import pytest

from pvws.sim.agenda import Instant
from pvws.testing.exam.rules import comes_back, differs, ends_when_asked, is_let_in, lives, pauses, prints_nothing_of
from pvws.testing.judging.facts import Fact, Opened, Refused, Stood, ToldError
from pvws.testing.trial.command import Exit
from pvws.testing.trial.result import Ending, Result, Timings
from pvws.testing.verdict import Outcome
from tests.support.evidence import FAILED, HELD, NOT_JUDGED, at, comes, leaves, refused, sent_away

WELL = Exit(0)


def result(*facts: Fact, end: Exit = WELL, ending: Ending = "enough", output: str = "") -> Result:
    return Result(ending=ending, exit=end, verdicts=(), timings=Timings(), output=output, facts=facts)


@pytest.mark.parametrize(
    ("end", "expected", "found"),
    [
        (Exit(0), HELD, ""),
        (Exit(143), HELD, ""),
        (Exit(None, signal.SIGTERM), HELD, ""),
        (Exit(1), FAILED, "it exited with 1"),
        (Exit(None, signal.SIGSEGV), FAILED, "it was ended by SIGSEGV"),
        (Exit(None, signal.SIGKILL, forced=True), FAILED, "it was still there when its time was over"),
    ],
)
def test_sigterm_ends_it_well_or_not(end: Exit, expected: Outcome, found: str) -> None:
    part = ends_when_asked([result(end=end)])
    assert part.outcome is expected
    assert found in " ".join(part.lines)


def test_how_one_ends_that_has_ended_before_can_not_be_judged() -> None:
    part = ends_when_asked([result(ending="exited", end=Exit(3))])
    assert (part.outcome, part.why) == (NOT_JUDGED, "it exited with 3 before it was asked to end")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], NOT_JUDGED),
        (comes(0), HELD),
        (refused(0, 1, 503), HELD),
        ([*comes(0), at(1, ToldError, code="RATE_LIMIT_EXCEEDED", retry_after=1)], HELD),
        ([*comes(0), at(1, ToldError, code="AUTH_FAILED")], FAILED),
        (refused(0, 1, 401), FAILED),
        ([at(0, Refused, 0, status=403)], FAILED),
    ],
)
def test_who_is_told_that_its_token_is_wrong_was_not_let_in(facts: list[Fact], expected: Outcome) -> None:
    assert is_let_in([result(*facts)]).outcome is expected


def test_the_evidence_of_a_refusal_is_what_came_before() -> None:
    part = is_let_in([result(*comes(100), at(105, ToldError, code="AUTH_FAILED"), *leaves(200))])
    assert part.lines[1:] == (
        "  it was told AUTH_FAILED",
        "         0.000 s  [1] began a handshake",
        "         0.000 s  [1] connected",
        "         0.005 s  [1] was told AUTH_FAILED",
    )


def test_a_secret_that_is_printed_is_not_printed_again() -> None:
    rule = prints_nothing_of("s3cret")
    assert rule([result(output="connecting\n")]).outcome is HELD
    part = rule([result(), result(output="one\nto ws://x/ws?token=s3cret now\n")])
    assert part.outcome is FAILED
    assert "s3cret" not in " ".join(part.lines)
    assert "ws://x/ws?token=… now" in " ".join(part.lines)


@pytest.mark.parametrize(
    ("facts", "ending", "expected"),
    [
        ([*comes(0), *comes(9_000, 2)], "enough", HELD),
        ([*comes(0), *refused(9_000, 2)], "enough", HELD),
        (comes(0), "enough", FAILED),
        (comes(0), "exited", NOT_JUDGED),
        ([], "enough", NOT_JUDGED),
    ],
)
def test_who_notices_that_nothing_comes_makes_another_connection(
    facts: list[Fact], ending: Ending, expected: Outcome
) -> None:
    assert comes_back([result(*facts, ending=ending)]).outcome is expected


def test_the_evidence_is_what_was_done_and_not_that_this_process_stood_still() -> None:
    stood = [at(each, Stood, 0, since=(each - 30) * 1_000) for each in range(100, 20_000, 100)]
    part = comes_back([result(*comes(0), *stood)])
    assert [line.split("s  ")[1] for line in part.lines[2:]] == ["[1] began a handshake", "[1] connected"]


def test_who_ends_does_not_live() -> None:
    assert lives([result(*comes(0))]).outcome is HELD
    part = lives([result(*comes(0), end=Exit(1), ending="exited")])
    assert (part.outcome, part.lines[1]) == (FAILED, "  it exited with 1")
    assert lives([result(end=Exit(1), ending="exited")]).outcome is FAILED


def outages(*pauses_ms: float) -> list[Fact]:
    now, told = 0.0, list[Fact]()
    for number, pause in enumerate(pauses_ms, 1):
        told += [*comes(now, number), *sent_away(now + 10, number)]
        now += 10 + pause
    return [*told, *comes(now, len(pauses_ms) + 1)]


def test_pauses_are_from_an_end_or_a_refusal_to_the_next_attempt() -> None:
    assert pauses(outages(100, 200)) == [100_000, 200_000]
    assert pauses([*comes(0), *leaves(5), *refused(25, 2), *comes(75, 3)]) == [20_000, 50_000]
    assert pauses([at(0, Opened)]) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((100, 200, 100, 200), (101, 199, 100, 202), FAILED),
        ((100, 200, 100, 200), (101, 199, 160, 202), FAILED),
        ((100, 200, 100, 200), (101, 150, 160, 202), FAILED),
        ((100, 200, 100, 200), (101, 150, 160, 222), HELD),
        ((100,) * 9, (101, 150, 99, 120, 108, 100, 97, 103, 106), FAILED),  # as a busy machine has it
        ((4, 4_138, 3_105), (3, 495, 3_109), HELD),  # only the first pause is drawn
        ((4, 600, 3_105), (3, 495, 3_109), FAILED),
        ((0, 0, 0), (1, 2, 4), FAILED),
        ((1_000, 2_000, 1_000), (1_019, 2_039, 1_019), FAILED),
        ((1_000, 2_000, 1_000), (1_021, 2_041, 1_021), HELD),
        ((100, 200), (100, 200), NOT_JUDGED),
    ],
)
def test_two_that_pause_alike_leave_nothing_to_chance(
    one: tuple[Instant, ...], other: tuple[Instant, ...], expected: Outcome
) -> None:
    assert differs([result(*outages(*one)), result(*outages(*other))]).outcome is expected


def test_both_series_are_told() -> None:
    part = differs([result(*outages(100, 200, 100)), result(*outages(101, 201, 101))])
    assert part.lines[1] == "  one paused for 0.100 s, 0.200 s, 0.100 s; the other paused for 0.101 s, 0.201 s, 0.101 s"
