"""Profiles: pieces that follow one another without a gap, and a day that is one on average."""

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvws.sim.profile import DAY, FOREVER, Bursts, Daily, Level, Piece, Product, Profile, Ramp

SECOND = 1_000_000
INSTANTS = st.integers(-(10**16), 10**17)
VALUES = st.floats(0, 1e6)
BURSTS = st.builds(
    lambda factor, length, rest, begin: Bursts(factor, length + rest, length, begin),
    VALUES,
    st.integers(1, DAY),
    st.integers(1, DAY),
    INSTANTS,
)
SIMPLE = st.one_of(
    st.builds(Level, VALUES),
    BURSTS,
    st.builds(Daily, st.floats(0, 1), INSTANTS, st.integers(24, 10 * DAY)),
    st.builds(Ramp, VALUES, VALUES, INSTANTS, st.integers(1, 100 * DAY)),
)
PROFILES = SIMPLE | st.builds(Product, st.lists(SIMPLE, min_size=1, max_size=4).map(tuple))


def integral(profile: Profile, begin: int, end: int) -> float:
    """Over seconds, piece by piece."""
    total, at = 0.0, begin
    while at < end:
        piece = profile.piece(at)
        until = min(piece.end, end)
        total += (piece.at(at) + piece.at(until)) / 2 * ((until - at) / SECOND)
        at = until
    return total


@given(PROFILES, INSTANTS)
def test_pieces_follow_one_another_without_a_gap(profile: Profile, at: int) -> None:
    piece = profile.piece(at)
    for _ in range(30):
        assert piece.begin <= at < piece.end
        assert profile.piece(piece.end - 1) == piece
        assert piece.begin == -FOREVER or profile.piece(piece.begin) == piece
        assert piece.at(piece.begin) == piece.first >= 0
        assert piece.at(piece.end) == pytest.approx(piece.last, rel=1e-12, abs=1e-12 * piece.first)
        assert piece.last >= 0
        if piece.end == FOREVER:
            assert piece.first == piece.last, "what never ends has no slope"
            break
        at = piece.end
        piece = profile.piece(at)


@given(PROFILES.filter(lambda profile: not isinstance(profile, Product)), INSTANTS, st.integers(0, 1_000))
def test_a_profile_repeats_itself_once_it_is_settled(profile: Profile, after: int, periods: int) -> None:
    at = max(after, profile.settled)
    piece, later = profile.piece(at), profile.piece(at + periods * profile.period)
    assert later.first == piece.first
    assert later.last == piece.last
    if profile.period:
        assert later.end - piece.end == periods * profile.period


def test_a_burst_is_at_the_beginning_of_each_period() -> None:
    bursts = Bursts(5.0, every=60 * SECOND, length=10 * SECOND, begin=7)
    assert bursts.piece(7) == Piece(7, 7 + 10 * SECOND, 5.0, 5.0)
    assert bursts.piece(7 + 10 * SECOND) == Piece(7 + 10 * SECOND, 7 + 60 * SECOND, 1.0, 1.0)
    assert bursts.piece(7 + 60 * SECOND).first == 5.0
    assert bursts.piece(6) == Piece(7 - 50 * SECOND, 7, 1.0, 1.0)


