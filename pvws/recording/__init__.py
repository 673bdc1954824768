"""Streams kept in files: what is read from them and written to them."""
