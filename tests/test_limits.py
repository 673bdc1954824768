"""Bounds: those that documentation and contract fix have their values, and together they make sense."""

from pvws import limits


def test_the_documented_bounds_have_their_documented_values() -> None:
    assert limits.MESSAGE_BYTES_MAX == 1024 * 1024


def test_the_bounds_of_the_contract_have_its_values() -> None:
    assert limits.MESSAGE_DEPTH_MAX == 64
    assert limits.INTEGER_MAX == 9_007_199_254_740_991
    assert limits.WORLDS_MAX == 256
    assert limits.WORLD_LINGER_S == 10
    assert limits.BACKLOG_BYTES_MAX == 4_194_304
    assert limits.BACKLOG_MESSAGES_MAX == 8_192
    assert limits.TURN_BYTES_MAX == 256 * 1024
    assert limits.SOCKET_SEND_BUFFER_BYTES == 128 * 1024


def test_a_message_of_full_size_fits_into_the_backlog() -> None:
    assert limits.MESSAGE_BYTES_MAX < limits.BACKLOG_BYTES_MAX


def test_every_bound_is_a_positive_number() -> None:
    assert all(getattr(limits, name) > 0 for name in limits.__all__)
