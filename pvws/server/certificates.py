"""TLS: a context out of a certificate and its key, or out of a certificate authority made for the occasion."""

import ssl
from pathlib import Path

from pvws.errors import InputError, Problem, PvwsError
from pvws.server.settings import Tls

__all__ = ["self_signed", "server_context"]

_WRONG_PAIR = ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED")  # the last: of another algorithm


def server_context(tls: Tls) -> ssl.SSLContext:
    """The context of a server. Raises InputError that says which of the two files can't be used, and why."""
    if b"-----BEGIN CERTIFICATE-----" not in _bytes("tls.certificate", tls.certificate):
        raise InputError(Problem("tls.certificate", "a certificate in PEM", f'"{tls.certificate}" (none in it)'))
    key = _bytes("tls.key", tls.key)
    if b"PRIVATE KEY-----" not in key:
        raise InputError(Problem("tls.key", "a private key in PEM", f'"{tls.key}" (none in it)'))
    if b"ENCRYPTED" in key:  # a passphrase can't be asked for
        raise InputError(Problem("tls.key", "a private key without a passphrase", f'"{tls.key}" (encrypted)'))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except ssl.SSLError as error:
        if error.reason in _WRONG_PAIR:
            expected = f"the key of the certificate in {tls.certificate}"
            raise InputError(Problem("tls.key", expected, f'that of another one in "{tls.key}"')) from None
        found = f'"{tls.certificate}" and "{tls.key}"'
        raise InputError(Problem("tls", "a certificate and its key, both in whole", found)) from None
    return context


def _bytes(key: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        trouble = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(Problem(key, "a file in PEM that can be read", f'"{path}" ({trouble})')) from None


def self_signed(folder: Path, host: str) -> tuple[Tls, Path]:
    """A certificate for a host and the loopback addresses, by an authority made for the occasion; and the CA's file.

    Needs the library trustme; raises PvwsError, saying how to get it, where that is missing, and InputError for a host
    that no certificate can name.
    """
    try:
        import trustme
    except ImportError:
        raise PvwsError("--tls-self-signed needs the library trustme: pip install 'pvws[tls]'") from None
    authority = trustme.CA()
    names = dict.fromkeys(name for name in (host, "localhost", "127.0.0.1", "::1") if name not in ("0.0.0.0", "::"))
    try:
        certificate = authority.issue_cert(*names)
    except ValueError:  # of the library idna: the name has an underscore, say
        raise InputError(Problem("--tls-self-signed", "a host that a certificate can name", f'"{host}"')) from None
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"pvws-{name}.pem" for name in ("ca", "certificate", "key")}
    authority.cert_pem.write_to_path(str(paths["ca"]))
    paths["certificate"].write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    paths["key"].touch(mode=0o600)
    certificate.private_key_pem.write_to_path(str(paths["key"]))
    return Tls(str(paths["certificate"]), str(paths["key"])), paths["ca"]
