"""Chromium as people have it: what tests and pictures look at pages with."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

REBOUND = "rebound.example"
"""A name that the browser finds at this machine, as an attacker's may be pointed there (DNS rebinding)."""

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a screen. No event loop may run in this thread meanwhile."""
    path = next(path for name in _NAMES if (path := shutil.which(name)))
    arguments = ["--no-sandbox", f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1", "--js-flags=--expose-gc"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()
