"""Flaws in how a client keeps its token."""

from reference import Client


class DropsTheQuery(Client):
    """Builds its URL anew from host and path, loses what stood behind, and has no other way to present a token."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url.partition("?")[0], "")


class DropsTheQueryLater(Client):
    """Presents its token once, and comes back without."""

    def connect(self) -> None:
        super().connect()
        self.url = self.url.partition("?")[0]
        self.headers = {}


class PrintsItsUrl(Client):
    """Logs where it connects to, with everything that stands in the URL."""

    def connect(self) -> None:
        self.tell(f"connecting to {self.url}")
        super().connect()
