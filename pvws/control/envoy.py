"""Answers what other servers of a bus ask of a control plane. What that takes is imported when somebody asks."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pvws.control.plane import Plane
    from pvws.stage.company import Company

__all__ = ["Envoy"]


class Envoy:
    """Has a plane, which `make` gives, do what others of a company ask of it, for as long as this is entered.

    Whoever may use the bus may ask: no token is needed, and nothing has to listen.
    """

    def __init__(self, company: "Company | None", make: Callable[[], "Plane"]) -> None:
        self._company = company
        self._make = make
        self._application: Any = None

    async def __aenter__(self) -> "Envoy":
        if self._company is not None:
            await self._company.answer(self._do)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._company is not None:
            await self._company.close()

    async def _do(self, question: bytes, left: asyncio.Event) -> bytes:
        assert self._company is not None, "nobody else asks"
        app, carried, _ = await asyncio.to_thread(_import)
        if self._application is None:
            self._application = app.application(self._make(), None)
        answer: bytes = await carried.done(self._application, self._company, question, left)
        return answer


def _import() -> list[Any]:
    return [import_module(f"pvws.control.{name}") for name in ("app", "carried", "table")]
