"""Trials: a command, in whatever language, run as a client of a stage of its own, and judged."""
