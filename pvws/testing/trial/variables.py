"""What a command is told of the server it is to be a client of: variables of its environment, words in its arguments.

Pure.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct

__all__ = ["PREFIXES", "WORDS", "Address", "filled", "variables"]

PREFIXES = (
    "VITE_",
    "REACT_APP_",
    "NEXT_PUBLIC_",
    "NUXT_PUBLIC_",
    "PUBLIC_",
    "EXPO_PUBLIC_",
    "GATSBY_",
    "VUE_APP_",
    "STORYBOOK_",
    "CYPRESS_",
)
"""What a name must begin with for a tool to hand a variable on to code in a browser: Vite, Create React App, Next.js,
Nuxt, SvelteKit and Astro, Expo, Gatsby, the Vue CLI, Storybook; Cypress takes off its own.
"""

WORDS = ("{url}", "{host}", "{port}", "{http}", "{control}", "{token}")
"""What stands for a value in the arguments of a command; anything else in braces is the command's own."""

_OURS = ("PVWS_URL", "PVWS_CONTROL_URL", "PVWS_CONTROL_TOKEN", "PVWS_TOKEN", "PEERVAULT_TOKEN", "PVWS_CA_FILE")
_STALE = {f"{prefix}{name}" for prefix in ("", *PREFIXES) for name in _OURS}
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy")


class Address(Struct, frozen=True, kw_only=True):
    """Where a server is, and what it takes to be let in. `control` is the URL of its control plane, with the token that
    takes; `authority` the file of a certificate authority that clients must trust, `bundle` the same with those that
    they trust anyway. What is None, or empty, there is not.
    """

    url: str
    token: str = ""
    control: str = ""
    control_token: str = ""
    authority: str = ""
    bundle: str = ""

    @property
    def host(self) -> str:
        """The host of the URL, an IPv6 address without brackets."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> str:
        """The port of the URL."""
        return str(urlsplit(self.url).port or "")

    @property
    def http(self) -> str:
        """The same server for HTTP: scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"

    @property
    def words(self) -> dict[str, str]:
        """What each of `WORDS` stands for."""
        values = (self.url, self.host, self.port, self.http, self.control, self.token)
        return dict(zip(WORDS, values, strict=True))


def filled(text: str, address: Address) -> str:
    """A text with the values of the words in it; other braces stay."""
    for word, value in address.words.items():
        text = text.replace(word, value)
    return text


def variables(address: Address, environment: Mapping[str, str], more: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """The environment for a command: one that is there already, and what tells of the server. `more` are names and
    values, in which words are filled in, and go before all else.

    What stands in it of another server, as where a trial runs within a trial, is taken out.
    """
    told = {
        "PVWS_URL": address.url,
        "PEERVAULT_WS_URL": address.url,
        "PVWS_HOST": address.host,
        "PVWS_PORT": address.port,
        "PVWS_HTTP_URL": address.http,
        "PVWS_CONTROL_URL": address.control,
        "PVWS_CONTROL_TOKEN": address.control_token,
        "PVWS_TOKEN": address.token,
        "PEERVAULT_TOKEN": address.token,
        "PVWS_CA_FILE": address.authority,
        "NODE_EXTRA_CA_CERTS": address.authority,
        "SSL_CERT_FILE": address.bundle,
    }
    names = ("PVWS_URL", "PEERVAULT_WS_URL", "PVWS_TOKEN", "PVWS_CONTROL_URL")
    told |= {f"{prefix}{name}": told[name] for prefix in PREFIXES for name in names}
    found = {name: value for name, value in environment.items() if name not in _STALE}
    found |= {name: value for name, value in told.items() if value}
    if any(found.get(name) or found.get(name.upper()) for name in _PROXIES):
        found |= _directly(found, address.host)
    return found | {name: filled(value, address) for name, value in more}


def _directly(environment: Mapping[str, str], host: str) -> dict[str, str]:
    """Have clients that use a proxy not use it for the way to us."""
    names = ("no_proxy", "NO_PROXY")
    there = next((environment[name] for name in names if environment.get(name)), "")
    hosts = [each.strip() for each in there.split(",")] + [host, "localhost", "127.0.0.1"]
    return dict.fromkeys(names, ",".join(dict.fromkeys(filter(None, hosts))))
