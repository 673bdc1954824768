"""The timeline of a scenario: what its script has happen, and when."""
