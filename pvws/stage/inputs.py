"""What clients and controllers did in the run that plays, and how that run is made afresh with it."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from pvws.limits import INPUTS_BYTES_MAX, INPUTS_KEPT_MAX
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Input, Order, Source
from pvws.stage.advance import CantGoBackError
from pvws.stage.past import Past
from pvws.stage.steering import Remake
from pvws.units import size_text

__all__ = ["Inputs"]


class _Packed(Struct, frozen=True, gc=False):
    """An order whose step is a text: a tenth of what that takes as a mapping, and a controller may give thousands."""

    at: Instant
    step: str
    rule: str
    behind: bool


_Kept: TypeAlias = ClientInput | _Packed


class Inputs:
    """Keeps the inputs of a run that `remake` can make afresh, and with them the way back to any of its instants.

    There is a bound on how many are kept. Once they are more the run can't be made afresh any longer: without one of
    its inputs it would be another.
    """

    def __init__(self, remake: Remake | None = None) -> None:
        self._remake = remake
        self._kept: list[_Kept] = []
        self._bytes = 0
        self._are_lost = False
        self.past = Past()
        """What was made afresh to be asked."""

    def all(self) -> Sequence[Input]:
        """Those that are kept, in order: none where the run can't be made afresh anyway."""
        return tuple(map(_unpacked, self._kept))

    def keep(self, given: ClientInput | Order) -> None:
        """One more, which takes effect behind all before it."""
        kept = _packed(given)
        self._bytes += _size(kept)
        too_many = len(self._kept) >= INPUTS_KEPT_MAX or self._bytes > INPUTS_BYTES_MAX
        if self._remake is not None and not too_many:
            self._kept.append(kept)
        else:
            self._are_lost = True

    def way_to(self, at: Instant) -> Callable[[], Source]:
        """How to get the source as it was when everything up to and including an instant had happened: to be called, in
        another thread too, since it touches nothing that plays. Raises CantGoBackError.

        It begins at a snapshot, where somebody who asked before has left one.
        """
        self._check()
        return partial(self._come_to, at, tuple(self._kept), self.past)

    def _come_to(self, at: Instant, kept: Sequence[_Kept], past: Past) -> Source:
        known = next((place for place, each in enumerate(kept) if each.at > at), len(kept))
        found = past.nearest(at)
        if found is None:
            source: Source = self._fresh(at, kept)
        else:
            source, told = found
            for each in kept[told:known]:
                given = _unpacked(each)
                if isinstance(given, Order):
                    source.order(given)
                else:
                    source.tell(given)
            known = max(known, told)
        past.play(source, at, known)
        return source

    def remade(self, until: Instant) -> Source:
        """The source afresh, with what was done by an instant. Raises CantGoBackError."""
        self._check()
        return self._fresh(until, self._kept)

    def _check(self) -> None:
        if self._remake is None:
            raise CantGoBackError("what plays can't be made afresh")
        if self._are_lost:
            most = f"{INPUTS_KEPT_MAX:,} things, {size_text(INPUTS_BYTES_MAX)} of messages"
            raise CantGoBackError(f"clients and controllers did more than is remembered ({most})")

    def _fresh(self, until: Instant, kept: Sequence[_Kept]) -> Source:
        assert self._remake is not None, "that was looked at before"
        return self._remake(tuple(_unpacked(each) for each in kept if each.at <= until))

    def forget_after(self, until: Instant) -> None:
        """Time is set back: what was done after an instant has not happened."""
        self._kept = [each for each in self._kept if each.at <= until]
        self._bytes = sum(map(_size, self._kept))
        self.past = self.past.until(until, len(self._kept))


def _packed(given: ClientInput | Order) -> _Kept:
    return _Packed(given.at, json.dumps(given.step), given.rule, given.behind) if isinstance(given, Order) else given


def _unpacked(kept: _Kept) -> ClientInput | Order:
    return Order(kept.at, json.loads(kept.step), kept.rule, kept.behind) if isinstance(kept, _Packed) else kept


def _size(kept: _Kept) -> int:
    if isinstance(kept, _Packed):
        return len(kept.step)
    return len(kept.message)
