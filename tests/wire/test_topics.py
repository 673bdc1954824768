"""The four topics."""

from pvws.wire.topics import TOPICS, Topic


def test_there_are_the_four_documented_topics_in_the_documented_order() -> None:
    assert TOPICS == ("file_operations", "peer_network", "system", "alerts")
    assert tuple(Topic) == TOPICS


def test_a_topic_is_its_name_on_the_wire() -> None:
    assert Topic("alerts") is Topic.ALERTS
    assert f"{Topic.PEER_NETWORK}" == "peer_network"
