"""The scenario language: what a script may say, and the director who plays it. Pure."""
