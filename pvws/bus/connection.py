"""A connection to a NATS server that lasts: made once, or told in a sentence why not; then kept up by nats-py."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from pvws.bus.address import Address
from pvws.errors import ReachError

__all__ = ["Connection", "ended", "open_connection", "why_refused"]

_CONNECT_S = 2.0
"""How long the server may take to let us in."""

_RECONNECT_S = 0.25  # between two attempts: a server that is restarted is back within a second
_PING_S = 2  # a connection that is cut without a word is noticed after two of these
_ENDED_S = 0.05
_START = "docker run -p 4222:4222 nats -js, or nats-server -js"

# Of JetStream's API, see https://github.com/nats-io/nats-server/blob/main/server/errors.json
_NO_ROOM = (10047, 10023, 10028, 10025)
_FULL = (10077,)
_OTHER_CONFIGURATION = (10058, 10065)


class _Client(Client):
    """That of nats-py, which would take `tls://` for no more than a hint, and say its password in the open where the
    server knows no TLS.
    """

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        if initial_connection and self._current_server is not None and self._current_server.uri.scheme == "tls":
            if not (info.get("tls_required") or info.get("tls_available")):
                raise _OpenError
            info["tls_required"] = True  # where it is offered it is taken
        await super()._process_info(info, initial_connection)


class _OpenError(NatsError):
    """TLS is wished for, and there is none."""


class Connection:
    """One connection, with JetStream. `told` is given a sentence whenever the connection goes or comes back, `failed`
    an error when it has gone for good.
    """

    def __init__(
        self,
        address: Address,
        client: Client,
        told: Callable[[str], None],
        failed: Callable[[ReachError], None] = lambda error: None,
    ) -> None:
        self.address = address
        self.client = client
        self.stream = f"peervault-{address.world}"
        """The name of the world's stream."""
        self.jetstream: JetStreamContext = client.jetstream(timeout=_CONNECT_S)
        self.told = told
        self.changed: list[Callable[[], None]] = []
        """Who is called when the connection has gone, or is there again."""
        self.is_kept = False
        """Whether it was there once."""
        self.failed = failed
        self._leaving = False
        self._refused: Exception | None = None
        self._closing: asyncio.Task[None] | None = None
        self.at_first: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        """What is wrong with the first attempt, if something is."""

    @property
    def up(self) -> bool:
        """Whether the server is there just now."""
        return self.client.is_connected

    @property
    def closed(self) -> bool:
        """Whether it is never up again."""
        return self.client.is_closed

    # What nats-py says

    async def erred(self, trouble: Exception) -> None:
        """Something went wrong: at first, or later, when another attempt follows."""
        client = self.client
        if not self.at_first.done():
            self.at_first.set_result(trouble)
            return
        if not client.is_connected and client._transport is not None:
            # Of an attempt to come back that has failed: nats-py leaves it open.
            client._transport.close()  # type: ignore[no-untyped-call]
        if self.is_kept and self._refused is None and _is_refusal(trouble):  # which is no reason to try for ever
            self._refused = trouble
            self._closing = asyncio.ensure_future(client.close())  # this here is a task which that ends

    async def gone(self) -> None:
        """The server is not there any more, for now."""
        if not self.client.is_closed:
            self._changed("the bus is gone; it is tried again until it is back")

    async def back(self) -> None:
        """It is there again."""
        self._changed("the bus is back")

    async def gone_for_good(self) -> None:
        """The connection is closed, by us or by the server."""
        if self._leaving or not self.is_kept:
            return
        self._leaving = True
        for each in tuple(self.changed):
            each()
        self.failed(_closed(self.address, self._refused or self.client.last_error))

    def _changed(self, sentence: str) -> None:
        self.told(f"{self.address.shown}: {sentence}")
        for each in tuple(self.changed):
            each()

    # What is wanted of it

    async def find_stream(self) -> StreamInfo:
        """The world's stream, made if there is none. Raises ReachError where there can't be one."""
        address = self.address
        try:
            try:
                return await self.jetstream.stream_info(self.stream)
            except NotFoundError:
                return await self.jetstream.add_stream(
                    StreamConfig(
                        name=self.stream,
                        description="what a pvws simulation gives out",
                        subjects=[f"peervault.{address.world}.*.*"],
                        retention=RetentionPolicy.LIMITS,
                        storage=StorageType.FILE,  # outlives a server that is killed
                        max_age=address.age_s,
                        max_bytes=address.bytes,
                    )
                )
        except ServiceUnavailableError:
            raise ReachError(
                address.shown, "this NATS server has no JetStream", f"start it with JetStream: {_START}"
            ) from None
        except APIError as error:
            raise ReachError(address.shown, why_refused(error, self.stream), _advice(error)) from None
        except (NatsError, TimeoutError, OSError) as error:
            raise ReachError(address.shown, f"JetStream does not answer ({_said(error)})") from None

    async def close(self) -> None:
        """Leave, with all that was published handed over."""
        self.changed.clear()
        self._leaving = True
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(_CONNECT_S):
                if self.client.is_connected:
                    await self.client.flush(1)
                await self.client.close()


