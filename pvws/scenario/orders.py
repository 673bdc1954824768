"""What controllers have done to a run: steps taken at once, and rules, which are steps that wait for clients."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pvws.errors import InputError, Problem
from pvws.notation.reader import INVALID, Reader
from pvws.notation.values import node_of
from pvws.scenario.observations import Observations
from pvws.scenario.play import Play
from pvws.scenario.timeline.actions import Step
from pvws.scenario.timeline.step import Scripted, TimelineStep, action_of
from pvws.scenario.triggers import ClientDoes, Listener, Taking
from pvws.sim.source import Order

__all__ = ["Orders", "read_rule", "read_step"]

_KEPT = 512  # steps that were read: what a test says again and again, one has at most some 3 KiB


def read_step(step: Mapping[str, Any]) -> Step:
    """What a step does that is taken at once, such as `{"do": "mark", "name": "here"}`.

    Raises InputError with every problem found, each with its path.
    """
    return _read_step(_text(step))


def read_rule(step: Mapping[str, Any]) -> Scripted:
    """A step that waits for what clients do, such as `{"when": {"client": "sends"}, "do": "reply", "raw": "no"}`.

    Raises InputError with every problem found, each with its path.
    """
    return _read_rule(_text(step))


class Orders:
    """Has a run obey. `rules` are those that hold, by their ids; it can be pickled with the run.

    A step that can't be taken, since a template in it has no value, say, ends nothing: it is put into `troubles`, under
    the id of its rule, or none.
    """

    def __init__(self, play: Play) -> None:
        self._play = play
        self._number = 0
        self.rules: dict[str, Listener] = {}
        self.troubles: list[tuple[str, InputError]] = []
        self.last: Order | None = None
        """What was done last."""

    def obey(self, order: Order) -> None:
        """Do now what a controller has said, and nothing else before that was heard. Its steps can be read."""
        self.last = order
        self._play.kernel.halt()
        if order.rule and order.step is None:
            listener = self.rules.pop(order.rule, None)
            if listener is not None:
                self._play.listeners.remove(listener)
                self._play.chance.forget(_name_of(order.rule))
        elif order.rule:
            self._hold(order.rule, order.step or {})
        elif order.step is not None:
            self._number += 1
            name = f"orders[{self._number}]"
            act = read_step(order.step).begin(name, self._play)
            observations = Observations(self._play, self._play.chance.stream(f"observations of {name}"))
            Taking(act, None, observations, self._play, failed=_Failed(self.troubles, "")).take()
            self._play.chance.forget(name)  # what goes on has them

    def _hold(self, rule: str, step: Mapping[str, Any]) -> None:
        scripted, name = read_rule(step), _name_of(rule)
        assert isinstance(scripted.trigger, ClientDoes), "the reader has seen to that"
        act = scripted.action.begin(name, self._play)
        observations = Observations(self._play, self._play.chance.stream(f"observations of {name}"))
        failed = _Failed(self.troubles, rule)
        taking = Taking(act, scripted.guard, observations, self._play, failed=failed)
        before = self.rules.get(rule)
        if before is not None:
            self._play.listeners.remove(before)
        self.rules[rule] = listener = Listener(scripted.trigger, taking)
        self._play.listeners.append(listener)


class _Failed:
    """Puts down what went wrong with the steps of a rule."""

    def __init__(self, troubles: list[tuple[str, InputError]], rule: str) -> None:
        self._troubles = troubles
        self._rule = rule

    def __call__(self, error: InputError) -> None:
        self._troubles.append((self._rule, error))


def _name_of(rule: str) -> str:
    return f"rules.{rule}"


def _text(step: Mapping[str, Any]) -> str:
    try:
        return json.dumps(step)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(Problem("", "a step of JSON values", str(error))) from None


@lru_cache(maxsize=_KEPT)
def _read_step(text: str) -> Step:
    reader = Reader("")
    action = action_of(reader, node_of(json.loads(text), ""), "")
    _check(reader, action)
    return action  # type: ignore[no-any-return]


@lru_cache(maxsize=_KEPT)
def _read_rule(text: str) -> Scripted:
    reader = Reader("")
    step = json.loads(text)
    node = node_of(step, "")
    scripted = reader.read(node, TimelineStep, "")
    if scripted is not INVALID and not isinstance(scripted.trigger, ClientDoes):
        scripted = reader.problem(node, "when", "{client: …}, since a rule answers what clients do", "another moment")
    _check(reader, scripted)
    return scripted  # type: ignore[no-any-return]


def _check(reader: Reader, found: object) -> None:
    if reader.problems or found is INVALID:
        raise InputError(*(_bare(problem) for problem in reader.problems))


def _bare(problem: Problem) -> Problem:
    """A problem of what stands in no file."""
    return Problem(problem.path.lstrip("."), problem.expected, problem.found, hint=problem.hint)
