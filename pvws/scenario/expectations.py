"""What a script expects of clients: the list under `expect`, to be judged by whoever hears what clients do.

Each kind is a Struct of its own, by the word under `client`, and has the keys that make sense for it.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form
from pvws.notation.quantities import Duration, Period, Rate, Size
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.timeline.action import Keys
from pvws.scenario.timeline.emission import TopicWord
from pvws.scenario.timeline.telling import CloseCode
from pvws.scenario.timeline.texts import Label

__all__ = [
    "EXPECTATIONS",
    "AnswersPings",
    "Backoff",
    "ClosesProperly",
    "Connects",
    "Expectation",
    "Expected",
    "FailsConnection",
    "GivesUp",
    "GoesOn",
    "HonoursRetryAfter",
    "IgnoresUnknownTypes",
    "Kind",
    "NeverHolds",
    "NeverSends",
    "NeverTries",
    "Reconnects",
    "Resubscribes",
    "SendsValidMessages",
    "Subscribes",
]

_SECOND = 1_000_000
_SomeRate: TypeAlias = Annotated[Rate, Meta(gt=0)]
_SomeSize: TypeAlias = Annotated[Size, Meta(ge=1)]
_Tolerance: TypeAlias = Annotated[
    Duration, Meta(description="How much later than that is still in time: for slow machines.")
]
_After: TypeAlias = Annotated[
    Label | None, Meta(description="From when on: the name of a mark, or the word of an action of the timeline.")
]
_Landmark: TypeAlias = Annotated[
    Label, Meta(description="What it is about: the name of a mark, or the word of an action of the timeline.")
]
_Topics: TypeAlias = Annotated[
    tuple[TopicWord, ...] | None, Meta(min_length=1, description="Which topics; left out: at least one, whichever.")
]


def _jitter(reader: Reader, node: Node, path: str) -> Any:
    if isinstance(node.value, bool):
        return node.value
    return "any" if node.value == "any" else reader.problem(node, path, "on, off or any")


_Jitter: TypeAlias = Annotated[
    bool | Literal["any"],
    Form(_jitter, label="on, off or any", schema={"anyOf": [{"type": "boolean"}, {"const": "any"}]}),
]


class Backoff(Struct, frozen=True):
    """How the pauses between attempts to connect should be."""

    grows: Annotated[bool, Meta(description="Whether each is to be longer than the one before, up to `most`.")] = True
    jitter: Annotated[
        _Jitter, Meta(description="Whether chance is to have a part in them; `any`: it may, and growth is judged so.")
    ] = False
    least: Annotated[Duration, Meta(description="No pause is to be shorter.")] = 0
    most: Annotated[Period | None, Meta(description="No pause is to be longer.")] = None


class Expected(Struct, frozen=True):
    """Something that is expected of every client. Each kind is a Struct of its own: what a script says."""

    def landmarks(self) -> Iterable[tuple[Keys, str]]:
        """What the timeline must have, by name, for this to be judged at all; and where each name stands."""
        after = getattr(self, "after", None)
        return [] if after is None else [(("after",), after)]


class Connects(Expected, frozen=True):
    """A client connects."""

    within: Annotated[Period, Meta(description="In what time, counted from the start or from `after`.")] = 10 * _SECOND
    after: _After = None
    tolerance: _Tolerance = 0


class Subscribes(Expected, frozen=True):
    """A client subscribes, to all of `topics` if that says which."""

    topics: _Topics = None
    within: Annotated[Period, Meta(description="In what time, counted from the start or from `after`.")] = 10 * _SECOND
    after: _After = None
    tolerance: _Tolerance = 0


class Reconnects(Expected, frozen=True):
    """A client that was disconnected connects again, with pauses between attempts as `backoff` says."""

    within: Annotated[Period, Meta(description="In what time, counted from when it was disconnected.")] = 10 * _SECOND
    after: _After = None
    tolerance: _Tolerance = 0
    backoff: Annotated[
        Backoff | None, Meta(description="How the pauses between its attempts should be; left out: as it likes.")
    ] = None


class Resubscribes(Expected, frozen=True):
    """A client that is connected again subscribes to all that it was subscribed to before."""

    within: Annotated[Period, Meta(description="In what time, counted from when it is connected again.")] = 10 * _SECOND
    after: _After = None
    topics: Annotated[
        tuple[TopicWord, ...] | None, Meta(min_length=1, description="Which topics; left out: all that it had.")
    ] = None
    tolerance: _Tolerance = 0


class AnswersPings(Expected, frozen=True):
    """A client answers the server's control pings with pongs."""

    within: Annotated[Period, Meta(description="In what time each.")] = 10 * _SECOND
    tolerance: _Tolerance = 0


class HonoursRetryAfter(Expected, frozen=True):
    """A client that was told `retryAfter` sends nothing until that has passed."""

    tolerance: Annotated[Duration, Meta(description="How much earlier is still late enough: clocks differ.")] = 0


class NeverSends(Expected, frozen=True):
    """A client never sends too much: `more_than` some messages in any second, or one that is `larger_than` a size."""

    more_than: Annotated[_SomeRate | None, Meta(description="How many messages are too many, such as 100/s.")] = None
    larger_than: Annotated[_SomeSize | None, Meta(description="Which size of a message is too large.")] = None
    after: _After = None


