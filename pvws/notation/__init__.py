"""YAML texts as trees that know their lines, and trees as typed values with every problem told. Pure."""
