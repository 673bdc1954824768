"""The crowd: many WebSockets in one thread that sees every byte, and still is quicker than the servers it loads.

One connection, the leader, is read frame by frame, and what all others get is compared with its bytes at the speed of
memory. So what is lost, comes twice, in another order or changed is seen exactly, on each connection.
"""

import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence

from pvws.client.address import shown_url
from pvws.client.trouble import trouble_of
from pvws.errors import ReachError
from pvws.testing.answer import Answer, NoHttpError, request_text, take_answer
from pvws.testing.frames import client_frame
from pvws.testing.load.follower import Follower
from pvws.testing.load.leader import Leader
from pvws.testing.load.reader import Cut
from pvws.testing.load.reckoning import Reckoning
from pvws.testing.talk import ACCEPT, KEY
from pvws.testing.target import Target
from pvws.wire.frames import Opcode
from pvws.wire.topics import Topic

__all__ = ["Crowd"]

_PIECE_BYTES = 1 << 20  # read at once
_LEADER_PIECES = 16  # of the leader, before the others have their turn
_HANDSHAKES_AT_ONCE = 256  # fewer than any server's queue of connections that it has not accepted yet
_LOOK_S = 0.05  # how often it is asked whether to go on, and told how far it is
_NOTHING_S = 0.000_05  # slept where nothing could be read: the leader, which others must not overtake, may be slow
_FENCE = b"fence"
_DEFLATE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


