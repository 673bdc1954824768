"""The four topics of the API."""

from enum import StrEnum

__all__ = ["TOPICS", "Topic"]


class Topic(StrEnum):
    """What a client subscribes to (API documentation, "Available Topics")."""

    FILE_OPERATIONS = "file_operations"
    PEER_NETWORK = "peer_network"
    SYSTEM = "system"
    ALERTS = "alerts"


TOPICS: tuple[Topic, ...] = tuple(Topic)
"""All topics, in the documentation's order."""
