"""Steps that tell something, or ask the stage for it: incident, mark, pause, disconnect."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, structs

from pvws import units
from pvws.errors import InputError
from pvws.expression.values import text_of
from pvws.notation.document import Node
from pvws.notation.forms import Form
from pvws.notation.quantities import Duration
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.observations import Observations
from pvws.scenario.play import Play
from pvws.scenario.selection import SomeShare
from pvws.scenario.timeline.action import Action, Mistake, Series
from pvws.scenario.timeline.addressee import Addressee, addressed
from pvws.scenario.timeline.texts import Label, TemplateText, template
from pvws.scenario.triggers import Act
from pvws.sim.source import Cue
from pvws.wire.events import SecurityCategory

__all__ = ["Clients", "CloseCode", "CloseReason", "Disconnect", "Incident", "Mark", "Pause"]

_ATTEMPTS_MAX = 1_000_000
_PARTS_MAX = 1_000  # of a series of attempts: more of them would say nothing more
# RFC 5737: networks for documentation, in which nobody real is blamed.
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
_SEEDS = 2**32


class Incident(Action, frozen=True):
    """Something happens that looks like an attack.

    When there is enough of its category within a minute, a `security_alert` tells of it.
    """

    category: Annotated[SecurityCategory, Meta(description="What happens.")]
    source: Annotated[
        TemplateText | None,
        Meta(description="Where it comes from: the name of a peer, or an address; left out: as the category has it."),
    ] = None
    attempts: Annotated[int, Meta(ge=1, le=_ATTEMPTS_MAX, description="How many attempts there are.")] = 1
    over: Annotated[Duration, Meta(description="From the first to the last, evenly; without it, all at once.")] = 0

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Attacking(self, name, play).take


class _Attacking:
    __slots__ = ("_action", "_chance", "_ids", "_play", "_series")

    def __init__(self, action: Incident, name: str, play: Play) -> None:
        self._action = action
        self._play = play
        self._chance = play.chance.stream(name)
        self._ids = play.chance.keys(name)
        self._series = Series(play.kernel, self._attempt)

    def take(self, observations: Observations) -> None:
        action = self._action
        parts = min(action.attempts, _PARTS_MAX) if action.over else 1
        self._series.begin(parts, action.over, (self._source(observations), parts))

    def _attempt(self, what: tuple[str, int], number: int) -> None:
        source, parts = what
        attempts = self._action.attempts
        part = attempts * (number + 1) // parts - attempts * number // parts
        self._play.world.watch.incident(self._action.category, source, part)

    def _source(self, observations: Observations) -> str:
        """Who it is: what the script says, or an address, an id that nobody has, a peer that is connected."""
        world = self._play.world
        # As many numbers are drawn whatever is said and whoever is there, so that the next ones stay the same.
        address = f"{self._chance.choice(_NETWORKS)}.{self._chance.between(1, 254)}"
        stranger, who = self._ids.next(), self._chance.random()
        if self._action.source is not None:
            try:
                said = text_of(template(self._action.source).fill(observations))
            except InputError:
                said = None
            if isinstance(said, str) and said:
                peer = world.find(said)
                return said if peer is None else peer.id
        match self._action.category:
            case "auth_failure" | "rate_abuse":
                return address
            case "unknown_peer":
                return stranger
            case "integrity_violation":
                connected = world.store.connected
                return connected[int(who * len(connected))].id if connected else stranger


class Mark(Action, frozen=True):
    """A name for this instant: recordings and reports have it, and expectations may count `after` it."""

    name: Annotated[Label, Meta(description="What it is called.")]

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Cueing(Cue(0, "mark", name=self.name), name, play).take


class Pause(Action, frozen=True, rename={"lasting": "for"}):
    """The clock of the stage stands still: nothing happens for a while of real time."""

    lasting: Annotated[Duration, Meta(description="How long, in real time.")] = 1_000_000

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        return _Cueing(Cue(0, "pause", micros=self.lasting), name, play).take


_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
_REASON_BYTES_MAX = 123  # RFC 6455, section 5.5: a control frame has 125 bytes, two of which are the code


def _clients(reader: Reader, node: Node, path: str) -> Any:
    if node.value == "all":
        return 1.0
    if isinstance(node.value, str) and node.value.rstrip().endswith("%"):
        return reader.read(node, SomeShare, path)
    return reader.problem(node, path, 'a percentage like "50%", or all')


def _close_code(reader: Reader, node: Node, path: str) -> Any:
    if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value in _CLOSE_CODES:
        return node.value
    return reader.problem(node, path, "a code that a close frame may have: 1000 to 1003, 1007 to 1014 or 3000 to 4999")


def _close_reason(reader: Reader, node: Node, path: str) -> Any:
    reason = reader.read(node, str, path)
    if reason is INVALID or len(reason.encode()) <= _REASON_BYTES_MAX:
        return reason
    return reader.problem(node, path, f"at most {_REASON_BYTES_MAX} bytes of UTF-8", str(len(reason.encode())))


Clients: TypeAlias = Annotated[
    float,
    Form(
        _clients,
        label="percentage, or all",
        schema={"type": "string", "pattern": r"^(all|\s*([0-9]{1,16}(\.[0-9]{0,9})?|\.[0-9]{1,9})\s*%\s*)$"},
        write=lambda share: "all" if share >= 1 else units.percentage_notation(share),
    ),
]
"""A share of the clients; `all` is 1."""

CloseCode: TypeAlias = Annotated[
    int,
    Form(
        _close_code,
        label="close code",
        schema={
            "type": "integer",
            "anyOf": [{"minimum": low, "maximum": high} for low, high in ((1000, 1003), (1007, 1014), (3000, 4999))],
        },
        write=int,
    ),
]
"""A code that may stand in a close frame (RFC 6455, section 7.4)."""

CloseReason: TypeAlias = Annotated[
    str, Form(_close_reason, label="text of at most 123 bytes", schema={"type": ["string", "number"]}, write=str)
]
"""A text that fits into a close frame."""


class Disconnect(Action, frozen=True):
    """Connections to clients are closed by the server, with a close frame."""

    clients: Annotated[Clients, Meta(description="Which share of the clients, at random, or `all`.")] = 1.0
    code: Annotated[CloseCode, Meta(description="The code of the close frame.")] = 1001
    reason: Annotated[CloseReason, Meta(description="The reason in the close frame.")] = ""
    client: Annotated[
        Addressee | None, Meta(description="Instead of a share, one client: its name or number, or `sender`.")
    ] = None

    def mistakes(self, keys: Collection[str]) -> Iterable[Mistake]:
        """A share or one client, not both."""
        if "client" in keys and "clients" in keys:
            yield Mistake(("clients",), 'nothing beside "client"')

    def begin(self, name: str, play: Play) -> Act:
        """Make ready for a run."""
        cue = Cue(0, "disconnect", share=self.clients, code=self.code, reason=self.reason)
        return _Cueing(cue, name, play, self.client).take


class _Cueing:
    """Asks the stage for something. Each time it hands it another seed, for what chance decides there."""

    __slots__ = ("_chance", "_cue", "_name", "_play", "_whom")

    def __init__(self, cue: Cue, name: str, play: Play, whom: str | int | None = None) -> None:
        self._cue = cue
        self._name = name
        self._play = play
        self._chance = play.chance.stream(name)
        self._whom = whom

    def take(self, observations: Observations) -> None:
        seed = self._chance.below(_SEEDS) if self._cue.kind == "disconnect" else 0
        number, name = None, ""
        if self._whom is not None:
            number, name = addressed(self._whom, observations, f"{self._name}.client")
        at, herald = self._play.kernel.now, self._play.world.herald
        herald.cue(structs.replace(self._cue, at=at, seed=seed, client=number, whom=name))
