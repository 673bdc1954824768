"""Traffic: figures of the time between two readings, and one total."""

from pvws.world.traffic import Traffic, Window

SECOND = 1_000_000


def test_rates_and_means_are_those_of_the_time_since_the_last_reading() -> None:
    traffic = Traffic(5 * SECOND)
    traffic.request(300, 200_000)
    traffic.request(100, 400_000)
    traffic.failure()
    assert traffic.read(7 * SECOND) == Window(
        requests_per_second=1.5, average_response_time=0.3, bytes_per_second=200.0, error_rate=0.333333
    )
    assert traffic.read(8 * SECOND) == Window(0.0, 0.0, 0.0, 0.0)


def test_all_bytes_are_counted_for_ever() -> None:
    traffic = Traffic(0)
    traffic.request(300, 1)
    traffic.read(SECOND)
    traffic.request(200, 1)
    assert traffic.bytes_transferred == 500


def test_two_readings_at_one_instant_divide_nothing_by_zero() -> None:
    traffic = Traffic(0)
    traffic.request(1, 1)
    assert traffic.read(0).requests_per_second == SECOND
    assert traffic.read(0).requests_per_second == 0


def test_failures_alone_have_no_response_time() -> None:
    traffic = Traffic(0)
    traffic.failure()
    assert traffic.read(SECOND) == Window(1.0, 0.0, 0.0, 1.0)
