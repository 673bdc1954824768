"""A route of the control plane: what it takes, what it answers, and who does it. The table is made of these."""

from collections.abc import Callable, Mapping
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
    """What a route understands that does something to clients."""

    nodes: Annotated[
        Literal["here", "all"],
        Meta(description="Whether it concerns the clients here, or those of all nodes of a bus."),
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
    `media` is that of its answer; what streams gives chunks of bytes. The `problems` are kinds that are its own. On a
    node of a bus what is `of_source` can't be done to what it shows.
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
    of_source: bool = False

    def read(self, content: bytes) -> Any:
        """What a body says. Raises Refusal with every mistake."""
        if not isinstance(self.body, Reading):
            return body_of(content, self.body)
        tree = tree_of(content)
        try:
            return self.body.read(tree)
        except InputError as error:
            raise refused("invalid", error) from None

    @property
    def name(self) -> str:
        """What it is called: `operationId` in the OpenAPI document."""
        return self.handle.__name__.strip("_")

    @property
    def takes_body(self) -> bool:
        """Whether it takes a body."""
        return self.body is not Nothing
