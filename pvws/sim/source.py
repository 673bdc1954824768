"""The coin of the test-bed, and what gives it out: a scenario's director, or a recording's replayer."""

from collections.abc import Mapping
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from msgspec import Struct

from pvws.sim.agenda import Instant

__all__ = [
    "ClientInput",
    "Cue",
    "CueKind",
    "Deed",
    "Exchange",
    "Input",
    "Letter",
    "Obedient",
    "Order",
    "Source",
    "Timed",
    "Verbatim",
]


class Timed(Struct, frozen=True, gc=False):
    """A message due at an instant of stage time.

    `sequence` counts from 0 and, with `at`, never falls. `text` is the whole message as the documented profile
    sends it, encoded once; `topic` and `type` say whom it concerns without reading it.
    """

    at: Instant
    sequence: int
    topic: str
    type: str
    text: bytes


class Verbatim(Timed, frozen=True, gc=False):
    """A message that goes out exactly as it stands, whatever the profile, in a WebSocket message of its own.

    It goes to the subscribers of any of its `topics`; in `topic` they stand with spaces between. `fragments` are the
    sizes of its frames, where it is to go in several.
    """

    topics: tuple[str, ...] = ()
    binary: bool = False
    fragments: tuple[int, ...] | None = None


CueKind: TypeAlias = Literal["mark", "pause", "disconnect", "fault", "unfault", "send", "step"]
"""What a source asks of the stage: to note a name, to hold the clock, to close connections, to have faults, to write to
one client; or to know that a step of the timeline is about to be taken, whose word is the name, since somebody asks.
"""


class Cue(Struct, frozen=True):
    """Something that the stage is to do at an instant, between the messages before and behind it.

    `name` is a mark's. `micros` is how long a pause lasts in real time. A disconnection concerns a `share`
    of the clients, chosen by a stream of the `seed`, or the one `client` alone, counted from 1 as they connected, or
    those that call themselves `whom`, and closes them with `code` and `reason`. A fault is what is `asked`, which is a
    type of a higher floor, and its `name` that of its chance; with `unfault` those of a `name` end, or all that the
    source has asked for.
    """

    at: Instant
    kind: CueKind
    name: str = ""
    micros: int = 0
    share: float = 1.0
    seed: int = 0
    code: int = 1000
    reason: str = ""
    client: int | None = None
    asked: object = None
    whom: str = ""


class Letter(Cue, frozen=True):
    """A message that one client alone is to get, or all that call themselves `whom`, or `to_all`: everybody.

    It is an event if it has a `type` and a `topic`; else it goes exactly as it stands. `fragments` are the sizes of its
    frames, where it is to go in several.
    """

    text: bytes = b""
    binary: bool = False
    fragments: tuple[int, ...] | None = None
    topic: str = ""
    type: str = ""
    to_all: bool = False

    def message(self, sequence: int) -> Timed:
        """What each of them is to be sent."""
        if self.type:
            return Timed(self.at, sequence, self.topic, self.type, self.text)
        return Verbatim(self.at, sequence, "", "", self.text, (), self.binary, self.fragments)


Deed: TypeAlias = Literal["connects", "disconnects", "subscribes", "unsubscribes", "sends"]
"""What a client can do that a source may answer."""


class ClientInput(Struct, frozen=True, gc=False):
    """What a client did at an instant. `client` counts connections from 1; `topic` is that of a subscription, `type`
    that of a message sent.

    What only few sources ask about is empty for all others: the text of the `message`, the client's id, and the
    name by which it calls itself. It takes effect before all else of its instant, or `behind` all that.
    """

    at: Instant
    client: int
    did: Deed
    topic: str = ""
    type: str = ""
    message: str = ""
    client_id: str = ""
    name: str = ""
    behind: bool = False


class Order(Struct, frozen=True):
    """What a controller has done at an instant. `step` is one of the timeline, as a script has it.

    Without a `rule` the step is taken at that instant. With one it is that rule's, and taken whenever a client does
    what it waits for; a rule without a step is over. `behind` is as with what clients do.
    """

    at: Instant
    step: Mapping[str, Any] | None = None
    rule: str = ""
    behind: bool = False


class Exchange(Struct, frozen=True):
    """A controller has something else play: what played did so up to and including `at`, what plays now begins at
    `start`. `what` says what that is, so that it can be found again; None is nothing.
    """

    at: Instant
    start: Instant
    what: Mapping[str, Any] | None = None


Input: TypeAlias = ClientInput | Order | Exchange
"""What is caused from outside, and played again by a journal."""


class Source(Protocol):
    """Gives out messages in the order of stage time; knows no clock.

    Order of calls: `peek`, then `take`, until `peek` gives None: then the source has ended. Between them it may be
    told what clients do.
    """

    def peek(self) -> Instant | None:
        """When something is due next; None at the end."""
        ...

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What is due up to and including an instant, None being the end of time, in order: a list of the caller's own.

        It may be less than that, also nothing: it stops soon after `limit` messages. A cue is the last in its list.
        """
        ...

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something: what is given back says at which instant that takes effect, None being never."""
        ...


@runtime_checkable
class Obedient(Source, Protocol):
    """A source that takes orders."""

    def order(self, order: Order) -> Order | None:
        """A controller has done something: what is given back says when that takes effect, None being never.

        Raises InputError for a step that is none, and changes nothing.
        """
        ...
