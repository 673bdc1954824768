"""One run of `pvws proxy`."""

import json
import os
import ssl
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from msgspec import Struct

from pvws.cli.files import remove, write_whole
from pvws.cli.recorded import header_of, recording_to
from pvws.cli.run import Stop
from pvws.cli.standard import note
from pvws.client.address import shown_url
from pvws.errors import InputError, Problem
from pvws.files.recorder import Recorder
from pvws.proxy.conversation import Witness
from pvws.proxy.exchange import Answer
from pvws.proxy.proxy import Proxy
from pvws.proxy.recorded import Stenographer
from pvws.proxy.route import Route
from pvws.recording.redact import Redactor

if TYPE_CHECKING:
    from pvws.proxy.faulty import LinkFaults
    from pvws.proxy.planned import PlannedFault

__all__ = ["Proxying", "read_faults"]


def read_faults(texts: Sequence[str] | None) -> Iterator["PlannedFault"]:
    """The faults of the command line. Raises InputError, which names the option.

    A restart has to say when: as it begins, a proxy has no clients that could lose it.
    """
    if texts:
        from pvws.proxy.planned import PlannedFault
        from pvws.scenario.faults.spec import read_fault

        for text in texts:
            found = read_fault(text, "--fault", PlannedFault)
            if found.restart is not None and not found.at:
                raise InputError(Problem("--fault", f"a time to restart at, as in 'at: 30s, {found}'", "none"))
            yield found


class Proxying(Struct, frozen=True):
    """Call it with the `Stop` of the command; it gives the exit code: 1 where the recording could not be kept up."""

    to: str
    host: str
    port: int
    tls: ssl.SSLContext | None
    out: str | None
    redact: Redactor
    ready_file: str | None = None
    verbose: bool = False
    faults: "tuple[PlannedFault, ...]" = ()
    seed: int = 0

    async def __call__(self, stop: Stop) -> int:
        """Pass on what comes until there is a signal."""
        recorder: Recorder | None = None
        notes = Stenographer(lambda entry: None, lambda: 0)

        def open_(answer: Answer, address: str) -> Witness:
            self._tell(answer, address)
            return notes.open(answer, address)

        async with AsyncExitStack() as recording:  # the outer one: goodbyes are recorded too
            faults = self._links()
            async with Proxy(
                Route(self.to), self.host, self.port, open_, tls=self.tls, unreached=self._unreached, faults=faults
            ) as proxy:
                if self.out is not None:  # not before the address is ours: no file is lost to a busy port
                    header = header_of("proxy", url=self.to)
                    recorder = await recording.enter_async_context(
                        recording_to(self.out, header, "--out", conns=True, redact=self.redact)
                    )
                    notes = Stenographer(recorder.record, recorder.now)
                await self._serve(proxy, stop)
            note(self._summary(proxy, notes))
            for standing in () if faults is None else faults.all:
                note(str(standing))
        if recorder is not None and recorder.trouble is not None:
            return stop.exit_code or 1
        return stop.exit_code

    async def _serve(self, proxy: Proxy, stop: Stop) -> None:
        where = "" if self.out is None else f", recording to {self.out}"
        note(f"{proxy.url} leads to {shown_url(self.to)}{where}; Ctrl-C ends it")
        if self.ready_file is not None:
            write_whole("--ready-file", self.ready_file, json.dumps({"url": proxy.url, "pid": os.getpid()}) + "\n")
        try:
            await stop.wait()
        finally:
            if self.ready_file is not None:
                remove(self.ready_file)

    def _links(self) -> "LinkFaults | None":
        if not self.faults:
            return None
        from pvws.proxy.faulty import LinkFaults  # costs a proxy without faults nothing

        return LinkFaults(self.faults, self.seed)

    def _tell(self, answer: Answer, address: str) -> None:
        if self.verbose:
            done = "connected" if answer.status == 101 else f"was refused with HTTP {answer.status}"
            note(f"a client at {address} {done}")

    def _unreached(self, why: str) -> None:
        note(f"{shown_url(self.to)} can't be reached: {why}; the client is answered 502")

    def _summary(self, proxy: Proxy, notes: Stenographer) -> str:
        sent, received = notes.messages["send"], notes.messages["recv"]
        return (
            f"{proxy.connections:,} connections, {notes.handshakes:,} WebSockets; "
            f"clients sent {sent:,} messages and received {received:,}"
        )