class NeverTries(Expected, frozen=True):
    """A client never tries to connect more often than that, whatever becomes of it."""

    more_than: Annotated[_SomeRate, Meta(description="How many attempts are too many, such as 10/s.")]
    over: Annotated[Period, Meta(description="In which stretch they are counted: in any that is so long.")] = _SECOND
    after: _After = None


class NeverHolds(Expected, frozen=True):
    """There are never more connections at once than so many, of all clients together: none leaks."""

    more_than: Annotated[int | None, Meta(ge=1, description="So many are right; left out: as many as at `after`.")] = (
        None
    )
    after: _After = None
    tolerance: Annotated[
        Duration, Meta(description="How long there may be more: until the one that is replaced has ended.")
    ] = _SECOND // 2


class SendsValidMessages(Expected, frozen=True):
    """Every message that a client sends is one of the contract's."""

    after: _After = None


class ClosesProperly(Expected, frozen=True):
    """A client closes its connection with a close frame, and answers the server's."""

    within: Annotated[Period, Meta(description="In what time it answers a close frame.")] = 5 * _SECOND
    tolerance: _Tolerance = 0


class IgnoresUnknownTypes(Expected, frozen=True):
    """A client that gets an event of a type that it can't know stays connected and goes on."""

    within: Annotated[Period, Meta(description="How long it is watched for that.")] = 5 * _SECOND
    after: _After = None


class GoesOn(Expected, frozen=True):
    """A client whom something befalls stays connected, and gives a sign of life behind it."""

    after: _Landmark
    within: Annotated[Period, Meta(description="How long it is watched for that.")] = 5 * _SECOND


class FailsConnection(Expected, frozen=True):
    """A client that is sent what breaks the protocol closes its connection with the code that says so."""

    after: _Landmark
    code: Annotated[CloseCode, Meta(description="The code of its close frame.")] = 1002
    within: Annotated[Period, Meta(description="In what time.")] = 5 * _SECOND
    tolerance: _Tolerance = 0


class GivesUp(Expected, frozen=True):
    """A client that is refused for good, as after `AUTH_FAILED`, stops trying."""

    within: Annotated[Period, Meta(description="In what time: it may try again until then.")] = 10 * _SECOND
    after: _After = None
    tolerance: _Tolerance = 0


Kind: TypeAlias = (
    Connects
    | Subscribes
    | Reconnects
    | Resubscribes
    | AnswersPings
    | HonoursRetryAfter
    | NeverSends
    | NeverTries
    | NeverHolds
    | SendsValidMessages
    | ClosesProperly
    | IgnoresUnknownTypes
    | GoesOn
    | FailsConnection
    | GivesUp
)
"""Every kind of expectation."""

EXPECTATIONS: dict[str, type[Kind]] = {
    "connects": Connects,
    "subscribes": Subscribes,
    "reconnects": Reconnects,
    "resubscribes": Resubscribes,
    "answers_pings": AnswersPings,
    "honours_retry_after": HonoursRetryAfter,
    "never_sends": NeverSends,
    "never_tries": NeverTries,
    "never_holds": NeverHolds,
    "sends_valid_messages": SendsValidMessages,
    "closes_properly": ClosesProperly,
    "ignores_unknown_types": IgnoresUnknownTypes,
    "goes_on": GoesOn,
    "fails_connection": FailsConnection,
    "gives_up": GivesUp,
}
"""Every kind by the word under `client`."""


def _expectation(reader: Reader, node: Node, path: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    words, before = tuple(EXPECTATIONS), len(reader.problems)
    if "client" not in entries:
        return reader.problem(node, f"{path}.client", f"one of {', '.join(words)}", "nothing")
    word = reader.word(entries["client"], words, f"{path}.client")
    if word is INVALID:
        return INVALID
    expectation = reader.struct(node, EXPECTATIONS[word], path, beside=("client",))
    if expectation is not INVALID:
        _check(reader, node, path, expectation)
    return expectation if len(reader.problems) == before else INVALID


def _check(reader: Reader, node: Node, path: str, expectation: Kind) -> None:
    """Tell what does not go together, although each value is right."""
    match expectation:
        case NeverSends(more_than=None, larger_than=None):
            reader.problem(node, path, '"more_than" or "larger_than", or both', "neither")
        case NeverHolds(more_than=None, after=None):
            reader.problem(node, path, '"more_than", or "after" to count how many there are then', "neither")
        case Reconnects(backoff=Backoff(least=least, most=most)) if most is not None and least > most:
            assert isinstance(node.value, dict), "a Struct was read from it"
            backoff = node.value["backoff"].value
            assert isinstance(backoff, dict), "a Struct was read from it"
            reader.problem(backoff["most"], f"{path}.backoff.most", 'a duration that is not below "least"')


def _schema(builder: Builder) -> dict[str, Any]:
    return builder.choice("client", EXPECTATIONS)


Expectation: TypeAlias = Annotated[Kind, Form(_expectation, label="expectation", schema=_schema)]
"""An expectation as it is written: `{client: reconnects, within: 10s, after: disconnect}`."""
