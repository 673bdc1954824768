"""A route of the control plane: what it takes, what it answers, and who does it. The table is made of these."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NamedTuple, TypeVar

from msgspec import Meta, Struct

from pvws.control.reading import Nothing, body_of, refused, tree_of
from pvws.errors import InputError
from pvws.notation.document import Node
from pvws.server.room import MAIN
from pvws.stage.stage import Stage

if TYPE_CHECKING:
    from pvws.control.plane import Plane

__all__ = ["BODY_BYTES_MAX", "Answer", "Call", "Query", "Reaching", "Reading", "Route"]

BODY_BYTES_MAX = 4 * 1_048_576
"""Of a body, where a route does not take more: a message of the largest size, in base64, and some to spare."""

_B = TypeVar("_B")
_Q = TypeVar("_Q", bound="Query")


class Query(Struct, frozen=True, kw_only=True):
    """What every route understands behind its `?`."""

    world: Annotated[str, Meta(description="The world that it is about.")] = MAIN


class Reaching(Query, frozen=True, kw_only=True):
    """What a route understands that is about what lives on a server: its clients, and what is done to them."""

    nodes: Annotated[
        Literal["here", "all"],
        Meta(description="Whether it is about this server, or about all that are on its bus."),
    ] = "here"


class Call(Generic[_B, _Q]):
    """A request that was let in, understood, and is to be answered."""

    __slots__ = ("body", "headers", "path", "plane", "query")

    def __init__(
        self, plane: "Plane", path: Mapping[str, str], query: _Q, body: _B, headers: Mapping[str, str]
    ) -> None:
        self.plane = plane
        self.path = path
        """The variable parts of its path."""
        self.query = query
        self.body = body
        self.headers = headers

    @property
    def stage(self) -> Stage:
        """The stage that it is about. Raises Refusal where there is no such world."""
        return self.plane.stage(self.query.world)

    @property
    def everywhere(self) -> bool:
        """Whether all servers of a bus are meant."""
        return isinstance(self.query, Reaching) and self.query.nodes == "all"


class Reading(NamedTuple):
    """A body with a reader of its own: what it is called, how it is read, and its JSON Schema.

    `read` raises InputError with every problem.
    """

    name: str
    read: Callable[[Node], Any]
    schema: Callable[[], dict[str, Any]]


class Answer(Struct, frozen=True):
    """An answer with another status than is usual for its route."""

    value: Any
    status: int


class Route(Struct, frozen=True, kw_only=True):
    """One route: `handle` gets a `Call` and gives the answer, of the type `answer`, or an awaitable of it.

    Its first line of documentation is the route's summary, the rest its description. `also` are further statuses that
    it may answer with, and when. `waits` says that it may take long: it ends when its caller goes, or the server does.
    `media` is that of its answer; what streams gives chunks of bytes. The `problems` are kinds that are its own.

    What is `of_source` is about the world: a node of a bus has its source do it. What has a `merge` can be done by all
    servers of a bus: that makes one answer of theirs, each given with what the server is called, and of who has given
    none; `for_all` gives the call, and its path and body as the others are to have them, since what is `f1` here may be
    `f2` there.
    """

    method: str
    path: str
    tag: str
    handle: Callable[[Any], Any]
    answer: Any = None
    body: type[Struct] | Reading = Nothing
    query: type[Query] = Query
    status: int = 200
    also: Mapping[int, str] = {}
    waits: bool = False
    media: str = "application/json"
    body_bytes_max: int = BODY_BYTES_MAX
    problems: tuple[str, ...] = ()
    of_source: bool | Callable[[Any], bool] = False
    merge: Callable[[Sequence[tuple[str, Any]], Any], Any] | None = None
    for_all: Callable[["Call[Any, Any]"], tuple["Call[Any, Any]", str | None, bytes | None]] = lambda call: (
        call,
        None,
        None,
    )

    def read(self, content: bytes) -> Any:
        """What a body says. Raises Refusal with every mistake."""
        if not isinstance(self.body, Reading):
            return body_of(content, self.body)
        tree = tree_of(content)
        try:
            return self.body.read(tree)
        except InputError as error:
            raise refused("invalid", error) from None

    def is_of_source(self, call: "Call[Any, Any]") -> bool:
        """Whether what was asked for is about the world."""
        return self.of_source(call) if callable(self.of_source) else self.of_source

    @property
    def name(self) -> str:
        """What it is called: `operationId` in the OpenAPI document."""
        return self.handle.__name__.strip("_")

    @property
    def takes_body(self) -> bool:
        """Whether it takes a body."""
        return self.body is not Nothing
