"""The configuration that a command's flags, the environment and a file give together."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import structs

from pvws.cli.controlled import CONTROL_TOKEN_VARIABLE, control_keys
from pvws.cli.files import read_file
from pvws.cli.reaching import TOKEN_VARIABLE
from pvws.cli.standard import note
from pvws.errors import InputError, Problem
from pvws.server.certificates import self_signed
from pvws.server.configuration import configure, tokens_of
from pvws.server.settings import Configuration

__all__ = ["SERVER_OPTIONS", "Otherwise", "configured", "configured_by"]

Otherwise: TypeAlias = Mapping[tuple[str, ...], tuple[str, Any]]
"""Values of keys, by their paths, each with the name of what asks for it."""

SERVER_OPTIONS = (
    "config",
    "host",
    "port",
    "profile",
    "token",
    "tls_cert",
    "tls_key",
    "tls_self_signed",
    "control",
    "control_token",
)
"""The parameters of a command that configure its server, by their names in its signature."""


def configured_by(parameters: Mapping[str, Any], otherwise: Otherwise = {}) -> Configuration:  # noqa: B006
    """The configuration that a command's parameters give; those in `SERVER_OPTIONS` count. `otherwise` is for keys of
    which neither they nor the environment nor the file say anything.
    """
    options = {name: parameters[name] for name in SERVER_OPTIONS}
    return configured(**options | {"token": options["token"] or (), "otherwise": otherwise})


def configured(
    *,
    config: str | None = None,
    host: str | None = None,
    port: int | None = None,
    profile: str | None = None,
    token: Sequence[str] = (),
    tls_cert: str | None = None,
    tls_key: str | None = None,
    tls_self_signed: bool = False,
    control: str | None = None,
    control_token: str | None = None,
    otherwise: Otherwise = {},  # noqa: B006 - it never changes
) -> Configuration:
    """The configuration. Raises InputError with every problem and where it is."""
    if tls_self_signed and (tls_cert or tls_key):
        raise InputError(Problem("--tls-self-signed", "no --tls-cert and no --tls-key beside it", "both"))
    flags: dict[tuple[str, ...], tuple[str, Any]] = {}
    for path, flag, value in (
        (("host",), "--host", host),
        (("port",), "--port", port),
        (("profile",), "--profile", profile),
        (("tls", "certificate"), "--tls-cert", tls_cert),
        (("tls", "key"), "--tls-key", tls_key),
        (("auth", "tokens"), "--token", _tokens(token) or None),
    ):
        if value is not None:
            flags[path] = flag, value
    for key, value in ({} if control is None else control_keys(control)).items():
        flags["control", key] = "--control", value
    if (own := _control_token(control_token)) is not None:
        source = CONTROL_TOKEN_VARIABLE if control_token is None else "--control-token"
        flags["control", "token"] = source, own
    text = None if config is None else read_file("--config", config)
    found = configure(text, config or "", os.environ, flags, _read, otherwise=otherwise)
    if tls_self_signed:
        tls, authority = self_signed(_folder_for_this_run(), found.host)
        note(f"clients must trust this certificate authority: {authority}")
        found = structs.replace(found, tls=tls)
    return found


def _folder_for_this_run() -> Path:
    """A folder that goes with the process: of the certificates in it nobody has a use afterwards."""
    folder = tempfile.mkdtemp(prefix="pvws-tls-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _control_token(flag: str | None) -> str | None:
    """The token of the control plane: of the flag, of a file it names, or of the environment."""
    if flag is None or not flag.startswith("@"):
        return flag or os.environ.get(CONTROL_TOKEN_VARIABLE) or None
    found = tokens_of(read_file("--control-token", flag[1:]))
    if len(found) != 1:
        raise InputError(Problem("--control-token", "a file with one token in it", f'"{flag[1:]}" ({len(found)})'))
    return found[0].token


def _tokens(flags: Sequence[str]) -> list[str]:
    """The tokens of the flags, `@FILE` standing for those in a file; without any, that of the environment."""
    tokens = []
    for flag in flags:
        if flag.startswith("@"):
            found = tokens_of(read_file("--token", flag[1:]))
            if not found:  # without tokens the server would be open to everyone
                raise InputError(Problem("--token", "a file with a token in it", f'"{flag[1:]}" (none)'))
            tokens += [token.token for token in found]
        else:
            tokens.append(flag)
    variable = os.environ.get(TOKEN_VARIABLE)
    return tokens or ([variable] if variable else [])


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
