"""From the text of a script to a `Scenario` that needs no further checks."""

import re

from pvws.errors import InputError, Problem
from pvws.limits import INTEGER_MAX, PEERS_MAX
from pvws.notation.document import Node, parse
from pvws.notation.reader import INVALID, Reader, nearest
from pvws.scenario.schema import Scenario
from pvws.scenario.timeline import Join, Leave
from pvws.timestamp import LAST_INSTANT
from pvws.units import duration_text

__all__ = ["load"]

_PEER = re.compile(r"peer-([1-9][0-9]{0,17})", re.ASCII)
_HINTS_MAX = 100  # peers among which the nearest name is looked for


def load(text: str, file: str) -> Scenario:
    """The scenario in a text. Raises InputError with every problem found, each with `file` and its line."""
    root = parse(text, file)
    reader = Reader(file)
    scenario = reader.struct(root, Scenario, "")
    if scenario is not INVALID:
        _Checks(reader, root, scenario).check()
    if reader.problems:
        raise InputError(*sorted(reader.problems, key=_place))
    return scenario


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line or 0, problem.column or 0


class _Checks:
    """What no value alone can know: how long the story is, and how many peers there are by when."""

    def __init__(self, reader: Reader, root: Node, scenario: Scenario) -> None:
        self._reader = reader
        self._root = _entries(root)
        self._scenario = scenario
        steps = _list(self._root["timeline"]) if "timeline" in self._root else []
        self._steps = list(zip(map(_entries, steps), scenario.timeline, strict=True))

    def check(self) -> None:
        self._check_end()
        self._check_steps()
        joins = [(step, place) for place, (_, step) in enumerate(self._steps) if isinstance(step, Join)]
        joins = [(step, place) for step, place in joins if step.peer is None]
        peers = self._scenario.network.peers
        for step, place in joins:
            peers += step.peers
            if peers > PEERS_MAX:
                node = self._steps[place][0]["peers" if "peers" in self._steps[place][0] else "do"]
                found = f"{peers} with these"
                self._reader.problem(node, f"timeline[{place}].peers", f"at most {PEERS_MAX} peers in all", found)
                return
        self._check_capacity(peers)
        # Peers are numbered in the order in which they join; at one instant, in that of the steps.
        self._check_names(
            sorted(
                (step.at + step.over * number // step.peers, place)
                for step, place in joins
                for number in range(step.peers)
            )
        )

    def _check_end(self) -> None:
        start, duration = self._scenario.start, self._scenario.duration
        if start is not None and start + duration > LAST_INSTANT:
            node = self._root["start"]
            self._reader.problem(node, "start", "a start from which the scenario ends before the year 10000")

    def _check_steps(self) -> None:
        for place, (node, step) in enumerate(self._steps):
            if step.at > self._scenario.duration:
                self._reader.problem(node["at"], f"timeline[{place}].at", "a time within the scenario's duration")
            for key in ("peers", "over") if "peer" in node else ():
                if key in node:
                    self._reader.problem(node[key], f"timeline[{place}].{key}", 'nothing beside "peer"')

    def _check_capacity(self, peers: int) -> None:
        if peers * self._scenario.network.capacity > INTEGER_MAX:  # the contract's bound of `totalSpace`
            node = _entries(self._root["network"])["capacity"]
            self._reader.problem(node, "network.capacity", f"a size that is below 8 PiB for all {peers} peers together")

    def _check_names(self, joined: list[tuple[int, int]]) -> None:
        first = self._scenario.network.peers
        peers = first + len(joined)
        expected = f"a peer of this scenario, peer-1 to peer-{peers}" if peers else "no peer, since there are none"
        known = [f"peer-{number}" for number in range(1, min(peers, _HINTS_MAX) + 1)]
        for place, (node, step) in enumerate(self._steps):
            if not isinstance(step, Join | Leave) or step.peer is None:
                continue
            match = _PEER.fullmatch(step.peer)
            number = int(match[1]) if match else 0
            path = f"timeline[{place}].peer"
            if not 1 <= number <= peers:
                self._reader.problem(node["peer"], path, expected, hint=nearest(step.peer, known))
            elif number > first and (when := joined[number - first - 1]) > (step.at, place):
                hint = f"it joins at {duration_text(when[0])}"
                self._reader.problem(node["peer"], path, "a peer that has joined by then", hint=hint)


def _entries(node: Node) -> dict[str, Node]:
    assert isinstance(node.value, dict), "the schema was read from it"
    return node.value


def _list(node: Node) -> list[Node]:
    assert isinstance(node.value, list), "the schema was read from it"
    return node.value
