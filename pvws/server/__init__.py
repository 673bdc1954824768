"""The server: one listener, and a hub that hands every event to whom it concerns."""
