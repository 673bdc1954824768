"""Looks for a run of a scenario in which a client fails: seeds, timing, values and faults vary within bounds."""
