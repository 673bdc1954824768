"""A world of one's own, for as long as one holds it."""

from types import TracebackType
from typing import TYPE_CHECKING, Any

from pvws import units
from pvws.answers import WorldInfo
from pvws.client.control.errors import ControlError
from pvws.client.control.transport import Renewal
from pvws.client.control.values import segment
from pvws.errors import InputError, Problem

if TYPE_CHECKING:
    from pvws.client.control.control import Control

__all__ = ["Lease"]

_NOT_FOUND = 404
_RENEWALS = 3  # in the time of a lease: two may fail


class Lease:
    """Makes a world and holds it while it is entered; made by `Control.world`.

    It is renewed meanwhile, so that it ends by itself, after its `ttl`, where this program dies. `control` steers it,
    and clients join it at `url`. On leaving it ends, and its clients are told goodbye.
    """

    def __init__(self, control: "Control", name: str, ttl: str, wishes: dict[str, Any]) -> None:
        self.name = name
        """What it is called: `?world=NAME`."""
        self.control = control
        """Steers this world."""
        self._wishes = wishes | {"ttl": ttl}
        self._period_s = _seconds(ttl) / _RENEWALS
        self._url = ""
        self._renewal: Renewal | None = None

    @property
    def url(self) -> str:
        """Where clients join it, once it is entered."""
        return self._url

    async def renew(self) -> WorldInfo:
        """Hold it for its whole `ttl` from now on, and make it if it is not there."""
        path = f"/v1/worlds/{segment(self.name)}"
        return await self.control.ask("PUT", path, WorldInfo, body=self._wishes)

    async def release(self) -> None:
        """Hold it no more: it ends. A second time does nothing."""
        renewal, self._renewal = self._renewal, None
        if renewal is not None:
            await renewal.stop()
            try:
                await self.control.end_world(self.name)
            except ControlError as error:
                if error.status != _NOT_FOUND:  # it has ended already
                    raise

    async def __aenter__(self) -> "Lease":
        self._url = (await self.renew()).url
        self._renewal = Renewal(self.renew, self._period_s)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.release()


def _seconds(ttl: str) -> float:
    try:
        micros = units.duration(ttl)
    except ValueError as error:
        raise InputError(Problem("ttl", str(error), f'"{ttl}"')) from None
    if not micros:
        raise InputError(Problem("ttl", "a duration above 0", f'"{ttl}"'))
    return micros / 1_000_000
