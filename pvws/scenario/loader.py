"""From the text of a script to a `Scenario` that needs no further checks."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from msgspec import structs

from pvws.errors import InputError, Problem
from pvws.limits import INTEGER_MAX, PEERS_MAX, REPETITIONS_MAX
from pvws.notation.document import Node
from pvws.notation.nearest import nearest
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.behaviours.churn import Churn
from pvws.scenario.behaviours.sessions import Sessions
from pvws.scenario.exploration import borders
from pvws.scenario.preparation import Read, prepare
from pvws.scenario.questions import peers_asked_about
from pvws.scenario.schema import Scenario
from pvws.scenario.timeline.actions import Step, word_of
from pvws.scenario.timeline.presence import Join, Newcomer
from pvws.scenario.timeline.step import place, where
from pvws.scenario.timeline.telling import Mark
from pvws.scenario.triggers import At, ClientDoes, Every, Trigger, When
from pvws.sim.distributions import Choice, Constant, Distribution, Uniform, Values
from pvws.timestamp import LAST_INSTANT
from pvws.units import duration_text

__all__ = ["load"]

_PEER = re.compile(r"peer-([1-9][0-9]{0,17})", re.ASCII)
_HINTS_MAX = 100  # peers among which the nearest name is looked for
_NAMES_MAX = 10  # of peers that are told at once
_NO_BEHAVIOUR = "nothing, since this script has no behaviours"
_NO_STEP = "nothing, since this script has no timeline"


def _nothing_to_read(path: str) -> str:
    raise OSError(0, "this script comes without a folder")


def load(text: str, file: str, read: Read = _nothing_to_read, given: Sequence[tuple[str, str]] = ()) -> Scenario:
    """The scenario in a text. `read` gives the files that it includes, `given` are values from the command line.

    Raises InputError with every problem found, each with its file, line and column.
    """
    return _load(text, file, read, given, _problems_with)


_Try: TypeAlias = Callable[[str, str, Read, Sequence[tuple[str, str]]], Sequence[Problem]]
"""What is wrong with a script if some values are given."""


def _load(text: str, file: str, read: Read, given: Sequence[tuple[str, str]], tried: _Try) -> Scenario:
    wrong_values: list[Problem] = []
    prepared = prepare(text, file, read, given, wrong_values)
    reader = Reader(file)
    scenario = reader.struct(prepared.root, Scenario, "")
    if wrong_values:
        paths = [problem.path for problem in wrong_values]
        others = [problem for problem in reader.problems if not any(_is_about(problem, path) for path in paths)]
        raise InputError(*sorted([*wrong_values, *others], key=_place))
    if scenario is not INVALID:
        scenario = structs.replace(scenario, parameters=prepared.parameters)
        _Checks(reader, prepared.root, scenario).check()
    if not reader.problems:
        _check_values(reader, prepared.root, scenario, lambda value: tried(text, file, read, [*given, value]))
    if reader.problems:
        raise InputError(*sorted(reader.problems, key=_place))
    return scenario


def _problems_with(text: str, file: str, read: Read, given: Sequence[tuple[str, str]]) -> Sequence[Problem]:
    try:
        _load(text, file, read, given, lambda *_: ())
    except InputError as error:
        return error.problems
    return ()


def _check_values(
    reader: Reader, root: Node, scenario: Scenario, tried: Callable[[tuple[str, str]], Sequence[Problem]]
) -> None:
    """With each value that may be drawn when the script is explored it is a scenario as well."""
    for name, varying in scenario.explore.values.items():
        for keys, value in borders(varying):
            for problem in tried((name, value))[:1]:
                here = place(root, ("explore", "values", name, *keys))
                path = where(f"explore.values.{name}", keys)
                reader.problem(here, path, problem.expected, problem.found, problem.hint)


def _is_about(problem: Problem, path: str) -> bool:
    """Whether a problem is that of a value, or of what it is in: that one has been told already."""
    return f"{path.partition(',')[0]}.".startswith(f"{problem.path}.") or problem.path.startswith(f"{path}.")


def _place(problem: Problem) -> tuple[str, int, int]:
    return problem.file or "", problem.line or 0, problem.column or 0


class _Checks:
    """What no value alone can know: how long the story is, how much happens in it, and who there is by when."""

    def __init__(self, reader: Reader, root: Node, scenario: Scenario) -> None:
        self._reader = reader
        self._root = root
        self._scenario = scenario
        assert isinstance(root.value, dict), "the schema was read from it"
        self._entries = root.value
        steps = self._entries["timeline"].value if "timeline" in self._entries else []
        assert isinstance(steps, list), "the schema was read from it"
        self._steps = list(zip(steps, scenario.timeline, strict=True))

    def check(self) -> None:
        self._check_end()
        peers = self._check_counts()
        if peers is not None:
            self._check_capacity(peers)
            self._check_peer_names(peers)
        self._check_behaviour_names()
        self._check_expectations()
        self._check_possible_faults()

    def _check_end(self) -> None:
        start, duration = self._scenario.start, self._scenario.duration
        if start is not None and start + duration > LAST_INSTANT:
            node = self._entries.get("start", self._entries.get("duration", self._root))
            self._reader.problem(node, "start", "a start from which the scenario ends before the year 10000")
        for number, (node, step) in enumerate(self._steps):
            key, begins = _beginning(step.trigger)
            if begins > duration:
                key = key if key in _mapping(node) else "every"  # without a beginning it is after the first period
                expected = f"a time within the scenario's duration, {duration_text(duration)}"
                self._reader.problem(place(node, (key,)), f"timeline[{number}].{key}", expected)

    def _check_counts(self) -> int | None:
        """How many peers there are at most; None when that, or what else happens, is too much."""
        peers, duration = self._scenario.network.count, self._scenario.duration
        for number, (node, step) in enumerate(self._steps):
            taken = _times(step.trigger, duration)
            things = taken * step.action.repetitions(duration)
            if things > REPETITIONS_MAX:
                expected = f"a step that does at most {REPETITIONS_MAX} things in all"
                self._reader.problem(node, f"timeline[{number}]", expected, f"{things}")
                return None
            peers += taken * step.action.new_peers()
            if peers > PEERS_MAX:
                here = place(node, ("peers",)) if "peers" in _mapping(node) else node
                found = f"{peers} with these"
                self._reader.problem(here, f"timeline[{number}].peers", f"at most {PEERS_MAX} peers in all", found)
                return None
        return peers

    def _check_capacity(self, peers: int) -> None:
        """All storage together is a whole number of the contract's."""
        own = [peer.capacity for peer in self._named_peers() if peer.capacity is not None]
        most = _most(self._scenario.network.capacity.distribution)
        if sum(own) + max(0, peers - len(own)) * most > INTEGER_MAX:
            node = place(self._entries.get("network", self._root), ("capacity",))
            self._reader.problem(node, "network.capacity", f"a size that is below 8 PiB for all {peers} peers together")

    def _check_peer_names(self, peers: int) -> None:
        """Every peer that a step names is one of the script's, and has joined by then."""
        network = self._scenario.network
        first = network.count if isinstance(network.peers, int) else 0  # peers that are called by their numbers
        joins = self._joins()
        numbers = (
            range(0) if joins is not None else range(network.count + 1, (peers if self._is_closed() else PEERS_MAX) + 1)
        )
        known = dict.fromkeys([*(peer.name for peer in self._named_peers()), *(joins or ())])
        self._check_questions(known, first, numbers)
        for number, (node, step) in enumerate(self._steps):
            for keys, name in step.action.peer_names():
                match = _PEER.fullmatch(name)
                peer = int(match[1]) if match else 0
                path, here = where(f"timeline[{number}]", keys), place(node, keys)
                if not (name in known or 1 <= peer <= first or peer in numbers):
                    expected, words = _known_peers(known, first, numbers)
                    self._reader.problem(here, path, expected, hint=nearest(name, words))
                elif joins is not None and name in joins and isinstance(step.trigger, At):
                    joined = joins[name]
                    if joined > (step.trigger.at, number):
                        hint = f"it joins at {duration_text(joined[0])}"
                        self._reader.problem(here, path, "a peer that has joined by then", hint=hint)

    def _check_questions(self, known: Collection[str], first: int, numbers: range) -> None:
        """Every peer that a condition or a template names may be there at some time."""
        for number, (step, _) in enumerate(self._steps):
            for node, path, name in peers_asked_about(step, f"timeline[{number}]", known):
                match = _PEER.fullmatch(name)
                peer = int(match[1]) if match else 0
                if not (1 <= peer <= first or peer in numbers):
                    expected, words = _known_peers(known, first, numbers)
                    hint = nearest(name, [*words, "random", "first", "last"])
                    self._reader.problem(node, path, f"{expected}, or one of random, first, last", f'"{name}"', hint)

    def _named_peers(self) -> list[Newcomer]:
        """Peers that the script gives a name."""
        peers = self._scenario.network.peers
        later = [peer for _, step in self._steps if isinstance(step.action, Join) for peer in step.action.named]
        return [*(() if isinstance(peers, int) else peers), *later]

    def _is_closed(self) -> bool:
        """Whether nobody joins but by steps of the timeline."""
        return not any(
            isinstance(each, Churn | Sessions) and each.newcomers for each in self._scenario.behaviours.values()
        )

    def _joins(self) -> dict[str, tuple[int, int]] | None:
        """When each further peer joins, with its place among the steps; None when no script can know that."""
        if not self._is_closed():
            return None
        peers = self._scenario.network.peers
        joined: list[tuple[int, int, str]] = []
        for number, (_, step) in enumerate(self._steps):
            count = step.action.new_peers()
            if count and (not isinstance(step.trigger, At) or not isinstance(step.action, Join) or step.guard):
                return None
            if count and isinstance(step.action, Join) and isinstance(step.trigger, At):
                at, names = step.trigger.at, step.action.named
                for each in range(count):
                    micros = step.action.over * each // count
                    # Of one instant, those that join later in their series come behind all steps.
                    turn = len(self._steps) if micros else number
                    joined.append((at + micros, turn, names[each].name if names else ""))
        joins: dict[str, tuple[int, int]] = {}
        there = set() if isinstance(peers, int) else {peer.name for peer in peers}
        made = self._scenario.network.count
        for at, turn, name in sorted(joined, key=lambda each: each[:2]):
            if name not in there:
                made += 1
                joins[name or f"peer-{made}"] = at, turn
                there.add(name or f"peer-{made}")
        return joins

    def _check_behaviour_names(self) -> None:
        known = tuple(self._scenario.behaviours)
        for number, (node, step) in enumerate(self._steps):
            for keys, name in step.action.behaviour_names():
                if name not in known:
                    expected = f"a behaviour of this script: {', '.join(known)}" if known else _NO_BEHAVIOUR
                    path = where(f"timeline[{number}]", keys)
                    self._reader.problem(place(node, keys), path, expected, hint=nearest(name, known))

    def _check_expectations(self) -> None:
        """What an expectation waits for is something that the timeline has."""
        marks = dict.fromkeys(name for _, step in self._steps for name in _landmarks(step.action))
        nodes = self._entries["expect"].value if "expect" in self._entries else []
        assert isinstance(nodes, list), "the schema was read from it"
        for number, (node, expectation) in enumerate(zip(nodes, self._scenario.expect, strict=True)):
            for keys, name in expectation.landmarks():
                if name not in marks:
                    expected = f"what the timeline does or marks: {', '.join(marks)}" if marks else _NO_STEP
                    path = where(f"expect[{number}]", keys)
                    self._reader.problem(place(node, keys), path, expected, hint=nearest(name, tuple(marks)))

    def _check_possible_faults(self) -> None:
        """Faults that a run may have begin before it is over."""
        duration = self._scenario.duration
        for number, fault in enumerate(self._scenario.explore.faults or ()):
            if fault.since > duration:
                path = f"explore.faults[{number}].from"
                node = place(self._root, ("explore", "faults", number, "from"))
                self._reader.problem(node, path, f"a time within the scenario's duration, {duration_text(duration)}")


