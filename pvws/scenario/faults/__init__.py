"""The faults: what networks and servers do to clients in real life, each in a file of its own. Pure."""
