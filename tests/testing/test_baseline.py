import pytest

from pvws.errors import InputError
from pvws.testing.baseline import baseline_text, read_baseline
from pvws.testing.verdict import Outcome, Verdict


def test_a_baseline_is_a_list_of_rules() -> None:
    text = "# known\nmessages.ping-pong  # since 1.2\n\nerrors.empty\n"
    assert read_baseline(text, "b") == {"messages.ping-pong", "errors.empty"}
    assert read_baseline('["messages.ping-pong", "errors.empty"]', "b") == {"messages.ping-pong", "errors.empty"}
    assert read_baseline("", "b") == frozenset()


def test_an_unknown_rule_is_told_with_its_line() -> None:
    with pytest.raises(InputError) as caught:
        read_baseline("errors.empty\nerrors.emty\n", "known.txt")
    said = 'known.txt:2: expected the id of a rule, got "errors.emty" (did you mean errors.empty?)'
    assert str(caught.value) == said


def test_a_broken_list_is_told() -> None:
    with pytest.raises(InputError, match=r"^b: expected a JSON list of rule ids"):
        read_baseline("[", "b")


def test_what_fails_now_can_be_written_and_read() -> None:
    verdicts = [Verdict("errors.empty", Outcome.FAILED), Verdict("errors.shape", Outcome.HELD)]
    assert read_baseline(baseline_text(verdicts), "b") == {"errors.empty"}