async def open_connection(
    address: Address,
    name: str,
    told: Callable[[str], None],
    failed: Callable[[ReachError], None] = lambda error: None,
) -> Connection:
    """A connection to the server of an address; `name` is what the server's own monitoring calls it.

    Raises ReachError that says why there is none: nobody there, no NATS, wrong credentials. Once it is there it is
    kept up for ever, whatever happens to the server; unless that will have no more of us, which `failed` is told.
    """
    client = _Client()
    connection = Connection(address, client, told, failed)
    at_first = connection.at_first
    connecting = asyncio.ensure_future(
        client.connect(
            address.server,
            name=name,
            error_cb=connection.erred,
            disconnected_cb=connection.gone,
            reconnected_cb=connection.back,
            closed_cb=connection.gone_for_good,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=_RECONNECT_S,  # type: ignore[arg-type] # it waits for any number of seconds
            connect_timeout=_CONNECT_S,  # type: ignore[arg-type]
            ping_interval=_PING_S,
            max_outstanding_pings=1,
        )
    )
    trouble: BaseException
    try:
        await asyncio.wait((connecting, at_first), return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            await connecting
            if not at_first.done():
                at_first.cancel()
            connection.is_kept = True
            return connection
        trouble = at_first.result()
    except (NatsError, OSError, TimeoutError) as error_of_connecting:
        trouble = error_of_connecting
    except BaseException:
        await _given_up(connecting, client)
        raise
    await _given_up(connecting, client)
    raise _unreachable(address, trouble)


async def _given_up(connecting: "asyncio.Future[None]", client: Client) -> None:
    connecting.cancel()
    await asyncio.wait({connecting})
    with contextlib.suppress(NatsError, OSError):
        await client.close()


async def ended(task: "asyncio.Task[None]") -> None:
    """Have a task end that may be in a call of nats-py, some of which swallow a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_ENDED_S)


def why_refused(error: APIError, stream: str) -> str:
    """Why JetStream would not do something, in a sentence."""
    if error.err_code in _NO_ROOM:
        return f"JetStream has no room for the stream {stream}"
    if error.err_code in _FULL:
        return f"the stream {stream} is full, and set to take nothing more instead of dropping what is oldest"
    if error.err_code in _OTHER_CONFIGURATION:
        return f"another stream has subjects of {stream}, or it is configured otherwise"
    return f"JetStream refuses the stream {stream}: {error.description}"


def _advice(error: APIError) -> str | None:
    if error.err_code in _NO_ROOM:
        return "give JetStream more (max_file_store), or have the world keep less: --bus nats://…?bytes=16MiB"
    return None


def _unreachable(address: Address, trouble: BaseException) -> ReachError:
    if isinstance(trouble, socket.gaierror):
        return ReachError(address.shown, "there is no such host")
    if isinstance(trouble, ConnectionRefusedError):
        return ReachError(address.shown, "nobody answers there", f"start a NATS server: {_START}")
    if _is_refusal(trouble):
        advice = "with credentials: --bus nats://USER:PASSWORD@HOST or nats://TOKEN@HOST"
        return ReachError(address.shown, "the NATS server does not let us in with these credentials", advice)
    if isinstance(trouble, _OpenError):
        return ReachError(address.shown, "this NATS server knows no TLS", "say nats:// where none is needed")
    if isinstance(trouble, ssl.SSLError):
        return ReachError(address.shown, f"no TLS with this NATS server ({_said(trouble)})")
    if isinstance(trouble, TimeoutError):
        return ReachError(address.shown, f"nobody has answered as a NATS server within {_CONNECT_S:g} s")
    if isinstance(trouble, NatsError):
        return ReachError(address.shown, f"what answers there is no NATS server that we understand ({_said(trouble)})")
    return ReachError(address.shown, _said(trouble))


def _closed(address: Address, trouble: BaseException | None) -> ReachError:
    """Why a connection that was there is none any more, and will not be."""
    advice = "start this again, once it is known why"
    if trouble is not None and _is_refusal(trouble):
        return ReachError(address.shown, "the NATS server does not let us in any more with these credentials")
    if trouble is not None and "maximum payload" in str(trouble).lower():
        return ReachError(address.shown, "the NATS server has closed the connection: a message was too large", advice)
    why = "" if trouble is None else f" ({_said(trouble)})"
    return ReachError(address.shown, f"the NATS server has closed the connection for good{why}", advice)


def _is_refusal(trouble: BaseException) -> bool:
    said = str(trouble).lower()
    return "authorization" in said or "authentication" in said


def _said(error: BaseException) -> str:
    return (str(error) or type(error).__name__).removeprefix("nats: ")
