"""From the text of a script to a `Scenario` that needs no further checks."""

from pvws.errors import InputError, Problem
from pvws.scenario.document import Node, parse
from pvws.scenario.reader import INVALID, Reader, nearest
from pvws.scenario.schema import Scenario
from pvws.scenario.timeline import Join, Leave

__all__ = ["load"]


def load(text: str, file: str) -> Scenario:
    """The scenario in a text. Raises InputError with every problem found, each with `file` and its line."""
    root = parse(text, file)
    reader = Reader(file)
    scenario = reader.struct(root, Scenario, "")
    if scenario is not INVALID:
        _check_timeline(reader, root, scenario)
    if reader.problems:
        raise InputError(*sorted(reader.problems, key=_place))
    return scenario


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line or 0, problem.column or 0


def _check_timeline(reader: Reader, root: Node, scenario: Scenario) -> None:
    """What a step alone can't know: how long the story is, and which peers there are by then."""
    nodes = _list(root, "timeline")
    peers = scenario.network.peers + sum(
        step.peers for step in scenario.timeline if isinstance(step, Join) and step.peer is None
    )
    names = {f"peer-{number}" for number in range(1, peers + 1)}
    for place, (node, step) in enumerate(zip(nodes, scenario.timeline, strict=True)):
        path = f"timeline[{place}]"
        assert isinstance(node.value, dict), "the step was read from a mapping"
        if step.at > scenario.duration:
            reader.problem(node.value["at"], f"{path}.at", "a time within the scenario's duration")
        if isinstance(step, Join | Leave) and step.peer is not None and step.peer not in names:
            hint = nearest(step.peer, sorted(names)[:1000])
            reader.problem(
                node.value["peer"], f"{path}.peer", f"a peer of this scenario, peer-1 to peer-{peers}", hint=hint
            )


def _list(root: Node, key: str) -> list[Node]:
    entries = root.value
    assert isinstance(entries, dict), "a scenario was read from it"
    value = entries[key].value if key in entries else []
    assert isinstance(value, list), "and a list from that"
    return value
