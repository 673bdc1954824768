"""Discrete-event simulation without a clock: instants, an agenda, named random streams, a kernel. Pure."""
