"""Whether the engine that runs here is compiled, as in wheels that mypyc has been at, or interpreted."""

from typing import Final

from pvws.sim import kernel

__all__ = ["COMPILED"]

COMPILED: Final = not kernel.__file__.endswith(".py")
"""Both give the same events; a compiled engine takes six tenths of the machine instructions for them."""
