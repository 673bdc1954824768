from pvws.limits import RATE_SECONDS_MAX
from pvws.terminal.rates import Rates


def test_a_rate_is_exact_however_often_it_is_looked_at() -> None:
    often, seldom = Rates[str](), Rates[str]()
    for tenth in range(61):
        counts = {"a": tenth * 100, "b": 0}
        often.look(counts, 10 + tenth / 10)
        if tenth % 30 == 0:
            seldom.look(counts, 10 + tenth / 10)
    assert often.series("a") == seldom.series("a") == [1000.0] * 6
    assert often.rate("a") == 1000.0
    assert often.series("b") == [0.0] * 6
    assert often.rate("nothing") == 0.0


def test_the_rate_is_that_of_the_last_seconds() -> None:
    rates = Rates[str]()
    for second, count in enumerate([0, 10, 20, 320, 620, 920]):
        rates.look({"a": count}, float(second))
    assert rates.series("a") == [10, 10, 300, 300, 300]
    assert rates.rate("a") == 300


def test_a_clock_that_is_set_back_begins_anew() -> None:
    rates = Rates[str]()
    rates.look({"a": 5}, 100.0)
    rates.look({"a": 10}, 50.0)
    rates.look({"a": 20}, 51.0)
    assert rates.series("a") == [10.0]


def test_before_the_first_second_is_over_there_is_no_rate() -> None:
    rates = Rates[str]()
    rates.look({"a": 0}, 0.0)
    rates.look({"a": 9}, 0.9)
    assert (rates.rate("a"), rates.series("a")) == (0.0, [])


def test_the_past_has_a_bound() -> None:
    rates = Rates[str]()
    for second in range(3 * RATE_SECONDS_MAX):
        rates.look({"a": second}, float(second))
    rates.look({"a": 10**9}, 1e9)
    assert len(rates.series("a")) == RATE_SECONDS_MAX
