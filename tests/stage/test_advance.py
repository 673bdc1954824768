from pvws.errors import PvwsError
from pvws.stage.advance import (
    Advance,
    CantGoBackError,
    ClockError,
    ClockTimeoutError,
    NeverHappenedError,
    NotHeldError,
    Straggler,
)

ADVANCE = Advance(1_704_067_200_000_000, 1_234)


def test_it_is_complete_when_nobody_lags() -> None:
    assert ADVANCE.complete
    assert ADVANCE.timestamp.text == "2024-01-01T00:00:00.000Z"
    assert not Advance(0, 0, stragglers=(Straggler(1, "ab", "slow"),)).complete


def test_a_straggler_is_told_in_words() -> None:
    said = [str(Straggler(3, "0123456789abcdef", why, 1_200, 70_000)) for why in ("stalled", "slow", "silent")]  # type: ignore[arg-type]
    assert said == [
        "client 3 (01234567): takes nothing, 1,200 messages, 70,000 bytes waiting",
        "client 3 (01234567): 1,200 messages, 70,000 bytes waiting",
        "client 3 (01234567): did not answer a ping",
    ]


def test_what_goes_wrong_with_a_clock_can_be_caught_apart_and_together() -> None:
    errors = [
        NotHeldError(),
        CantGoBackError("no way"),
        ClockTimeoutError(2.5, ADVANCE),
        NeverHappenedError("rain", ADVANCE),
    ]
    assert all(isinstance(error, ClockError) and isinstance(error, PvwsError) for error in errors)
    assert [str(error) for error in errors] == [
        "the clock runs; hold it before it is moved by hand",
        "the clock can't be set back: no way",
        "after 2.5 s of real time the clock had come to 2024-01-01T00:00:00.000Z and no further",
        "rain did not happen until 2024-01-01T00:00:00.000Z, in 1,234 events",
    ]
