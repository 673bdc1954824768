"""Judges clients: what a script expects of them, against what a stage has seen of them."""
