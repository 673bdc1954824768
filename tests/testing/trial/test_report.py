from typing import Any

from msgspec import structs

from pvws.testing.judging.verdict import Failure, Verdict
from pvws.testing.trial.command import Exit
from pvws.testing.trial.report import Place, TrialReport
from pvws.testing.trial.result import Result, Timings
from pvws.testing.verdict import Outcome
from tests.support.evidence import expectation

HELD = Verdict(expectation("connects, within: 20s"), Outcome.HELD, held=1)
UNJUDGED = Verdict(expectation("reconnects, within: 5s"), Outcome.NOT_JUDGED, "nobody lost a connection")
FAILURE = Failure("the client", 1, 5, "messages of the contract", "s3cret", ("  0.1 s  [1] connected",))
FAILED = Verdict(expectation("sends_valid_messages"), Outcome.FAILED, failed=1, failures=(FAILURE,))
GOOD = Result(
    ending="exited",
    exit=Exit(0),
    verdicts=(HELD,),
    timings=Timings(20_000, 300_000, 310_000, 320_000, 1_230_000),
    output="all is well, s3cret\n",
    attempts=2,
    connections=1,
)


def report(result: Result = GOOD, **changes: Any) -> TrialReport:
    made: dict[str, Any] = {"scenario": "tried", "argv": ("npm", "run my test"), "url": "ws://localhost:1/ws"}
    return TrialReport(result=result, **made | {"secrets": ("s3cret",)} | changes)


def changed(**changes: Any) -> Result:
    return structs.replace(GOOD, **changes)


def test_what_went_well_is_told_in_three_lines() -> None:
    assert list(report().lines()) == [
        "npm 'run my test' exited with 0 after 1.23 s",
        "  2 handshakes, 1 connection; first asked after 0.30 s, connected after 0.31 s, subscribed after 0.32 s",
        "  expectations: 1 held",
    ]


def test_what_did_not_is_told_with_its_evidence_and_without_tokens() -> None:
    lines = list(report(changed(verdicts=(HELD, FAILED))).lines())
    assert lines[2:] == [
        "  expectations: 1 held, 1 failed",
        "    failed: sends_valid_messages",
        "      the client (connection 1): expected messages of the contract; found …",
        "          0.1 s  [1] connected",
    ]


def test_how_the_command_ended_is_told() -> None:
    def first(**changes: Any) -> str:
        return next(report(changed(**changes)).lines())

    assert first(exit=Exit(3)).endswith("exited with 3 after 1.23 s")
    assert first(exit=Exit(None, 11)).endswith("was ended by SIGSEGV after 1.23 s")
    assert first(ending="timed out").endswith("took longer than 1.23 s, and was ended")
    assert first(ending="enough").endswith("was ended after 1.23 s, when enough had been seen of it")
    assert first(ending="stopped").endswith("was ended after 1.23 s, before it was done")


def test_where_something_is_missing_it_says_what_to_do() -> None:
    def advice(**changes: Any) -> str:
        return "\n".join(report(changed(**changes)).advice())

    assert not advice()
    assert advice(attempts=0).startswith(
        "nobody connected to ws://localhost:1/ws: have the command take the address from"
    )
    assert "clients came to other worlds (mine, yours)" in advice(attempts=0, worlds=("mine", "yours"))
    assert "--until scenario has the scenario played to its end first" in advice(verdicts=(UNJUDGED,))
    assert "make the scenario longer" in advice(verdicts=(UNJUDGED,), ending="enough")
    assert "was killed" in advice(exit=Exit(None, 9, forced=True))
    assert "expects nothing of clients" in "\n".join(report(changed(verdicts=())).lines())


def test_a_suite_has_a_case_for_the_command_and_one_for_each_expectation() -> None:
    places = [Place("s.yaml", 7), Place("s.yaml", 8), Place("s.yaml", 9)]
    found = report(changed(verdicts=(HELD, UNJUDGED, FAILED)), places=places, recording="a/run.pvrec.jsonl", seed=5)
    suite = found.suite()
    assert suite.name == "tried"
    assert suite.seconds == 1.25
    assert ("seed", "5") in suite.properties
    assert ("seconds.connected", "0.310") in suite.properties
    command, held, unjudged, failed = suite.cases
    assert (command.name, command.trouble, command.seconds) == ("npm 'run my test'", None, 1.23)
    assert command.out == "all is well, …\n\n[[ATTACHMENT|a/run.pvrec.jsonl]]\n"
    assert (held.name, held.trouble, held.line) == ("connects, within: 20s", None, 7)
    assert (unjudged.trouble, unjudged.kind) == ("failure", "not judged"), "what was not judged has not held"
    assert unjudged.message == "not judged: nobody lost a connection"
    assert (failed.trouble, failed.kind, failed.file, failed.line) == ("failure", "failed", "s.yaml", 9)
    assert failed.message == "the client (connection 1): expected messages of the contract; found …"
    assert "[1] connected" in failed.text


def test_a_command_that_fails_is_a_failure_and_one_that_was_stopped_an_error() -> None:
    def case(**changes: Any) -> tuple[str | None, str]:
        found = report(changed(**changes)).suite().cases[0]
        return found.trouble, found.kind

    assert case(exit=Exit(3)) == ("failure", "exit")
    assert case(ending="timed out") == ("failure", "timeout")
    assert case(ending="enough", exit=Exit(None, 15)) == (None, "")
    assert case(ending="stopped") == ("error", "stopped")


def test_two_expectations_of_the_same_words_are_two_cases() -> None:
    cases = report(changed(verdicts=(HELD, HELD))).suite().cases
    assert [case.name for case in cases[1:]] == ["connects, within: 20s", "connects, within: 20s (2)"]
