"""One variation of a scenario: another seed, other times, values and faults, all of which that seed decides. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from pvws.notation.document import Node, parse, scalar
from pvws.notation.tree import Path, at_path, put
from pvws.notation.written import flow
from pvws.scenario.exploration import Exploration, PossibleFault
from pvws.scenario.loader import load
from pvws.scenario.preparation import Read, prepare
from pvws.scenario.schema import Scenario
from pvws.scenario.spans import Span
from pvws.sim.chance import Stream
from pvws.testing.standalone import alone, written_out
from pvws.units import duration, duration_notation

__all__ = ["Exploring", "Variation"]

_GRAIN = 1_000  # of times, in microseconds: nobody wants to read 1.234567s
_LEAST_OF_LASTING = 10  # a fault lasts a tenth of its time at least
_ITS_OWN = frozenset(("chance", "from", "until", "for"))  # keys of a possible fault that say when, not what


class Variation(Struct, frozen=True):
    """A scenario that stands alone, without includes, parameters and bounds, as YAML; and what is other in it, unless
    it is the one that was `given`.
    """

    seed: int
    text: str
    changes: tuple[str, ...] = ()
    given: bool = False


class Exploring:
    """All variations of a script; `given` are values as `--set` has them, and `speed` is another one, as it is written.

    Raises InputError where the script is wrong.
    """

    def __init__(
        self, text: str, file: str, read: Read, given: tuple[tuple[str, str], ...] = (), speed: str | None = None
    ) -> None:
        self.scenario: Scenario = load(text, file, read, given)
        self._speed = None if speed is None else scalar(speed, "--speed")
        self._prepare: Callable[[tuple[tuple[str, str], ...]], Node] = lambda drawn: alone(
            prepare(text, file, read, (*given, *drawn)).root
        )

    def variation(self, seed: int) -> Variation:
        """That of a seed, always the same. With the scenario's own seed it is the scenario as it stands.

        What is drawn for one cause changes nothing of what is drawn for another. Raises InputError for one that is
        no scenario, because values that are right alone do not go together.
        """
        bounds = self.scenario.explore
        if seed == self.scenario.seed:
            return Variation(seed, written_out(self._paced(self._prepare(()))), given=True)
        drawn = {name: _drawn(seed, name, varying) for name, varying in bounds.values.items()}
        changes = [f"{name}: {value}" for name, value in drawn.items()]
        root = put(self._prepare(tuple(drawn.items())), ("seed",), scalar(str(seed), "--seeds"))
        root, moved = _moved(root, self.scenario.duration, bounds, seed)
        if moved:
            instants = "1 instant" if moved == 1 else f"{moved} instants"
            changes.append(f"{instants} of the timeline moved by up to {duration_notation(bounds.timing)}")
        for number, fault in enumerate(bounds.possible_faults):
            step = _begun(fault, self.scenario.duration, Stream(seed, f"explore faults {number}"))
            if step is not None:
                root = _with_step(root, step)
                changes.append(flow({key: value for key, value in step.items() if key != "do"})[1:-1])
        text = written_out(self._paced(root))
        load(text, f"seed {seed}")
        return Variation(seed, text, tuple(changes))

    def _paced(self, root: Node) -> Node:
        return root if self._speed is None else put(root, ("speed",), self._speed)


def _drawn(seed: int, name: str, varying: Span | tuple[str, ...]) -> str:
    chance = Stream(seed, f"explore value {name}")
    return varying.at(chance.random()) if isinstance(varying, Span) else chance.choice(varying)


def _moved(root: Node, length: int, bounds: Exploration, seed: int) -> tuple[Node, int]:
    """The script with other times in its timeline, and how many instants are others.

    What happens at one instant stays together. Each goes less than half way to its neighbours, so that none overtakes
    another, whatever chance says.
    """
    places = _instants(root)
    chance = Stream(seed, "explore timing")
    instants, count = sorted(places), 0
    for number, at in enumerate(instants):
        before = (at - instants[number - 1] - 1) // 2 if number else at
        after = (instants[number + 1] - at - 1) // 2 if number + 1 < len(instants) else length - at
        low, high = -min(bounds.timing, before), min(bounds.timing, max(0, after))
        shift = _rounded(chance.between(low, high))
        count += shift != 0
        for path in places[at] if shift else ():
            root = put(root, path, scalar(duration_notation(at + shift), "--seeds"))
    return root, count


def _instants(root: Node) -> dict[int, list[Path]]:
    """The times at which steps are taken, each with where it is written."""
    places: dict[int, list[Path]] = {}
    timeline = at_path(root, ("timeline",))
    for number, step in enumerate(timeline.value if timeline is not None and isinstance(timeline.value, list) else ()):
        key = "at" if isinstance(step.value, dict) and "at" in step.value else "from"
        node = at_path(step, (key,))
        if node is not None:
            places.setdefault(duration(node.source), []).append(("timeline", number, key))
    return places


def _begun(fault: PossibleFault, length: int, chance: Stream) -> dict[str, Any] | None:
    """The step with which a possible fault begins, if chance has it begin; three numbers are drawn in any case."""
    begins, place, lasts = chance.random() < fault.chance, chance.random(), chance.random()
    if not begins:
        return None
    latest = length if fault.until is None else min(fault.until, length)
    at = _rounded(fault.since + int(place * (latest - fault.since)))
    what = {key: value for key, value in fault.written().items() if key not in _ITS_OWN}
    step = {"at": duration_notation(at), "do": "fault", **what}
    if fault.lasting is None:
        return step
    least = fault.lasting // _LEAST_OF_LASTING
    return step | {"for": duration_notation(max(1, _rounded(least + int(lasts * (fault.lasting - least)))))}


def _with_step(root: Node, step: Mapping[str, Any]) -> Node:
    """The script with one more step, in its place by time."""
    timeline = at_path(root, ("timeline",))
    steps = list(timeline.value) if timeline is not None and isinstance(timeline.value, list) else []
    at = duration(step["at"])
    later = (path[1] for other, paths in _instants(root).items() if other > at for path in paths)
    place = min((number for number in later if isinstance(number, int)), default=len(steps))
    steps.insert(place, parse(flow(dict(step)), "--seeds"))
    return put(root, ("timeline",), Node(steps))


def _rounded(micros: int) -> int:
    return micros // _GRAIN * _GRAIN if micros >= _GRAIN or micros <= -_GRAIN else 0
