import pytest

from pvws.errors import InputError
from pvws.scenario.faults.fault import Fault
from pvws.scenario.faults.spec import KINDS, read_fault


def test_a_value_alone_is_that_of_the_first_field() -> None:
    assert read_fault("close: 1012") == read_fault("close: {code: 1012}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("close: {reason: bye}", "close.code: expected a value, got nothing"),
        ("close: {code: 1012, reasn: bye}", 'expected one of code, reason, got "reasn" (did you mean "reason"?)'),
        ("close: 65536", "close: expected a close code from 0 to 65535, or none, got 65536"),
        ("drop: on", 'drop: expected a percentage between "0%" and "100%", got on'),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_fault(text)
    assert said in str(caught.value)


@pytest.mark.parametrize("word", KINDS)
def test_every_kind_has_a_level_and_says_what_it_is(word: str) -> None:
    kind = KINDS[word]
    assert kind.level in ("message", "connection", "handshake", "listener")
    assert (kind.__doc__ or "").strip()
    assert issubclass(kind, Fault)
