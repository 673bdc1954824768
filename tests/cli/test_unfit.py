import pytest

from pvws.cli.unfit import Unfit, held_to
from pvws.client.happenings import Received

DATA = '"data":{"key":"k","node":"n","timestamp":"2024-01-01T00:00:00Z"},"timestamp":"2024-01-01T00:00:00Z"}'
DOCUMENTED = '{"type":"file_deleted","topic":"file_operations",' + DATA
BROADCAST = '{"type":"broadcast","topic":"file_operations",' + DATA
TO_ALL = '{"type":"file_deleted",' + DATA
PONG = '{"type":"pong","timestamp":"2024-01-01T00:00:00Z"}'


def readable(profile: str, text: str) -> bool:
    return held_to(profile, Received(text, 1.0)).message is not None  # type: ignore[arg-type]


def test_each_profile_has_its_own_events_and_the_rest_in_common() -> None:
    assert [readable("documented", text) for text in (DOCUMENTED, BROADCAST, TO_ALL, PONG)] == [
        True,
        False,
        False,
        True,
    ]
    assert [readable("upstream", text) for text in (DOCUMENTED, BROADCAST, TO_ALL, PONG)] == [False, True, True, True]


def test_what_does_not_belong_says_what_would() -> None:
    unfit = held_to("documented", Received(BROADCAST, 5.0))
    assert isinstance(unfit, Unfit)
    assert (unfit.text, unfit.at, unfit.message) == (BROADCAST, 5.0, None)
    assert str(unfit.trouble) == 'type: expected the event\'s type and its topic; got "broadcast"'
    assert 'expected "broadcast" for an event' in str(held_to("upstream", Received(DOCUMENTED, 5.0)).trouble)


@pytest.mark.parametrize("profile", ["documented", "upstream"])
def test_what_is_no_message_anyway_stays_as_it_is(profile: str) -> None:
    for text in ("no json", '{"type":"new"}'):
        received = Received(text, 1.0)
        assert held_to(profile, received) is received  # type: ignore[arg-type]
