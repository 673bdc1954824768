import pytest
from msgspec import structs

from pvws.scenario.expectations import Connects
from pvws.testing.exam.case import Case, Part
from pvws.testing.exam.finding import Card, Finding, found, unexamined
from pvws.testing.judging.verdict import Failure, Verdict
from pvws.testing.trial.command import Exit
from pvws.testing.trial.result import Result, Timings
from pvws.testing.verdict import Outcome
from tests.support.evidence import comes

HELD, FAILED, NOT_JUDGED = Outcome.HELD, Outcome.FAILED, Outcome.NOT_JUDGED
CASE = Case(id="made.up", purpose="It is made up.", reference="nowhere", script="duration: 1s\n")
FAILURE = Failure("the client", 1, 0, "that it comes", "nobody", ("0.000 s  [1] began a handshake",))
HOLDS, FAILS = Verdict(Connects(), HELD), Verdict(Connects(), FAILED, failed=1, failures=(FAILURE,))
UNJUDGED = Verdict(Connects(), NOT_JUDGED, "nobody has connected")
ENOUGH = Result(ending="enough", exit=Exit(0), verdicts=(HOLDS,), timings=Timings(command=2_500_000), output="a\n\nb\n")
EXITED = structs.replace(ENOUGH, ending="exited", exit=Exit(3))


def of(*results: Result, case: Case = CASE, is_over: bool = True, came: bool = True) -> Finding:
    return found(case, results, is_over=is_over, came=came, waited_s=30.0)


@pytest.mark.parametrize(
    ("finding", "outcome", "why"),
    [
        (of(ENOUGH), HELD, ""),
        (of(ENOUGH, structs.replace(ENOUGH, verdicts=(FAILS,))), FAILED, ""),
        (of(structs.replace(ENOUGH, verdicts=(UNJUDGED,))), NOT_JUDGED, "connects: nobody has connected"),
        (of(structs.replace(ENOUGH, verdicts=(UNJUDGED, FAILS))), FAILED, ""),
        (of(ENOUGH, came=False), NOT_JUDGED, "it had not connected within 30 s"),
        (of(structs.replace(ENOUGH, facts=comes(0)), came=False), NOT_JUDGED, "it had not subscribed within 30 s"),
        (of(EXITED, came=False), NOT_JUDGED, "it exited with 3 after 2.5 s, and had not connected"),
        (
            of(ENOUGH, came=False, case=structs.replace(CASE, begin="handshake")),
            NOT_JUDGED,
            "it had not connected within 30 s",
        ),
        (of(EXITED, is_over=False), NOT_JUDGED, "it exited with 3 after 2.5 s, before the case was over"),
        (of(EXITED), HELD, ""),
        (of(EXITED, is_over=False, case=structs.replace(CASE, may_end=True)), HELD, ""),
        (
            of(structs.replace(EXITED, verdicts=(UNJUDGED,))),
            NOT_JUDGED,
            "connects: nobody has connected; it exited with 3",
        ),
        (of(structs.replace(EXITED, verdicts=(FAILS,)), is_over=False), FAILED, ""),
        (
            of(ENOUGH, case=structs.replace(CASE, rules=(lambda results: Part("x", FAILED, lines=("x", " y")),))),
            FAILED,
            "",
        ),
    ],
)
def test_what_comes_of_a_case(finding: Finding, outcome: Outcome, why: str) -> None:
    assert (finding.outcome, finding.why) == (outcome, why)


def test_of_who_has_not_come_so_far_is_told_how_far_it_has() -> None:
    finding = of(structs.replace(ENOUGH, facts=comes(0)), came=False)
    assert [line.split("s  ")[-1] for line in finding.details] == [
        "not judged: it had not subscribed within 30 s",
        "[1] began a handshake",
        "[1] connected",
    ]


def test_a_failure_is_told_with_its_evidence() -> None:
    finding = of(structs.replace(ENOUGH, verdicts=(HOLDS, FAILS)))
    assert finding.summary == "the client (connection 1): expected that it comes; found nobody"
    assert finding.details == [*FAILS.lines]
    assert (finding.output, finding.seconds) == (["a", "b"], 2.5)
    assert of(ENOUGH).details == []


@pytest.mark.parametrize(
    ("results", "ended"),
    [
        ([ENOUGH], "exited with 0 when it was asked to end"),
        ([EXITED], "exited with 3 by itself"),
        ([structs.replace(ENOUGH, exit=Exit(None, 9, forced=True))], "was killed when it was asked to end"),
        ([ENOUGH, ENOUGH], "exited with 0 when it was asked to end"),
        ([ENOUGH, EXITED], "exited with 0 when it was asked to end and exited with 3 by itself"),
    ],
)
def test_how_the_command_has_ended_is_told(results: list[Result], ended: str) -> None:
    assert of(*results).ended == ended


def test_a_card_passes_if_every_case_has_held() -> None:
    good, bad, left = of(ENOUGH), of(structs.replace(ENOUGH, verdicts=(FAILS,))), unexamined(CASE, "why")
    assert Card(command=("a",), findings=[good, good]).passed
    card = Card(command=("node", "my client.js"), findings=[good, bad, left])
    assert not card.passed
    assert [len(card.of(outcome)) for outcome in Outcome] == [1, 1, 1]
    assert card.again(CASE) == "pvws check client --case made.up -- node 'my client.js'"
    assert (left.why, left.details, left.trials) == ("why", ["not judged: why"], 0)
