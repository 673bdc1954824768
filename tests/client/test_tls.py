"""wss:// as a user of the library meets it: authorities of the system, one's own, and servers that can't be trusted."""

import ssl
from pathlib import Path

import pytest
import trustme

import pvws
from pvws.server.settings import Settings, Tls
from tests.support.served import HOST, served

QUICK: pvws.Options = {"retry_first_s": 0.001, "retry_most_s": 0.01, "patience_first_s": 5}


class Encrypted:
    """The settings of a server whose certificate `authority` has signed."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.authority_file = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(self.authority_file)
        certificate = self.authority.issue_cert(HOST)
        tls = Tls(str(folder / "certificate.pem"), str(folder / "key.pem"))
        certificate.cert_chain_pems[0].write_to_path(tls.certificate)
        certificate.private_key_pem.write_to_path(tls.key)
        self.settings = Settings(tls=tls)


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Encrypted:
    return Encrypted(tmp_path_factory.mktemp("tls"))


async def test_without_a_context_the_systems_authorities_are_trusted(
    encrypted: Encrypted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(encrypted.authority_file))  # where OpenSSL looks for them
    async with served(encrypted.settings) as server, pvws.connect(server.url, **QUICK) as events:
        assert server.url.startswith("wss://")
        assert await events.ping() > 0


async def test_a_context_of_ones_own_is_used(encrypted: Encrypted) -> None:
    trusting = ssl.create_default_context()
    encrypted.authority.configure_trust(trusting)
    async with served(encrypted.settings) as server, pvws.connect(server.url, tls=trusting, **QUICK) as events:
        assert await events.ping() > 0


async def test_a_certificate_that_nobody_vouches_for_ends_it_at_once(encrypted: Encrypted) -> None:
    async with served(encrypted.settings) as server:
        with pytest.raises(pvws.ReachError, match="no TLS connection: unable to get local issuer certificate"):
            await pvws.connect(server.url, **QUICK).__aenter__()


async def test_a_server_without_tls_is_no_server_for_wss() -> None:
    async with served() as server:
        with pytest.raises(pvws.ReachError, match="no TLS connection"):
            await pvws.connect(server.url.replace("ws://", "wss://"), **QUICK).__aenter__()


def test_a_context_that_would_not_be_used_is_an_error() -> None:
    with pytest.raises(pvws.InputError, match='tls: expected a wss:// URL to go with it, got "ws://localhost/ws"'):
        pvws.connect("ws://localhost/ws", tls=ssl.create_default_context())
