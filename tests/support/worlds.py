"""A world of a server, steered over HTTP as any program would."""

import json
import urllib.error
import urllib.request
from typing import Any


class World:
    """A world of a server whose control plane is at `control`, and whose clients connect to `url`."""

    def __init__(self, control: str, url: str, name: str = "main", token: str | None = None) -> None:
        self.name = name
        self._control = control
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self.page = f"{control}/?world={name}"
        """Where its dashboard is."""
        self.url = f"{url}?world={name}"
        """Where its clients connect."""

    def get(self, path: str) -> Any:
        """What is there."""
        return self._call("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        """Do something."""
        return self._call("POST", path, body)

    def put(self, path: str, **body: Any) -> Any:
        """Put something there."""
        return self._call("PUT", path, body)

    def delete(self, path: str) -> Any:
        """Take it away."""
        return self._call("DELETE", path)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            f"{self._control}{path}?world={self.name}",
            None if body is None else json.dumps(body).encode(),
            self._headers | {"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                content = response.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()}") from None
        return json.loads(content) if content else None
