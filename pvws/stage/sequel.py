"""A run of which everything is known beforehand, also that other scenarios were loaded while it went on."""

from collections.abc import Callable, Sequence

from pvws.scenario.director import Director
from pvws.sim.agenda import Instant
from pvws.sim.source import ClientInput, Cue, Exchange, Input, Order, Source, Timed
from pvws.stage.loading import loading_of
from pvws.stage.nobody import nobody

__all__ = ["Sequel", "exchanges"]


def exchanges(inputs: Sequence[Input]) -> bool:
    """Whether something else was loaded among what is known."""
    return any(isinstance(each, Exchange) for each in inputs)


class Sequel:
    """A `Source` that plays what `first` makes of the inputs before the first exchange, then what that loads, and on.

    What clients and controllers do beside that changes nothing. Raises InputError for what can't be loaded any more.
    """

    def __init__(self, first: Callable[[Sequence[Input]], Director], inputs: Sequence[Input]) -> None:
        self._left = _parts(inputs)
        own = self._left.pop(0)[1]
        self.director: Director = first(own)
        """Who plays now."""
        self._plays: Source = self.director
        for exchange, _ in self._left:  # else it would be found out in the middle
            assert exchange is not None, "only the first part begins without one"
            if exchange.what is not None:
                loading_of(exchange.what).read()
        self._sequence = 0

    def peek(self) -> Instant | None:
        """When the next thing happens; see `Source`."""
        at = self._plays.peek()
        exchange = self._next()
        if exchange is None or (at is not None and at <= exchange.at):
            return at
        return self._after(exchange)

    def take(self, until: Instant | None, limit: int) -> list[Timed | Cue]:
        """What happens up to and including an instant; see `Source`."""
        exchange = self._next()
        at = self._plays.peek()
        if exchange is not None and (at is None or at > exchange.at):
            if until is not None and self._after(exchange) > until:
                return []
            self._exchange()
            return []
        last = until if exchange is None else exchange.at if until is None else min(until, exchange.at)
        given = self._plays.take(last, limit)
        for each in reversed(given):
            if isinstance(each, Timed):
                self._sequence = each.sequence + 1
                break
        return given

    def tell(self, deed: ClientInput) -> ClientInput | None:
        """A client has done something, which changes nothing."""
        return None

    def order(self, order: Order) -> Order | None:
        """A controller would do something, which is refused."""
        return None

    def _next(self) -> Exchange | None:
        return self._left[0][0] if self._left else None

    def _after(self, exchange: Exchange) -> Instant:
        return max(exchange.start, exchange.at)

    def _exchange(self) -> None:
        exchange, inputs = self._left.pop(0)
        assert exchange is not None, "only the first part begins without one"
        if exchange.what is None:
            self._plays = self.director = nobody(exchange.start, inputs)
            return
        loading = loading_of(exchange.what)
        source, _ = loading.source_of(loading.read(), exchange.start, self._sequence)
        for each in inputs:
            if isinstance(each, Order):
                source.order(each)
            elif isinstance(each, ClientInput):
                source.tell(each)
        self._plays = source
        self.director = source if isinstance(source, Director) else source.director


def _parts(inputs: Sequence[Input]) -> list[tuple[Exchange | None, list[Input]]]:
    """The inputs between two exchanges each, with the one before them."""
    parts: list[tuple[Exchange | None, list[Input]]] = [(None, [])]
    for each in inputs:
        if isinstance(each, Exchange):
            parts.append((each, []))
        else:
            parts[-1][1].append(each)
    return parts
