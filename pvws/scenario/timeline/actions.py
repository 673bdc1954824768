"""Every action of the timeline, by the word that a script has for it under `do`."""

from typing import TypeAlias

from pvws.scenario.timeline.emission import Emit
from pvws.scenario.timeline.faulting import Fault, Unfault
from pvws.scenario.timeline.files import Burst, Corrupt
from pvws.scenario.timeline.links import Heal, Partition
from pvws.scenario.timeline.presence import Crash, Join, Leave, Restart
from pvws.scenario.timeline.reply import Reply
from pvws.scenario.timeline.storage import Drain, Fill
from pvws.scenario.timeline.strain import Load, Slow
from pvws.scenario.timeline.telling import Disconnect, Incident, Mark, Pause

__all__ = ["STEPS", "Step", "word_of"]

Step: TypeAlias = (
    Join
    | Leave
    | Crash
    | Restart
    | Slow
    | Load
    | Partition
    | Heal
    | Fill
    | Drain
    | Corrupt
    | Burst
    | Incident
    | Emit
    | Reply
    | Mark
    | Pause
    | Disconnect
    | Fault
    | Unfault
)
"""What a step of the timeline does."""

STEPS: dict[str, type[Step]] = {action.__name__.lower(): action for action in Step.__args__}
"""Every action by its word, in the order of the reference: peers, links, files, what is told, faults."""


def word_of(action: Step) -> str:
    """The word of an action."""
    return type(action).__name__.lower()
