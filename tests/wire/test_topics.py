"""The four topics."""

from pvws.wire.topics import TOPICS, Topic, topics_text


def test_there_are_the_four_documented_topics_in_the_documented_order() -> None:
    assert TOPICS == ("file_operations", "peer_network", "system", "alerts")
    assert tuple(Topic) == TOPICS


def test_a_topic_is_its_name_on_the_wire() -> None:
    assert Topic("alerts") is Topic.ALERTS
    assert f"{Topic.PEER_NETWORK}" == "peer_network"


def test_a_log_names_topics_in_their_order_and_shows_none_that_is_none() -> None:
    assert topics_text(frozenset(("alerts", "file_operations"))) == "file_operations, alerts"
    assert topics_text(frozenset(("alerts", "secret"))) == "alerts, …"
    assert topics_text(frozenset()) == "nothing"