@pytest.mark.parametrize("period", [DAY, DAY // 144, 1_001])
@pytest.mark.parametrize("low", [0.0, 0.25, 1.0])
def test_a_day_is_1_on_average_wherever_it_begins(low: float, period: int) -> None:
    daily = Daily(low, peak=123_456_789, period=period)
    rounded = 1e-12 if period % 24 == 0 else 24 / period  # hours that are no whole microseconds are rounded
    for begin in (0, period // 3, 123_456_789):
        assert integral(daily, begin, begin + period) == pytest.approx(period / SECOND, rel=rounded)


def test_a_day_is_a_cosine_within_1_percent() -> None:
    daily = Daily(0.2, peak=14 * 3600 * SECOND)
    for minute in range(0, 1440, 7):
        at = minute * 60 * SECOND
        expected = 1 + 0.8 * math.cos((minute / 60 - 14) / 24 * 2 * math.pi)
        assert daily.piece(at).at(at) == pytest.approx(expected, abs=0.8 * 0.01)
    for hour in range(24):
        at = hour * 3600 * SECOND
        assert daily.piece(at).first == pytest.approx(1 + 0.8 * math.cos((hour - 14) / 24 * 2 * math.pi), rel=1e-14)
    assert daily.piece(2 * 3600 * SECOND).first == pytest.approx(0.2)
    assert daily.piece(14 * 3600 * SECOND).first == pytest.approx(1.8)


def test_a_ramp_rises_evenly_and_stays() -> None:
    ramp = Ramp(2.0, 10.0, begin=100, over=400)
    assert [ramp.piece(at).at(at) for at in (-5, 99, 100, 200, 300, 499, 500, 9_999)] == [2, 2, 2, 4, 6, 9.98, 10, 10]


@given(st.lists(SIMPLE, min_size=1, max_size=4), INSTANTS)
def test_a_product_is_right_at_every_corner(factors: list[Profile], at: int) -> None:
    product = Product(tuple(factors))
    for _ in range(10):
        piece = product.piece(at)
        if piece.begin > -FOREVER:
            right = math.prod(factor.piece(piece.begin).at(piece.begin) for factor in factors)
            assert piece.first == pytest.approx(right, rel=1e-12)
        if piece.end == FOREVER:
            break
        at = piece.end


def test_a_product_of_a_slope_and_bursts_is_exact() -> None:
    product = Product((Ramp(1.0, 9.0, 0, 80), Bursts(2.0, every=10, length=5)))
    for at in range(80):
        assert product.piece(at).at(at) == pytest.approx((1 + at / 10) * (2 if at % 10 < 5 else 1))


def test_a_product_of_two_slopes_is_off_by_no_more_than_stated() -> None:
    day, ramp = Daily(0.0, 0, 2_400), Ramp(0.0, 10.0, 0, 2_000)
    product = Product((day, ramp))
    for at in range(0, 2_000, 7):
        piece, one, other = product.piece(at), day.piece(at), ramp.piece(at)
        change = (one.at(piece.end) - one.at(piece.begin)) * (other.at(piece.end) - other.at(piece.begin))
        assert abs(piece.at(at) - one.at(at) * other.at(at)) <= abs(change) / 4 + 1e-12


def test_a_product_is_settled_with_the_last_and_repeats_when_all_do() -> None:
    hour = DAY // 24
    product = Product((Level(2.0), Ramp(1.0, 2.0, 5, 10), Bursts(2.0, 30 * hour, 10), Daily(0.5, 0)))
    assert (product.settled, product.period) == (15, 120 * hour)
    at = 15
    for _ in range(200):
        piece, later = product.piece(at), product.piece(at + product.period)
        assert later.end == piece.end + product.period
        assert (later.first, later.last) == pytest.approx((piece.first, piece.last))
        at = piece.end


def test_a_product_of_periods_that_hardly_ever_meet_repeats_nearly() -> None:
    assert Product((Bursts(2.0, 61_000_001, 10), Daily(0.5, 0))).period == 100 * DAY
    assert Product((Level(2.0), Ramp(1.0, 2.0, 5, 10))).period == 0


@given(PROFILES)
def test_a_copy_is_equal(profile: Profile) -> None:
    assert pickle.loads(pickle.dumps(profile, 5)) == profile


def test_what_no_reader_lets_through_is_our_own_mistake() -> None:
    for make in (
        lambda: Level(-1.0),
        lambda: Bursts(-1.0, 10, 5),
        lambda: Bursts(2.0, 10, 0),
        lambda: Bursts(2.0, 10, 10),
        lambda: Daily(1.1, 0),
        lambda: Daily(-0.1, 0),
        lambda: Daily(0.5, 0, 23),
        lambda: Ramp(-1.0, 1.0, 0, 1),
        lambda: Ramp(1.0, -1.0, 0, 1),
        lambda: Ramp(1.0, 1.0, 0, 0),
        lambda: Product(()),
    ):
        with pytest.raises(AssertionError):
            make()
