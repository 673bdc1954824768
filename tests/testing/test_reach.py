"""Who missed what, by what others got: told in order, exactly, and with bounds."""

from collections import Counter
from collections.abc import Iterable
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from pvws.testing import reach
from pvws.testing.reach import EVENTS_KEPT, NEWER_S, Reach, Reached, Took


class Listening:
    """Clients of one topic, and what was told of its events."""

    def __init__(self, clients: int) -> None:
        self.told: list[Reached] = []
        self.reach = Reach(self.told.append)
        self.places = [self.reach.join("alerts") for _ in range(clients)]

    def got(self, client: int, texts: Iterable[str], at: float = 0.0) -> list[Took]:
        return [self.places[client].took(text, at) for text in texts]


def test_an_event_has_reached_everybody_when_the_last_has_got_it() -> None:
    listening = Listening(3)
    for client in range(3):
        listening.got(client, "a")
    listening.told.clear()
    listening.got(0, "b", at=10.0)
    listening.got(1, "b", at=10.5)
    assert not listening.told
    listening.got(2, "b", at=12.0)
    assert listening.told == [Reached("alerts", 2.0, 0, 3)]


def test_what_others_got_and_one_has_not_though_it_got_what_is_much_newer_it_has_missed() -> None:
    listening = Listening(2)
    listening.got(0, "a")
    listening.got(1, "a")
    listening.told.clear()
    listening.got(0, "bc", at=10.0)
    assert listening.got(1, "c", at=10.0) == [Took()], "it might still come"
    listening.got(0, "d", at=10.0 + NEWER_S)
    assert listening.got(1, "d", at=20.0) == [Took(missed=1)]
    assert sorted(listening.told) == [
        Reached("alerts", 0.0, 0, 2),
        Reached("alerts", 0.0, 1, 2),
        Reached("alerts", 5.0, 0, 2),
    ]


def test_who_is_far_behind_and_shows_what_the_others_missed_has_missed_nothing() -> None:
    listening = Listening(2)
    listening.got(0, "a")
    listening.got(1, "a")
    listening.got(0, "cde", at=1.0)
    assert listening.got(1, "bcde", at=100.0) == [Took()] * 4
    listening.got(1, "f", at=101.0)
    assert listening.got(0, "f", at=101.0) == [Took()], "b was seen a second ago"
    listening.got(1, "g", at=106.0)
    assert listening.got(0, "g", at=106.0) == [Took(missed=1)]


def test_it_makes_no_difference_that_the_first_to_get_something_is_the_one_who_misses() -> None:
    listening = Listening(2)
    listening.got(0, "a")
    listening.got(1, "a")
    listening.got(0, "cd")
    assert listening.got(1, "bcd") == [Took()] * 3
    assert listening.places[0].leave(asked_at=1.0) == 1
    assert listening.places[1].leave(asked_at=1.0) == 0


def test_what_overtakes_another_loses_nothing() -> None:
    listening = Listening(2)
    listening.got(0, "abcd")
    assert listening.got(1, "acbd") == [Took()] * 4
    assert [each.missed for each in listening.told] == [0] * 4


def test_what_comes_twice_is_said() -> None:
    listening = Listening(1)
    assert listening.got(0, "abba") == [Took(), Took(), Took(again=True), Took(again=True)]


def test_who_comes_later_is_compared_from_its_first_event_on() -> None:
    listening = Listening(2)
    listening.got(0, "abc")
    assert [each.of for each in listening.told] == [1, 1, 1]
    assert listening.got(1, "b") == [Took()]
    assert listening.got(1, "d") == [Took()]
    listening.got(0, "d")
    assert listening.told[3:] == [Reached("alerts", 0.0, 0, 2)]
    assert listening.places[1].leave(asked_at=1.0) == 1, "c, which was told of already"
    assert len(listening.told) == 4


def test_who_was_cut_is_not_waited_for_and_has_missed_nothing() -> None:
    listening = Listening(2)
    listening.got(0, "a")
    listening.got(1, "a")
    listening.told.clear()
    listening.got(0, "bc")
    assert listening.places[1].leave() == 0
    assert listening.told == [Reached("alerts", 0.0, 0, 1)] * 2
    assert listening.places[1].leave() == 0
    assert listening.got(1, "c") == [Took()], "it may come again"


def test_who_says_goodbye_has_missed_what_others_had_got_by_then() -> None:
    listening = Listening(2)
    listening.got(0, "a")
    listening.got(1, "a")
    listening.got(0, "b", at=1.0)
    listening.got(0, "c", at=3.0)
    assert listening.places[1].leave(asked_at=2.0) == 1
    assert [(each.missed, each.of) for each in listening.told[-2:]] == [(1, 2), (0, 1)]


def test_topics_are_apart() -> None:
    listening = Listening(1)
    other = listening.reach.join("system")
    listening.got(0, "ab")
    assert [other.took(text, 0.0) for text in "ba"] == [Took(), Took()]


def test_what_is_remembered_has_a_bound() -> None:
    listening = Listening(1)
    for number in range(EVENTS_KEPT * 3):
        listening.places[0].took(str(number), 0.0)
    stream = listening.places[0]._stream
    assert len(stream._log) == len(stream._by_key) == EVENTS_KEPT
    assert len(listening.told) == EVENTS_KEPT * 3


def test_who_is_too_far_behind_is_not_compared_any_more_and_held_against_nobody() -> None:
    listening = Listening(2)
    listening.got(0, "a")
    listening.got(1, "a")
    listening.told.clear()
    with patch.object(reach, "EVENTS_BEHIND_MAX", 100):
        for number in range(110):
            listening.places[0].took(str(number), 0.0)
    assert not listening.places[1].compared
    assert listening.places[1].took("0", 0.0) == Took()
    assert listening.told == [Reached("alerts", 0.0, 0, 1)] * 110


@given(
    st.lists(st.lists(st.booleans(), min_size=30, max_size=30), min_size=2, max_size=4),
    st.lists(st.integers(0, 3), max_size=150),
)
def test_however_far_ahead_whoever_misses_something_is_what_each_misses_is_exactly_what_only_others_got(
    losses: list[list[bool]], turns: list[int]
) -> None:
    clients = len(losses)
    listening = Listening(clients)
    # All begin with the same event, so that it is known what each is to get.
    streams = [["first", *(str(number) for number in range(30) if not lost[number])] for lost in losses]
    missed, place = Counter[int](), [1] * clients

    def step(client: int) -> None:
        if place[client] < len(streams[client]):
            took = listening.places[client].took(streams[client][place[client]], 0.0)
            place[client] += 1
            assert took == Took(), "it may still come"

    for client in range(clients):
        listening.got(client, ["first"])
    listening.told.clear()
    for turn in [*turns, *(client for client in range(clients) for _ in range(30))]:
        step(turn % clients)
    for client, each in enumerate(listening.places):
        missed[client] = each.leave(asked_at=1.0)
    known = [number for number in range(30) if not all(lost[number] for lost in losses)]
    assert [missed[client] for client in range(clients)] == [sum(lost[number] for number in known) for lost in losses]
    assert len(listening.told) == len(known)
    assert sum(each.missed for each in listening.told) == missed.total()
    assert all(each.of == clients for each in listening.told)
