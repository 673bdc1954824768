"""Judges what clients send: valid messages, not too much, and nothing while they were asked to wait. Pure."""

from pvws.scenario.expectations import HonoursRetryAfter, NeverSends, SendsValidMessages
from pvws.sim.agenda import Instant
from pvws.testing.judging.case import Case
from pvws.testing.judging.clients import Connection, Party
from pvws.testing.judging.counting import Window
from pvws.testing.judging.facts import Ended, Fact, Hindered, Knocked, Refused, Sent, ToldError, Violated
from pvws.testing.words import shown

__all__ = ["REACTION_MICROS", "HonoursRetryAfterCase", "NeverSendsCase", "SendsValidMessagesCase"]

REACTION_MICROS = 250_000
"""What was sent so soon after the client was told to wait may have been on its way, or decided."""

_SECOND = 1_000_000
_RATE_LIMIT = "RATE_LIMIT_EXCEEDED"
_INVALID = "INVALID_MESSAGE"


class NeverSendsCase(Case):
    """No more than so many messages in any second, and none that is larger than so much: on each connection."""

    expected: NeverSends

    def begin(self) -> None:
        """Nothing has come."""
        self._windows: dict[int, Window] = {}  # by connection

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """A message has come."""
        if connection is None:
            return
        match fact:
            case Sent() if self.active:
                self._count(fact, connection)
                largest = self.expected.larger_than
                if largest is not None and fact.size > largest:
                    found = f"one of {fact.size:,} bytes"
                    self.breach(fact, f"no message larger than {largest:,} bytes", found, connection)
            case Violated(larger_than=size) if self.active and size is not None:
                largest = self.expected.larger_than
                if largest is not None and size >= largest:
                    found = f"one of more than {size:,} bytes"
                    self.breach(fact, f"no message larger than {largest:,} bytes", found, connection)
            case Hindered():
                self._windows.pop(connection.number, None)  # what piled up meanwhile comes at once
            case Ended():
                self._windows.pop(connection.number, None)
            case _:
                pass

    def _count(self, fact: Sent, connection: Connection) -> None:
        rate = self.expected.more_than
        if rate is None:
            return
        window = self._windows.setdefault(connection.number, Window(rate))
        # While this process stood still, messages piled up that came one by one.
        found = window.add(fact.real + self.book.stood)
        if found is not None:
            self.breach(fact, f"no more than {window.most:,} messages in {window.span}", found, connection)

    def held_by(self, until: Instant) -> int:
        """Whoever was here has not."""
        return int(self.book.seen and self.active)


class SendsValidMessagesCase(Case):
    """Every message is one of the contract's, and every frame one that RFC 6455 allows."""

    expected: SendsValidMessages
    nothing = "no message was sent"

    def begin(self) -> None:
        """Nobody is waited for."""
        self._deaf_until: dict[int, Instant] = {}  # who is in a penalty, in which nothing is read

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """Something was sent."""
        if connection is None:
            return
        match fact:
            case Sent():
                self._judge(fact, connection)
            case Violated() if self.active:
                self.breach(fact, "frames that RFC 6455 allows, of a size that the server takes", str(fact), connection)
            case ToldError(code=code, retry_after=seconds) if code == _RATE_LIMIT and seconds is not None:
                self._deaf_until[connection.number] = fact.real + seconds * _SECOND
            case Ended():
                self._deaf_until.pop(connection.number, None)
            case _:
                pass

    def _judge(self, fact: Sent, connection: Connection) -> None:
        if not self.active:
            return
        if fact.error == _INVALID:
            found = f"{shown(fact.text) or f'{fact.size:,} bytes'} ({shown(fact.why) or fact.error})"
            self.breach(fact, "messages of the contract", found, connection)
        elif fact.type:
            self.held += 1
        elif not fact.error and fact.real > self._deaf_until.get(connection.number, -1):
            # The shipped server ignores what it can't read, without a word.
            found = f"{shown(fact.text) or f'{fact.size:,} bytes'}, which the server ignores"
            self.breach(fact, "messages of the contract", found, connection)


class HonoursRetryAfterCase(Case):
    """Who was told `retryAfter` sends nothing on that connection until then; who was refused a handshake with
    `Retry-After` does not try before.
    """

    expected: HonoursRetryAfter
    nothing = "no client was told retryAfter"

    def begin(self) -> None:
        """Nobody is waited for."""
        self._quiet: dict[int, tuple[Fact, Instant, Instant]] = {}  # since what, until when, what stood still before
        self._away: dict[Party, tuple[Fact, Instant]] = {}

    def see(self, fact: Fact, connection: Connection | None, party: Party | None) -> None:
        """Somebody is told to wait, and does or does not."""
        match fact:
            case ToldError(code=code, retry_after=seconds) if code == _RATE_LIMIT and seconds is not None:
                assert connection is not None, "who is told something is connected"
                until = fact.real + seconds * _SECOND
                since, before, stood = self._quiet.get(connection.number, (fact, until, self.book.stood))
                self._quiet[connection.number] = since, max(until, before), stood
            case Sent() if connection is not None and connection.number in self._quiet:
                self._speaks(fact, connection)
            case Ended() if connection is not None:
                told = self._quiet.pop(connection.number, None)
                if told is not None and fact.real >= told[1] - self.tolerance:
                    self.held += 1
                elif told is not None:
                    self.voided = "the connection ended before that was over"
            case Knocked() if party is not None:
                self._tries(fact, party)
            case Refused(retry_after=seconds) if party is not None:
                if not fact.client:
                    self._tries(fact, party)
                if seconds is not None:
                    self._away[party] = fact, fact.real + seconds * _SECOND
            case _:
                pass

    def held_by(self, until: Instant) -> int:
        """Who is silent until then, and after that."""
        quiet = sum(1 for _, end, _ in self._quiet.values() if end - self.tolerance <= until)
        return quiet + sum(1 for _, end in self._away.values() if end - self.tolerance <= until)

    def pending(self, until: Instant) -> str:
        """Who is to be silent still."""
        ends = [end for _, end, _ in self._quiet.values()] + [end for _, end in self._away.values()]
        return "what a client was told to wait is not over" if any(end - self.tolerance > until for end in ends) else ""

    def forget(self, party: Party) -> None:
        """That it was refused with `Retry-After`."""
        self._away.pop(party, None)

    def _speaks(self, fact: Sent, connection: Connection) -> None:
        since, end, stood = self._quiet[connection.number]
        if fact.real >= end - self.tolerance:
            del self._quiet[connection.number]
            self.held += 1
        elif fact.real > since.real + REACTION_MICROS + self.book.stood - stood:
            del self._quiet[connection.number]
            seconds = (end - since.real) / _SECOND
            found = f"a message after {(fact.real - since.real) / _SECOND:.3f} s"
            self.breach(fact, f"no message for {seconds:g} s, as it was told (retryAfter)", found, connection)

    def _tries(self, fact: Fact, party: Party) -> None:
        told = self._away.pop(party, None)
        if told is None:
            return
        since, end = told
        if fact.real >= end - self.tolerance:
            self.held += 1
        else:
            seconds = (end - since.real) / _SECOND
            found = f"one after {(fact.real - since.real) / _SECOND:.3f} s"
            self.breach(fact, f"no attempt for {seconds:g} s, as it was told (Retry-After)", found, party=party)
