"""A client of the control plane."""
