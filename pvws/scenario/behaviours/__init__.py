"""Open-ended processes of a scenario, one file a kind."""
