import socket
import ssl
import sys
import threading
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from pvws.errors import InputError, PvwsError
from pvws.server.certificates import self_signed, server_context
from pvws.server.settings import Tls


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates and keys of several makes, and files that are neither."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    made = {
        "right": authority.issue_cert("localhost"),
        "other": authority.issue_cert("localhost"),
        "rsa": authority.issue_cert("localhost", key_type=trustme.KeyType.RSA),
    }
    for name, certificate in made.items():
        certificate.cert_chain_pems[0].write_to_path(str(folder / f"{name}.crt"))
        certificate.private_key_pem.write_to_path(str(folder / f"{name}.key"))
    key = serialization.load_pem_private_key(made["right"].private_key_pem.bytes(), None)
    for form in ("PKCS8", "TraditionalOpenSSL"):
        locked = key.private_bytes(
            serialization.Encoding.PEM,
            getattr(serialization.PrivateFormat, form),
            serialization.BestAvailableEncryption(b"passphrase"),
        )
        (folder / f"locked-{form}.key").write_bytes(locked)
    (folder / "garbage").write_text("garbage")
    (folder / "empty").touch()
    (folder / "bytes").write_bytes(bytes(range(256)))
    (folder / "half.crt").write_bytes((folder / "right.crt").read_bytes()[:200])
    return folder


def speak(context: ssl.SSLContext, authority: Path, host: str) -> str | None:
    """The version of TLS in which a client that trusts an authority speaks with a server of this context."""
    here, there = socket.socketpair()
    with here, there:

        def serve() -> None:
            with context.wrap_socket(there, server_side=True) as server:
                server.recv(1)

        server = threading.Thread(target=serve)
        server.start()
        with ssl.create_default_context(cafile=authority).wrap_socket(here, server_hostname=host) as client:
            version = client.version()
            client.send(b"x")
            server.join()
    return version


def test_a_certificate_and_its_key_make_a_context_that_clients_can_speak_with(folder: Path) -> None:
    for name in ("right", "rsa"):
        context = server_context(Tls(str(folder / f"{name}.crt"), str(folder / f"{name}.key")))
        assert speak(context, folder / "ca.pem", "localhost") == "TLSv1.3"


@pytest.mark.parametrize(
    ("certificate", "key", "said"),
    [
        (
            "right.crt",
            "other.key",
            'tls.key: expected the key of the certificate in F/right.crt, got that of another one in "F/other.key"',
        ),
        (
            "right.crt",
            "rsa.key",
            'tls.key: expected the key of the certificate in F/right.crt, got that of another one in "F/rsa.key"',
        ),
        (
            "rsa.crt",
            "right.key",
            'tls.key: expected the key of the certificate in F/rsa.crt, got that of another one in "F/right.key"',
        ),
        (
            "absent",
            "right.key",
            'tls.certificate: expected a file in PEM that can be read, got "F/absent" (no such file or directory)',
        ),
        (
            "right.crt",
            "absent",
            'tls.key: expected a file in PEM that can be read, got "F/absent" (no such file or directory)',
        ),
        ("", "right.key", 'tls.certificate: expected a file in PEM that can be read, got "F/" (is a directory)'),
        (
            "\0",
            "right.key",
            'tls.certificate: expected a file in PEM that can be read, got "F/\0" (embedded null byte)',
        ),
        ("garbage", "right.key", 'tls.certificate: expected a certificate in PEM, got "F/garbage" (none in it)'),
        ("bytes", "bytes", 'tls.certificate: expected a certificate in PEM, got "F/bytes" (none in it)'),
        ("right.key", "right.crt", 'tls.certificate: expected a certificate in PEM, got "F/right.key" (none in it)'),
        ("right.crt", "empty", 'tls.key: expected a private key in PEM, got "F/empty" (none in it)'),
        (
            "right.crt",
            "locked-PKCS8.key",
            'tls.key: expected a private key without a passphrase, got "F/locked-PKCS8.key" (encrypted)',
        ),
        (
            "right.crt",
            "locked-TraditionalOpenSSL.key",
            'tls.key: expected a private key without a passphrase, got "F/locked-TraditionalOpenSSL.key" (encrypted)',
        ),
        (
            "half.crt",
            "right.key",
            'tls: expected a certificate and its key, both in whole, got "F/half.crt" and "F/right.key"',
        ),
    ],
)
def test_what_can_not_be_used_is_told_in_a_sentence(folder: Path, certificate: str, key: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        server_context(Tls(f"{folder}/{certificate}", f"{folder}/{key}"))
    assert str(caught.value).replace(str(folder), "F") == said


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "pvws.example"])
def test_a_certificate_made_for_the_occasion_names_the_host_and_the_loopback(tmp_path: Path, host: str) -> None:
    tls, authority = self_signed(tmp_path / "new", host)
    context = server_context(tls)
    reachable = {"localhost", "127.0.0.1", "::1", host} - {"0.0.0.0", "::"}
    for name in reachable:
        assert speak(context, authority, name) == "TLSv1.3"
    assert Path(tls.key).stat().st_mode & 0o077 == 0, "nobody else may read it"


def test_a_host_that_no_certificate_can_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        self_signed(tmp_path, "my_host")
    said = '--tls-self-signed: expected a host that a certificate can name, got "my_host"'
    assert str(caught.value) == said


def test_without_the_library_one_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(PvwsError) as caught:
        self_signed(tmp_path, "localhost")
    assert str(caught.value) == "--tls-self-signed needs the library trustme: pip install 'pvws[tls]'"
