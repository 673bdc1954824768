"""The four topics of the API."""

from enum import StrEnum

__all__ = ["TOPICS", "Topic", "topics_text"]


class Topic(StrEnum):
    """What a client subscribes to (API documentation, "Available Topics")."""

    FILE_OPERATIONS = "file_operations"
    PEER_NETWORK = "peer_network"
    SYSTEM = "system"
    ALERTS = "alerts"


TOPICS: tuple[Topic, ...] = tuple(Topic)
"""All topics, in the documentation's order."""


def topics_text(topics: frozenset[str]) -> str:
    """Topics as a log names them; one that is none may be a token (quirk `any_topic`), and is not shown."""
    named = [topic for topic in TOPICS if topic in topics]
    return ", ".join(named + ["…"] * (len(topics) > len(named))) or "nothing"
