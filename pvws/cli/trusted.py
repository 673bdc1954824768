"""The configuration of a server that a command is run against, and the certificate authorities that it has to trust."""

import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from pvws.cli.configured import configured_by
from pvws.scenario.expectations import Kind
from pvws.server.settings import Configuration
from pvws.testing.trial.staging import judged_soon

__all__ = ["Served", "served_by"]


class Served(Struct, frozen=True):
    """How a server is configured. Where its certificate was made for the occasion, `authority` is the file of who
    vouches for that, and `bundle` one of that and of all those that are trusted anyway; else both are empty.
    """

    configuration: Configuration
    authority: str = ""
    bundle: str = ""


def served_by(parameters: Mapping[str, Any], expected: Iterable[Kind] = ()) -> Served:
    """What a command's parameters give, on a free port unless they say which; made so that what is expected of clients
    can be judged in a short run. Raises InputError.
    """
    configuration = configured_by({**parameters, "port": parameters["port"] or 0}, judged_soon(expected))
    if not parameters["tls_self_signed"] or configuration.tls is None:
        return Served(configuration)
    authority = Path(configuration.tls.certificate).with_name("pvws-ca.pem")
    bundle = authority.with_name("pvws-bundle.pem")
    known = ssl.get_default_verify_paths().cafile
    bundle.write_bytes((Path(known).read_bytes() + b"\n" if known else b"") + authority.read_bytes())
    return Served(configuration, str(authority), str(bundle))
