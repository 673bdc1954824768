"""A source of events, a pacer and a hub, composed: what every command that serves starts."""
