"""What it takes to reach a server that is somebody else's: a token, and a certificate to trust."""

import os
import ssl
from urllib.parse import parse_qs, urlsplit

from pvws.cli.files import read_file
from pvws.errors import InputError, Problem

__all__ = ["TOKEN_VARIABLE", "secret", "token_for", "trust"]

TOKEN_VARIABLE = "PVWS_TOKEN"
"""Holds a token, so that it need not stand in the list of processes."""


def secret(option: str, text: str | None) -> str | None:
    """A token, or that of `@FILE`. Raises InputError where the file holds none."""
    if text is None or not text.startswith("@"):
        return text
    lines = [line.strip() for line in read_file(option, text[1:]).splitlines()]
    tokens = [line for line in lines if line and not line.startswith("#")]
    if not tokens:
        raise InputError(Problem(option, "a file with a token in it", f'"{text[1:]}" (none)'))
    return tokens[0]


def token_for(url: str, given: str | None) -> str | None:
    """The token that `--token` gives, or the environment, unless the URL has one. Raises InputError as `secret`."""
    if not given and "token" not in parse_qs(urlsplit(url).query, keep_blank_values=True):
        given = os.environ.get(TOKEN_VARIABLE)
    return secret("--token", given or None)


def trust(url: str, ca: str | None) -> ssl.SSLContext | None:
    """What to trust for a URL with TLS, `ca` being the file of an authority; None for one without.

    Raises InputError where the file is of no use, or the URL has none.
    """
    if not url.lower().startswith("wss:"):
        if ca is not None:
            raise InputError(Problem("--ca", "none beside a URL without TLS", "ws://"))
        return None
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise InputError(Problem("--ca", "a file with a certificate in PEM", f'"{ca}" ({error})')) from None
