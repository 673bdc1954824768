import pytest

from pvws.client.topics import checked_topics
from pvws.errors import InputError
from pvws.wire.topics import Topic


def test_names_are_topics_each_once_in_their_order() -> None:
    assert checked_topics(["system", "alerts", "system"]) == (Topic.SYSTEM, Topic.ALERTS)
    assert checked_topics(topic for topic in (Topic.ALERTS,)) == (Topic.ALERTS,)
    assert checked_topics([]) == ()


def test_one_name_alone_is_no_list_of_letters() -> None:
    assert checked_topics("alerts") == (Topic.ALERTS,)


def test_every_wrong_name_is_said_with_the_nearest_right_one() -> None:
    with pytest.raises(InputError) as caught:
        checked_topics(["alert", "system", "xyz", 7])  # type: ignore[list-item]
    assert str(caught.value).split("\n") == [
        "topics: expected some of file_operations, peer_network, system, alerts, got 'alert' (did you mean alerts?)",
        "topics: expected some of file_operations, peer_network, system, alerts, got 'xyz'",
        "topics: expected some of file_operations, peer_network, system, alerts, got 7",
    ]


def test_what_is_no_list_of_names_is_said_as_a_name_that_is_none() -> None:
    with pytest.raises(InputError, match=r"topics: expected some of .*, got None"):
        checked_topics(None)  # type: ignore[arg-type]
