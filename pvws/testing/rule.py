"""Rules and the sections they stand in."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from msgspec import Struct

from pvws.testing.visit import Visit
from pvws.wire.profiles import ProfileName

__all__ = ["Dialogue", "Rule", "Section"]

Dialogue: TypeAlias = Callable[[Visit], Awaitable[None]]
"""Talks with the server and holds it to one sentence; returns if it kept to it, raises if not."""


class Rule(Struct, frozen=True):
    """One sentence that a server keeps or breaks.

    `source` is where the sentence comes from. Without a `profile` it is for both. A `slow` rule waits for a timeout
    of the server; an `alone` one disturbs others that run beside it. `--quick` leaves both out.
    """

    id: str
    section: str
    sentence: str
    source: str
    dialogue: Dialogue
    profile: ProfileName | None = None
    slow: bool = False
    alone: bool = False


class Section:
    """Rules that belong together. A rule's sentence is the docstring of its dialogue."""

    def __init__(self, name: str, *, profile: ProfileName | None = None) -> None:
        self.name = name
        self.rules: list[Rule] = []
        self._profile = profile

    def rule(
        self, name: str, source: str, *, profile: ProfileName | None = None, slow: bool = False, alone: bool = False
    ) -> Callable[[Dialogue], Dialogue]:
        """Make the decorated dialogue a rule of the section."""

        def add(dialogue: Dialogue) -> Dialogue:
            self.add(name, source, dialogue.__doc__ or "", dialogue, profile=profile, slow=slow, alone=alone)
            return dialogue

        return add

    def add(
        self,
        name: str,
        source: str,
        sentence: str,
        dialogue: Dialogue,
        *,
        profile: ProfileName | None = None,
        slow: bool = False,
        alone: bool = False,
    ) -> None:
        """Add a rule whose sentence isn't a docstring: one of a table."""
        words = " ".join(sentence.split())
        self.rules.append(
            Rule(
                f"{self.name}.{name}",
                self.name,
                words,
                source,
                dialogue,
                profile or self._profile,
                slow=slow,
                alone=alone,
            )
        )
