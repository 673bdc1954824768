"""Repairs: whose turn it is to be on its way."""

from collections import deque

from mypy_extensions import mypyc_attr

from pvws.world.entities import Transfer

__all__ = ["Repairs"]


@mypyc_attr(allow_interpreted_subclasses=True, serializable=True)
class Repairs:
    """Turns for repairs: so many are `under_way` at a time, the others wait in the order in which they came."""

    __slots__ = ("_at_once", "_waiting", "under_way")

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: deque[Transfer] = deque()
        self.under_way = 0

    def begin(self, transfer: Transfer) -> bool:
        """Whether there is a turn for it now. If not, it waits."""
        if self.under_way < self._at_once:
            self.under_way += 1
            return True
        self._waiting.append(transfer)
        return False

    def end(self) -> Transfer | None:
        """One that was under way is no more. Gives the one whose turn it is now; those that have failed have none."""
        while self._waiting:
            transfer = self._waiting.popleft()
            if transfer.live:
                return transfer
        self.under_way -= 1
        return None
