"""The dashboard's files, as they lie in the package: a page that needs no network beyond the test-bed."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from pvws.answers import Mistake
from pvws.control.problems import Refusal
from pvws.notation.reader import nearest

__all__ = ["PATHS", "Page"]

PATHS = ("/", "/favicon.ico", "/dashboard/{path:path}")
"""Where it is served."""

_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


class Page:
    """Answers requests for the files of a folder. `index.html` is at `/`, all of them are below `/dashboard/`."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self._folder = files("pvws.control") / "dashboard" if folder is None else folder

    def answer(self, path: str, known: str | None = None) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and content; 304 for what its reader knows already. Raises Refusal where there is nothing."""
        name = {"/": "index.html", "/favicon.ico": "favicon.ico"}.get(path, path.removeprefix("/dashboard/"))
        if name == "":
            name = "index.html"
        file = self._files.get(name)
        if file is None:
            expected = ", ".join(f"/dashboard/{each}" for each in self._files) or "nothing: there is no dashboard"
            hint = nearest(name, list(self._files))
            raise Refusal("unknown-route", f"there is no {path[:100]}", [Mistake("path", expected, path[:100], hint)])
        content = file.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = _HEADERS | {"ETag": tag, "Content-Type": _TYPES[name.rpartition(".")[2]]}
        if known is not None and tag in known:
            return 304, headers, b""
        return 200, headers, content

    @cached_property
    def _files(self) -> dict[str, Traversable]:
        """Every file by its path below the folder: what is not here is not served, whatever a path says."""
        return dict(sorted(_below(self._folder, "")))


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    if not folder.is_dir():
        return
    for each in folder.iterdir():
        if each.is_dir():
            yield from _below(each, f"{path}{each.name}/")
        elif each.name.rpartition(".")[2] in _TYPES:
            yield f"{path}{each.name}", each
