"""Rules: what clients are answered, added while a stage runs. Each is a step of the scenario language."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from pvws.errors import InputError, PvwsError, TooManyError
from pvws.limits import RULES_MAX

if TYPE_CHECKING:
    from pvws.stage.stage import Stage

__all__ = ["NoSuchRuleError", "Rule", "Rules"]


class Rule(Struct, frozen=True):
    """A rule that holds: what a client does, and what then is done. It was met `fired` times since what plays began to.

    `trouble` says what was wrong when its step was last taken, if something was.
    """

    id: str
    step: Mapping[str, Any]
    fired: int = 0
    trouble: str = ""


class NoSuchRuleError(PvwsError):
    """There is no rule of this id."""

    def __init__(self, id: str, known: list[str]) -> None:  # noqa: A002 - it is called so everywhere
        self.id = id
        self.known = known
        super().__init__(f'no rule is called "{id}"; there are: {", ".join(known) or "none"}')


class Rules:
    """The rules of one stage. They hold until they are removed, whatever is loaded; counting begins anew with that."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._number = 0
        self._steps: dict[str, Mapping[str, Any]] = {}
        self._troubles: dict[str, str] = {}

    def add(self, step: Mapping[str, Any]) -> Rule:
        """Have a rule hold from now on: a step such as

        `{"when": {"client": "sends", "match": "type == 'ping'"}, "times": "always", "in": "2s", "do": "reply",
        "type": "late"}`.

        As in a script it is taken once, unless `times` says otherwise. Raises InputError with every problem, each with
        its path, RefusedError where nobody obeys, and TooManyError.
        """
        if len(self._steps) >= RULES_MAX:
            raise TooManyError("rules", RULES_MAX)
        id = f"r{self._number + 1}"  # noqa: A001
        self._stage.order(step, rule=id)
        self._number += 1
        self._steps[id] = step
        return Rule(id, step)

    def remove(self, id: str) -> Rule:  # noqa: A002
        """End a rule; what it has begun goes on. Raises NoSuchRuleError."""
        rule = self.rule(id)
        self._stage.order(rule=id)
        del self._steps[id]
        self._troubles.pop(id, None)
        return rule

    def clear(self) -> int:
        """End all rules; how many there were."""
        ended = list(self._steps)
        for id in ended:  # noqa: A001
            self.remove(id)
        return len(ended)

    def rule(self, id: str) -> Rule:  # noqa: A002
        """One of them. Raises NoSuchRuleError."""
        if id not in self._steps:
            raise NoSuchRuleError(id, list(self._steps))
        return next(rule for rule in self.active() if rule.id == id)

    def active(self) -> list[Rule]:
        """All that hold, in the order in which they were added."""
        self._note_troubles()
        director = self._stage.director
        held = {} if director is None else director.orders.rules
        return [
            Rule(name, step, held[name].fired if name in held else 0, self._troubles.get(name, ""))
            for name, step in self._steps.items()
        ]

    def hold_again(self) -> None:
        """Something else plays: what plays now is told of all rules."""
        for id, step in self._steps.items():  # noqa: A001
            self._stage.order(step, rule=id)

    def _note_troubles(self) -> None:
        director = self._stage.director
        if director is not None:
            for id, error in director.orders.troubles:  # noqa: A001
                self._troubles[id] = _told(error)
            director.orders.troubles.clear()


def _told(error: InputError) -> str:
    return str(error)
