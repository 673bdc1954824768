"""One client's rules without I/O: what to do about each message it sends. Pure."""
