"""What is lacking: files that should have more copies, and are tried again."""

from collections.abc import Callable
from itertools import islice

from mypy_extensions import mypyc_attr

from pvws.sim.kernel import Kernel

__all__ = ["RETRY_FILES_MAX", "RETRY_MICROS", "Lacking"]

RETRY_MICROS = 1_000_000
"""After something has changed, files that lack copies are tried again so much later …"""

RETRY_FILES_MAX = 256
"""… so many at a time."""


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Lacking(dict[str, None]):
    """Keys of files that should have more copies, and for which there was no place, or nobody to copy from.

    `repair` makes what copies of one it can; when that is not all, it puts the key in again.
    """

    __slots__ = ("_kernel", "_left", "_repair", "_trying")

    def __init__(self, kernel: Kernel, repair: Callable[[str], None]) -> None:
        super().__init__()
        self._kernel = kernel
        self._repair = repair
        self._left = 0
        self._trying = False

    def reconsider(self) -> None:
        """There may be places now, or somebody to copy from: try all of them, in a moment."""
        self._left = len(self)
        if self._left and not self._trying:
            self._trying = True
            self._kernel.after(RETRY_MICROS, self._try)

    def _try(self, _: None) -> None:
        self._trying = False
        for key in list(islice(self, min(self._left, RETRY_FILES_MAX))):
            self._left -= 1
            del self[key]
            self._repair(key)
        if self._left > 0 and self:
            self._trying = True
            self._kernel.after(RETRY_MICROS, self._try)
