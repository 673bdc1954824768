import pytest

from pvws.answers import Mistake, ProblemDocument
from pvws.client.control.errors import ControlError, ControlTimeoutError, mistake_text
from pvws.errors import PvwsError


def test_the_servers_sentence_is_the_errors_text_and_its_facts_are_attributes() -> None:
    mistake = Mistake(path="data.level", expected="one of info, warning, critical", found='"bad"', hint="…")
    error = ControlError(
        ProblemDocument(status=422, type="urn:pvws:problem:invalid", detail="it is wrong", errors=[mistake])
    )
    assert str(error) == "it is wrong"
    assert (error.status, error.type, error.detail, error.errors) == (
        422,
        "urn:pvws:problem:invalid",
        "it is wrong",
        [mistake],
    )
    assert error.exit_code == 2
    assert isinstance(error, PvwsError)


def test_several_mistakes_stand_below_each_other() -> None:
    one = Mistake(path="duration", expected="a duration", found='"soon"', file="a.yaml", line=3, column=1)
    other = Mistake(path="seed", expected="a whole number", hint="such as 7")
    error = ControlError(ProblemDocument(status=422, detail="a.yaml:3:1 … (and 1 more)", errors=[one, other]))
    assert str(error).splitlines() == [
        'a.yaml:3:1: duration: expected a duration, got "soon"',
        "seed: expected a whole number (such as 7)",
    ]


def test_a_mistake_of_the_whole_has_no_place() -> None:
    assert mistake_text(Mistake("", "JSON")) == "expected JSON"


def test_what_did_not_come_in_time_is_no_wrong_input() -> None:
    assert ControlTimeoutError(ProblemDocument(status=408, detail="late")).exit_code == 1
    assert ControlTimeoutError(ProblemDocument(status=408)).entries == []


def test_what_never_happened_is_no_wrong_input() -> None:
    problem = ProblemDocument(type="urn:pvws:problem:never-happened", status=409, detail="it did not happen")
    assert ControlError(problem).exit_code == 1


def test_a_mistake_of_the_server_is_none_of_the_callers() -> None:
    assert ControlError(ProblemDocument(status=500, title="A mistake of pvws")).exit_code == 1


def test_a_problem_without_words_still_says_something() -> None:
    assert str(ControlError(ProblemDocument(status=418))) == "the server answered HTTP 418"
    assert str(ControlError(ProblemDocument(status=404, title="There is no such world"))) == "There is no such world"


@pytest.mark.parametrize(("kind", "status"), [("no-source", 502), ("silent-source", 504)])
def test_who_is_not_there_to_do_it_is_told_as_a_server_that_is_not_there(kind: str, status: int) -> None:
    assert ControlError(ProblemDocument(status=status, type=f"urn:pvws:problem:{kind}")).exit_code == 3
