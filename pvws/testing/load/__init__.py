"""The load client: many connections to one server, every byte of which is looked at, and what it measures."""
