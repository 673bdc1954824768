"""`pvws record`: a stream of any server, into a file."""

from typing import Annotated

import typer

from pvws.cli.options import Redact, parsed
from pvws.client.address import DEFAULT_URL, checked_url

__all__ = ["record"]


def record(
    out: Annotated[str, typer.Option("--out", "-o", metavar="F", help="Where to: F.pvrec.jsonl, .gz or .zst.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address.")] = DEFAULT_URL,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", metavar="T", help="Only this topic; may be given again.")
    ] = None,
    count: Annotated[int | None, typer.Option("--count", metavar="N", min=1, help="Leave after N messages.")] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="D", help="Leave that long after the first connection: 30s, 5m.")
    ] = None,
    patience: Annotated[
        str | None,
        typer.Option(metavar="D", help="How long to try to connect. Default: 10s at first, later for ever."),
    ] = None,
    token: Annotated[
        str | None, typer.Option(metavar="T|@FILE", help="A token to present. Default: that of PVWS_TOKEN.")
    ] = None,
    redact: Redact = None,
    ca: Annotated[
        str | None, typer.Option(metavar="F", help="The certificate of the authority to trust for wss://, in PEM.")
    ] = None,
) -> None:
    """Record what a server sends.

    It subscribes in the documented form and in the shipped server's, and records every message of the connection, byte
    for byte, with its fragments, pings and close frames. It reconnects when the connection is lost, and records the
    gap. Tokens are left out.

    \b
    Examples:
      pvws record -o session.pvrec.jsonl --for 5m
      pvws record ws://localhost:8083/ws --topic alerts --count 100 -o alerts.pvrec.jsonl.gz
      pvws record wss://peers.example/ws --token @token.txt -o session.pvrec.jsonl.zst
    """
    from pvws.cli.noting import Noting
    from pvws.cli.reaching import token_for, trust
    from pvws.cli.recorded import redactor
    from pvws.cli.run import run
    from pvws.cli.watch import chosen_topics
    from pvws.units import duration

    address = checked_url(url)
    noting = Noting(
        address,
        out,
        chosen_topics(topic or []),
        trust(url, ca),
        redactor(redact),
        token=token_for(address, token),
        count=count,
        for_s=None if for_ is None else parsed("--for", for_, duration) / 1_000_000,
        patience_s=None if patience is None else parsed("--patience", patience, duration) / 1_000_000,
    )
    raise typer.Exit(run(noting))