def _beginning(trigger: Trigger) -> tuple[str, int]:
    """The key that says when a step is taken first, and when that is; 0 where the script can't know."""
    match trigger:
        case At():
            return "at", trigger.at
        case Every():
            return "from", trigger.start
        case When() | ClientDoes():
            return "when", 0


def _times(trigger: Trigger, duration: int) -> int:
    """How often a step is taken at most; what waits for something is reckoned once."""
    if not isinstance(trigger, Every):
        return 1
    end = duration if trigger.until is None else min(trigger.until, duration)
    times = max(0, end - trigger.start) // trigger.every + 1
    return times if trigger.times is None else min(times, trigger.times)


def _most(distribution: Distribution) -> float:
    """The largest value that may be drawn; of what has no end, that which is usual."""
    match distribution:
        case Constant():
            return distribution.value
        case Uniform():
            return distribution.high
        case Choice() | Values():
            return max(distribution.values)
        case _:
            bounds: tuple[float | None, ...] = (getattr(distribution, "max", None), distribution.average())
            return next((bound for bound in bounds if bound is not None), 0.0)


def _known_peers(named: Collection[str], first: int, numbers: range) -> tuple[str, list[str]]:
    """What is expected where a peer is named, and words of which one may have been meant.

    There are those of some names, `first` that are called by their numbers, and later ones of some numbers.
    """
    if numbers and numbers[0] == first + 1:
        first, numbers = numbers[-1], range(0)
    ranges = [f"peer-{each[0]} to peer-{each[-1]}" for each in (range(1, first + 1), numbers) if each]
    names = list(named)
    some = names if len(names) <= _NAMES_MAX else [*names[:_NAMES_MAX], "…"]
    words = [*names, *(f"peer-{number}" for number in (*range(1, first + 1)[:_HINTS_MAX], *numbers[:_HINTS_MAX]))]
    said = ", ".join([*ranges[:1], *some, *ranges[1:]])
    return f"a peer of this scenario: {said}" if said else "no peer, since there are none", words


def _mapping(node: Node) -> dict[str, Node]:
    assert isinstance(node.value, dict), "the schema was read from it"
    return node.value


def _landmarks(action: Step) -> tuple[str, ...]:
    """What an expectation may call a step: what it does, and its name if it is a mark."""
    return (word_of(action), action.name) if isinstance(action, Mark) else (word_of(action),)
