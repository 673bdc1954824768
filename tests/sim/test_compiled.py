"""Whether the engine is compiled: said as it is, here and, in tests/release, of a compiled one."""

from importlib.machinery import EXTENSION_SUFFIXES

from pvws.sim import kernel
from pvws.sim.compiled import COMPILED


def test_it_is_compiled_where_its_kernel_is_an_extension() -> None:
    assert kernel.__file__.endswith(tuple(EXTENSION_SUFFIXES)) == COMPILED
