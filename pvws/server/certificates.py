"""TLS: a context out of a certificate and its key, or out of a certificate authority made for the occasion."""

import ssl
from pathlib import Path

from pvws.errors import InputError, Problem, PvwsError
from pvws.server.settings import Tls

__all__ = ["self_signed", "server_context"]


def server_context(tls: Tls) -> ssl.SSLContext:
    """The context of a server. Raises InputError that says which of the two files can't be used, and why."""
    for key, path in (("tls.certificate", tls.certificate), ("tls.key", tls.key)):
        try:
            Path(path).read_bytes()
        except OSError as error:
            trouble = (error.strerror or str(error)).lower()
            raise InputError(Problem(key, "a file in PEM that can be read", f'"{path}" ({trouble})')) from None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        # A passphrase can't be asked for: whoever needs one gets an error instead of a prompt that nobody answers.
        context.load_cert_chain(tls.certificate, tls.key, password=lambda: "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            problem = Problem(
                "tls.key", f"the key of the certificate in {tls.certificate}", f'that of another one in "{tls.key}"'
            )
        else:
            why = (error.reason or str(error)).replace("_", " ").lower()
            problem = Problem(
                "tls",
                "a certificate and its key in PEM, without a passphrase",
                f'"{tls.certificate}" and "{tls.key}" ({why})',
            )
        raise InputError(problem) from None
    return context


def self_signed(folder: Path, host: str) -> tuple[Tls, Path]:
    """A certificate for a host and the loopback addresses, by an authority made for the occasion; and the CA's file.

    Needs the library trustme; raises PvwsError, saying how to get it, where that is missing.
    """
    try:
        import trustme
    except ImportError:
        raise PvwsError("--tls-self-signed needs the library trustme: pip install 'pvws[tls]'") from None
    authority = trustme.CA()
    names = dict.fromkeys(name for name in (host, "localhost", "127.0.0.1", "::1") if name not in ("0.0.0.0", "::"))
    certificate = authority.issue_cert(*names)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"pvws-{name}.pem" for name in ("ca", "certificate", "key")}
    authority.cert_pem.write_to_path(str(paths["ca"]))
    paths["certificate"].write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    paths["key"].touch(mode=0o600)
    certificate.private_key_pem.write_to_path(str(paths["key"]))
    return Tls(str(paths["certificate"]), str(paths["key"])), paths["ca"]
