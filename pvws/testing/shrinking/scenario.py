"""Makes a scenario in which something fails as short as it can be: hierarchical delta debugging over its tree.

Misherghi and Su, HDD: Hierarchical Delta Debugging, ICSE 2006: whole parts go first, then what is in them. Numbers and
times become less at last, and all of it begins again until nothing changes any more.

What is played is made shorter, not what is expected. No candidate is tried that is no scenario.
"""

from collections.abc import Sequence

from pvws.errors import InputError
from pvws.notation.document import Node
from pvws.notation.tree import Path, without
from pvws.scenario.loader import load
from pvws.scenario.schema import Scenario
from pvws.testing.shrinking.ddmin import Fails, fewest, least
from pvws.testing.shrinking.script_parts import (
    Amount,
    amounts,
    cut,
    entries_at,
    instants,
    moved_up,
    parts,
    size_of,
    spelled_out,
    tidied,
)
from pvws.testing.standalone import written_out

__all__ = ["ScenarioShrinking"]

_ROUNDS_MAX = 5
_MILLISECOND = 1_000
_GRAINS = 8  # a time that is by an eighth longer than it need be is short enough: every try takes that time


class ScenarioShrinking:
    """One scenario, made shorter while `run` is awaited; `text` is the shortest found so far, at any time.

    `root` is a script that stands alone, and fails. `fails` is given texts of scenarios, and so many at once; it is to
    remember what it has said. `over` is when the failure was over in stage time, in microseconds, if that is known.
    """

    def __init__(self, root: Node, fails: Fails[str], *, at_once: int = 1, over: int | None = None) -> None:
        scenario = load(written_out(root), "the scenario")
        self._root = tidied(spelled_out(root, scenario.duration, scenario.network.count))
        self._length = scenario.duration
        self._over = over
        self._given = written_out(root)
        self._fails_as_text = fails
        self._at_once = at_once
        self._best = self._root
        self._found = False

    @property
    def text(self) -> str:
        """The shortest scenario so far that fails."""
        return written_out(self._best) if self._found else self._given

    @property
    def scenario(self) -> Scenario:
        """The same, read."""
        return load(self.text, "the scenario")

    async def run(self) -> None:
        """Make it as short as it gets."""
        for _ in range(_ROUNDS_MAX):
            before = written_out(self._root)
            await self._shorten()
            await self._leave_out(parts(self._root))
            for level in range(2, 9):
                await self._leave_out(self._optional(entries_at(self._root, level)))
            for amount in amounts(self._root):
                await self._lessen(amount)
            await self._move_up()
            if written_out(self._root) == before:
                return

    async def _shorten(self) -> None:
        """End as early as it can."""
        high = load(written_out(self._root), "the scenario").duration
        if self._over is not None and (early := _round(self._over * 9 // 8)) < high:
            self._over = None
            if await self._fails(cut(self._root, early)):
                high = early
        low, grain = 0, max(_MILLISECOND, high // _GRAINS)
        shortest = await least(
            low, high, lambda length: self._fails(cut(self._root, _round(length))), self._at_once, grain=grain
        )
        self._root = tidied(cut(self._root, _round(shortest) if shortest < high else high))

    async def _leave_out(self, paths: Sequence[Path]) -> None:
        """Keep the fewest of some parts with which it fails."""
        root = self._root

        def keeping(kept: tuple[Path, ...]) -> Node:
            return tidied(without(root, set(paths) - set(kept)))

        kept = await fewest(paths, lambda kept: self._fails(keeping(kept)), self._at_once)
        self._root = keeping(tuple(kept))

    def _optional(self, paths: Sequence[Path]) -> list[Path]:
        """Those without which alone it is still a scenario."""
        return [path for path in paths if _is_scenario(tidied(without(self._root, [path])))]

    async def _lessen(self, amount: Amount) -> None:
        root = self._root
        found = await least(
            0,
            amount.value,
            lambda value: self._fails(amount.put(root, _round(value) if amount.grain > _MILLISECOND else value)),
            self._at_once,
            grain=amount.grain,
        )
        if found < amount.value:
            self._root = amount.put(root, _round(found) if amount.grain > _MILLISECOND else found)

    async def _move_up(self) -> None:
        """Shorten each pause between steps, from the first on."""
        for number in range(len(instants(self._root))):
            times = instants(self._root)
            if number >= len(times):
                return  # two have come together
            gap = times[number] - (times[number - 1] if number else 0)
            await self._pause(times[number], gap)

    async def _pause(self, until: int, gap: int) -> None:
        """Shorten the pause that ends at an instant."""
        root = self._root

        def after(pause: int) -> Node:
            return moved_up(root, until, gap - min(gap, _round(pause)))

        grain = max(_MILLISECOND, gap // _GRAINS)
        pause = await least(0, gap, lambda pause: self._fails(after(pause)), self._at_once, grain=grain)
        if pause < gap:
            self._root = after(pause)

    async def _fails(self, root: Node) -> bool:
        root = tidied(root)
        if not _is_scenario(root):
            return False
        if not await self._fails_as_text(written_out(root)):
            return False
        if not self._found or size_of(root) < size_of(self._best):
            self._best, self._found = root, True
        return True


def _is_scenario(root: Node) -> bool:
    try:
        load(written_out(root), "a candidate")
    except InputError:
        return False
    return True


def _round(micros: int) -> int:
    """A time that is read well: of two digits or so, in whole milliseconds, never less."""
    grain: int = max(_MILLISECOND, 10 ** (len(str(micros)) - 2))
    return -(-micros // grain) * grain
