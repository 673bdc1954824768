"""`pvws proxy`: between a real client and a real server, recording both directions."""

from typing import Annotated

import typer

from pvws.cli.options import Redact

__all__ = ["proxy"]


def proxy(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="The server: ws://host:port/ws, or wss://.")],
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0 picks a free one.")] = 8085,
    host: Annotated[str, typer.Option(metavar="NAME", help="Name or address to listen on.")] = "localhost",
    out: Annotated[
        str | None, typer.Option("--out", "-o", metavar="F", help="Record both directions: F.pvrec.jsonl, .gz or .zst.")
    ] = None,
    redact: Redact = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="FAULT", help="Do this to clients, such as 'drop: 10%, topics: [alerts]'; repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The seed of faults that depend on chance.")] = 0,
    ca: Annotated[
        str | None, typer.Option(metavar="F", help="The certificate of the authority to trust for wss://, in PEM.")
    ] = None,
    ready_file: Annotated[
        str | None, typer.Option(metavar="F", help="Write this file, as JSON (url, pid), once clients can connect.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every handshake on stderr.")] = False,
) -> None:
    """Stand between a client and a server: record, and add faults.

    Every byte passes as it comes: fragments, close codes, compression, resets and refused handshakes. Of a request
    only its Host changes, and its path where the server's is another. Tokens are left out of the recording.

    With --fault, clients get what networks and servers do to them in real life; nothing is compressed then, and the
    recording has what the client got. `pvws ctl fault kinds` and the documentation list every fault.

    \b
    Examples:
      pvws proxy --to ws://localhost:8083/ws -o session.pvrec.jsonl
      pvws proxy --to wss://peers.example/ws --port 8090 -o session.pvrec.jsonl.zst --redact data.key
      pvws proxy --to ws://localhost:8083/ws --fault 'latency: 200ms +- 50ms' --fault 'close: 1012, client: 1, nth: 20'
    """
    from pvws.cli.proxying import Proxying, read_faults
    from pvws.cli.reaching import trust
    from pvws.cli.recorded import redactor
    from pvws.cli.run import run
    from pvws.client.address import checked_url

    proxying = Proxying(
        checked_url(to, "--to"),
        host,
        port,
        trust(to, ca),
        out,
        redactor(redact),
        ready_file,
        verbose=verbose,
        faults=tuple(read_faults(fault)),
        seed=seed,
    )
    raise typer.Exit(run(proxying))
