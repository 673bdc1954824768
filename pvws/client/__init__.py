"""The client: connects, subscribes, and comes back when the connection is lost."""
