"""Messages that come one after the other, and what an effect makes of them."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from pvws.scenario.faults.chain import Chain
from pvws.scenario.faults.effect import Did
from pvws.scenario.faults.fault import MessageFault
from pvws.scenario.faults.message import Message
from pvws.scenario.faults.spec import read_fault
from pvws.sim.chance import Stream

MILLISECOND = 1_000


class Passage:
    """A chain of faults as one client meets them, and what left it: when, in milliseconds, and which text."""

    def __init__(self, *faults: str, seed: int = 0) -> None:
        self.chain = Chain()
        self.counts = Counter[str]()
        self.left: list[tuple[int, str]] = []
        self.messages: list[Message] = []
        for number, text in enumerate(faults, 1):
            spec = read_fault(text)
            assert isinstance(spec.fault, MessageFault)
            chance = Stream(seed, f"fault {number}")
            self.chain.add(f"f{number}", spec, spec.fault.effect(chance, Did(self.counts)))

    def take(self, at: int, text: str, topic: str = "alerts", type: str = "storage_alert") -> None:  # noqa: A002
        """An event comes at a millisecond."""
        self.wait(at)
        message = Message(text.encode(), topics=(topic,), type=type, events=1)
        self._note(at, self.chain.take(message, at * MILLISECOND))

    def reply(self, at: int, text: str) -> None:
        """A pong of the API comes."""
        self._note(at, self.chain.take(Message(text.encode(), "reply", type="pong"), at * MILLISECOND))

    def control(self, at: int, frame: str) -> None:
        """A control frame comes."""
        self._note(at, self.chain.take(Message(frame.encode(), "control"), at * MILLISECOND))

    def wait(self, until: int) -> None:
        """Time goes on; what is due leaves when it is."""
        while (due := self.chain.due()) is not None and due <= until * MILLISECOND:
            self._note(due / MILLISECOND, self.chain.release(due))

    def end(self, at: int) -> None:
        """All faults end."""
        self._note(at, self.chain.flush(at * MILLISECOND))

    @property
    def texts(self) -> list[str]:
        """What left, in order."""
        return [text for _, text in self.left]

    def _note(self, at: float, messages: Sequence[Message]) -> None:
        self.left += [(at, message.text.decode("utf-8", "backslashreplace")) for message in messages]  # type: ignore[misc]
        self.messages += messages


@pytest.fixture
def passage() -> Callable[..., Passage]:
    """Makes chains of faults, each given as a script writes it."""
    return Passage
