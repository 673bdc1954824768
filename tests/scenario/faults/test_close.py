import pytest

from pvws.errors import InputError
from pvws.scenario.faults.close import Close
from pvws.scenario.faults.spec import read_fault
from tests.support.victims import begun


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("close: 1012", 1012, ""),
        ("close: {code: 4000, reason: maintenance}", 4000, "maintenance"),
        ("close: 1006", 1006, ""),
        ("close: 0", 0, ""),
        ("close: none", None, ""),
    ],
)
def test_it_closes_with_any_code_and_reason_and_counts_that(text: str, code: int | None, reason: str) -> None:
    victim, undo = begun(text)
    assert victim.done == [("part", code, reason)]
    assert victim.counts == {"closed": 1}
    assert undo is None
    assert str(read_fault(text)) == text


def test_a_code_alone_will_do() -> None:
    assert read_fault("close: 1012").fault == Close(1012)
    assert Close.momentary


@pytest.mark.parametrize("code", ["65536", "-1", "on", "1012.5", "going"])
def test_a_code_has_two_bytes(code: str) -> None:
    with pytest.raises(InputError, match="close: expected a close code from 0 to 65535, or none, got"):
        read_fault(f"close: {code}")


@pytest.mark.parametrize("code", ["1012", "none"])
def test_a_reason_fits_into_the_frame(code: str) -> None:
    with pytest.raises(InputError, match="123 bytes"):
        read_fault(f"close: {{code: {code}, reason: {'x' * 124}}}")


def test_without_a_code_there_is_no_reason() -> None:
    with pytest.raises(InputError, match="a code, with which alone a close frame has a reason"):
        read_fault("close: {code: none, reason: why}")
