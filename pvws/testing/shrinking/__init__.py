"""Makes a run in which a client fails as short as it can be: delta debugging of scenarios and recordings."""