class Crowd:
    """So many connections to one server. Order of calls: `open`, `subscribe`, `listen`, `finish`, `close`.

    Everything waits for the server as long as the target's patience says, and raises ReachError where that is not
    enough, or where a connection can't be had. `tell` is called now and then while something takes long.
    """

    def __init__(
        self, target: Target, clients: int, *, compress: bool = False, tell: Callable[[], None] = lambda: None
    ) -> None:
        self.leader = Leader()
        """What the first connection has got."""
        self.bytes_received = 0
        """On all connections, since `listen` was called."""
        self.last_at = 0.0
        """When the last message came, on the monotonic clock."""
        self.gone = 0
        """How many connections the server has ended."""
        self._target = target
        self._compress = compress
        self._clients = clients
        self._tell = tell
        self._sockets: list[socket.socket] = []
        self._followers: list[Follower] = []  # the leader's own place in it is not used
        self._seen = [0] * clients
        self._read_before: tuple[bytes, Answer] = b"", Answer(0, [])
        self._ended: set[int] = set()
        self._fenced: set[int] = set()
        self._room = memoryview(bytearray(_PIECE_BYTES))
        self._selector = selectors.DefaultSelector()
        self._observe: Callable[[int, int, float], None] | None = None

    def __len__(self) -> int:
        return len(self._sockets)

    @property
    def sockets(self) -> Sequence[socket.socket]:
        """The connections, for whoever wants to say something else on them once they are open."""
        return self._sockets

    # The beginning

    def open(self) -> float:
        """Connect all and do their handshakes; how many seconds that took."""
        began = time.monotonic()
        answered = 0
        while answered < self._clients:
            for _ in range(min(_HANDSHAKES_AT_ONCE, self._clients - len(self._sockets))):
                self._sockets.append(self._connected())
            while answered < len(self._sockets):
                self._check(self._answer(self._sockets[answered]))
                answered += 1
            self._tell()
        return time.monotonic() - began

    def subscribe(self, topics: Sequence[Topic], *, quiet: bool) -> None:
        """Subscribe everybody, and return once the server has heard it.

        `quiet` says that nothing is sent before. Else the leader is the first, so that it gets what any other gets.
        """
        # In both forms at once: that of the documentation, and that of the shipped server (contract, "Two profiles").
        texts = (f'{{"type":"subscribe","topic":"{topic}","data":"{topic}"}}'.encode() for topic in topics)
        text = b"".join(client_frame(Opcode.TEXT, each) for each in texts)
        self._followers = [Follower(quiet=quiet) for _ in self._sockets]
        for number, each in enumerate(self._sockets):
            self._send(each, text + client_frame(Opcode.PING, _FENCE))
            if number == 0:
                self._await_fences({0})
        self._await_fences(set(range(self._clients)))
        self._fenced.clear()

    # The middle

    def listen(self, over: Callable[[], bool], observe: Callable[[int, int, float], None] | None = None) -> None:
        """Read until it is `over`.

        `observe` hears of every piece that completed messages on a connection: the number of the first of them, that
        behind the last, counted from 0 on each connection, and when it came, on the monotonic clock.
        """
        self._observe = observe
        self.bytes_received = 0
        self.last_at = time.monotonic()
        self._look(over)
        if 0 in self._ended:
            raise self._refused("it has ended the first connection, with which all others are compared")

    def catch_up(self, messages: int) -> None:
        """Read until everybody has so many messages, or nothing comes any more for as long as the patience says."""
        received, since = self.bytes_received, time.monotonic()

        def over() -> bool:
            nonlocal received, since
            if self.bytes_received != received:
                received, since = self.bytes_received, time.monotonic()
                return False
            have_all = len(self.leader.messages) >= messages and not any(
                each.behind(self.leader) for each in self._followers[1:]
            )
            return have_all or time.monotonic() - since > self._target.patience

        self._look(over)

    def finish(self, *, complete: bool) -> Reckoning:
        """Have all that was sent come, and say what became of it.

        `complete` says that the server sends no more, so that everybody is to get all that the leader has. Everybody
        else is known to have got what was sent because a ping that is sent behind it is answered.
        """
        others = set(range(1, self._clients)) - self._ended
        self._fence(others)
        self._fence({0} - self._ended)
        return sum(
            (follower.reckon(self.leader, to_the_end=complete) for follower in self._followers[1:]),
            Reckoning(reach=1),
        )

    def messages(self) -> int:
        """How many messages have come, on all connections."""
        return len(self.leader.messages) + sum(each.messages(self.leader) for each in self._followers[1:])

    def estimate(self) -> int:
        """About how many messages have come, by the bytes that have: it costs nothing to ask."""
        log = len(self.leader.log)
        return self.bytes_received * len(self.leader.messages) // log if log else 0

    def close(self) -> None:
        """Cut all connections."""
        self._selector.close()
        for each in self._sockets:
            each.close()

    # Handshakes

    def _connected(self) -> socket.socket:
        target, number = self._target, len(self._sockets) + 1
        try:
            made = socket.create_connection((target.host, target.port), timeout=target.patience)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if target.tls is not None:
                made = target.tls.wrap_socket(made, server_hostname=target.host)
        except OSError as error:
            raise self._unreached(number, error) from None
        fields: dict[str, str | None] = {
            "Host": target.authority,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": KEY,
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Extensions": _DEFLATE if self._compress else None,
            "Authorization": None if target.token is None else f"Bearer {target.token}",
        }
        self._send(made, request_text("GET", target.websocket, fields))
        return made

    def _answer(self, connection: socket.socket) -> Answer:
        data = bytearray()
        while True:
            more = self._receive(connection)
            data += more
            if data == self._read_before[0]:
                return self._read_before[1]  # all answers are alike, and to read one takes as long as to make it
            whole = bytes(data)
            try:
                answer = take_answer(data, "GET", ended=not more)
            except NoHttpError:
                raise self._refused("what it answers is no HTTP") from None
            if answer is not None:
                if data:
                    raise self._refused("it sends messages before it is asked for any")
                self._read_before = whole, answer
                return answer
            if not more:
                raise self._refused("it hung up instead of answering")

    def _check(self, answer: Answer) -> None:
        if answer.status != 101:
            raise self._refused(f"it answered HTTP {answer.status} instead of a WebSocket")
        if answer.header("Sec-WebSocket-Accept") != ACCEPT:
            raise self._refused("it answered another handshake")
        agreed = answer.header("Sec-WebSocket-Extensions") or ""
        if self._compress and "server_no_context_takeover" not in agreed:
            raise self._refused("it does not compress each message by itself, which --compress asks for")

    def _receive(self, connection: socket.socket) -> bytes:
        try:
            return connection.recv(65_536)
        except OSError as error:
            raise self._unreached(len(self._sockets), error) from None

    def _send(self, connection: socket.socket, data: bytes) -> None:
        """Send a little; a connection that breaks meanwhile shows that when it is read."""
        try:
            connection.settimeout(self._target.patience)
            connection.sendall(data)
        except OSError:
            pass

    def _unreached(self, number: int, error: OSError) -> ReachError:
        trouble = trouble_of(error, self._target.url)
        which = "" if number == 1 else f" (client {number:,} of {self._clients:,})"
        return ReachError(shown_url(self._target.url), f"{trouble.what}{which}", trouble.advice)

    def _refused(self, why: str) -> ReachError:
        return ReachError(shown_url(self._target.url), why)

    # Reading

    def _await_fences(self, wanted: set[int]) -> None:
        """Read until the pongs of these have come, which the server sends behind what was asked before."""
        self._watch()
        self._until_fenced(wanted)
        if missing := wanted - self._fenced:
            raise self._refused(
                f"client {min(missing) + 1:,} of {self._clients:,} was "
                + ("turned away" if missing & self._ended else "not answered")
            )

    def _fence(self, whom: set[int]) -> None:
        for number in whom:
            self._send(self._sockets[number], client_frame(Opcode.PING, _FENCE))
            self._sockets[number].setblocking(False)  # noqa: FBT003
            if number:
                self._followers[number].part(self.leader)
        self._until_fenced(whom)

    def _until_fenced(self, wanted: set[int]) -> None:
        """Read until they are all fenced or ended, or nothing has come for as long as the patience says."""
        received, since = self.bytes_received, time.monotonic()

        def over() -> bool:
            nonlocal received, since
            if self.bytes_received != received:
                received, since = self.bytes_received, time.monotonic()
            return wanted <= self._fenced | self._ended or time.monotonic() - since > self._target.patience

        if not over():
            self._look(over)

    def _watch(self) -> None:
        """Have those read that are not yet."""
        for number, each in enumerate(self._sockets):
            each.setblocking(False)  # noqa: FBT003
            if each not in self._selector.get_map():
                self._selector.register(each, selectors.EVENT_READ, number)

    def _look(self, over: Callable[[], bool]) -> None:
        selector, next_look = self._selector, time.monotonic() + _LOOK_S
        while 0 not in self._ended:  # without the leader nothing can be told of the others
            came, ready = False, selector.select(_LOOK_S)
            # The leader first, and all of it: who is ahead is read frame by frame, which would leave it further behind.
            for _ in range(_LEADER_PIECES):
                if 0 in self._ended or not self._read(0):
                    break
                came = True
            for key, _ in ready:
                if key.data:
                    came |= self._read(key.data)
            if not came:
                time.sleep(_NOTHING_S)
                if over():
                    return
            if (now := time.monotonic()) >= next_look:
                next_look = now + _LOOK_S
                self._tell()
                if over():
                    return

    def _read(self, number: int) -> bool:
        """Read what a connection has; whether it was anything."""
        room, connection = self._room, self._sockets[number]
        if number and self._target.tls is None:
            most = self._followers[number].room(self.leader)
            if most == 0:
                return False
            room = room[:most]
        try:
            size = connection.recv_into(room)
            while self._target.tls is not None and 0 < size < len(room) and connection.pending():  # type: ignore[attr-defined]
                size += connection.recv_into(room[size:])
        except BlockingIOError:
            return False
        except OSError as error:
            if self._target.tls is not None and _wants_more(error):
                return False
            size = 0
        if size == 0:
            self._end(number)
            return False
        self._take(number, room[:size])
        return True

    def _take(self, number: int, data: memoryview) -> None:
        self.bytes_received += len(data)
        leader = self.leader
        control = self._followers[number].take(data, leader) if number else leader.read(bytes(data))
        for cut in control:
            if number not in self._ended:  # behind a close frame nothing counts, though a pong may have come with it
                self._obey(number, cut)
        if self._observe is not None:
            count = len(leader.messages) if number == 0 else self._followers[number].messages(leader)
            if count > self._seen[number]:
                self.last_at = time.monotonic()
                self._observe(self._seen[number], count, self.last_at)
                self._seen[number] = count
        elif not control:
            self.last_at = time.monotonic()

    def _obey(self, number: int, cut: Cut) -> None:
        if cut.opcode == Opcode.PONG and cut.payload == _FENCE:
            self._fenced.add(number)
            if number:
                self._followers[number].agree(self.leader)
        elif cut.opcode == Opcode.PING:
            self._send(self._sockets[number], client_frame(Opcode.PONG, cut.payload))
            self._sockets[number].setblocking(False)  # noqa: FBT003
        elif cut.opcode == Opcode.CLOSE:
            self._end(number)

    def _end(self, number: int) -> None:
        if number not in self._ended:
            self._ended.add(number)
            self.gone += 1
            self._selector.unregister(self._sockets[number])


def _wants_more(error: OSError) -> bool:
    return isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError)
