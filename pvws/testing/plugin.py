"""The pytest plugin: fixtures `pvws_server` and `pvws_factory`, the marker `pvws`, and what becomes of a failed test.

Every run of pytest in an environment that has pvws imports this module, so it imports nothing until a test asks for a
server. What the fixtures give is in pvws/testing/fixture/; this is only how it meets pytest.
"""

import gc
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pvws.testing.fixture.factory import Opened, PvwsFactory
    from pvws.testing.fixture.host import Host
    from pvws.testing.fixture.server import PvwsServer

__all__ = [
    "pvws_factory",
    "pvws_server",
    "pytest_addoption",
    "pytest_configure",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
]

_MARKER = (
    "pvws(scenario, set, seed, speed, duration, held, profile, config, allow): what plays on the test's pvws_server, "
    "how it is configured, and what its clients may do wrong; see docs/pytest.md of pvws"
)
_ORIGIN = "@pytest.mark.pvws: "
_LINES = 20

_servers = pytest.StashKey["list[Opened]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where recordings of failed tests go, and how much of them reports show."""
    folder = "folder for recordings of failed tests, from the root of the tests; `none` writes none"
    parser.getgroup("pvws").addoption("--pvws-failures", metavar="DIR", help=folder)
    parser.addini("pvws_failures", folder, default="pvws-failures")
    parser.addini("pvws_lines", "how many lines of what was said a failed test's report shows", default=str(_LINES))


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and have pvws imported as any program imports it."""
    config.addinivalue_line("markers", _MARKER)
    finder = _AsInstalled()
    sys.meta_path.insert(0, finder)
    config.add_cleanup(lambda: sys.meta_path.remove(finder) if finder in sys.meta_path else None)


@pytest.fixture(scope="session")
def _pvws_host() -> "Iterator[Host]":
    """The thread in which the servers of all tests live."""
    from pvws.testing.fixture.host import Host

    host = Host()
    try:
        yield host
    finally:
        host.stop()


@pytest.fixture
def pvws_server(request: pytest.FixtureRequest, _pvws_host: "Host") -> "Iterator[PvwsServer]":
    """A PeerVault server for this test alone: `pvws_server.url` is where clients connect.

    `@pytest.mark.pvws(scenario=…, profile=…, seed=…)` says what plays and how it behaves. What clients do wrong fails
    the test, unless `allow=[…]` permits it.
    """
    with _serving(request, _pvws_host, _marked(request.node), _ORIGIN) as server:
        yield server


@pytest.fixture
def pvws_factory(request: pytest.FixtureRequest, _pvws_host: "Host") -> "Iterator[PvwsFactory]":
    """Makes servers for this test, each as it is asked for: `pvws_factory(config={"limits": {…}})`."""
    from contextlib import ExitStack

    with ExitStack() as servers:

        def make(**given: Any) -> "PvwsServer":
            allowed = (*_marked(request.node).get("allow", ()), *_several(given.pop("allow", ())))
            return servers.enter_context(_serving(request, _pvws_host, given | {"allow": allowed}, "pvws_factory: "))

        yield make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Have a test fail in which its clients did what they may not, though it has seen nothing of it."""
    result = yield
    servers = item.stash.get(_servers, ())
    troubles = [trouble for opened in servers if (trouble := opened.judge())]
    if troubles:
        pytest.fail("\n".join(troubles), pytrace=False)
    for opened in servers:
        opened.passed = True
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Tell in the report of a failed test what was said between its servers and their clients."""
    report: pytest.TestReport = yield
    servers = item.stash.get(_servers, ())
    if report.failed and servers:
        _tell(item, report, servers)
    return report


# Within


class _AsInstalled:
    """Finds the modules of pvws where they lie, ahead of pytest's own finder.

    That compiles every module anew of a package that has a plugin, for the sake of its `assert`s: two seconds for ours
    in a fresh environment, in every run where bytecode can't be kept. The bytecode that was installed does as well.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module, if it is one of ours."""
        return PathFinder.find_spec(name, path, target) if name.startswith("pvws.") else None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Have Python look for no garbage meanwhile: what is imported is none, and to look through all that the tests'
    own imports have made, again and again, takes as long as the start itself.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _serving(
    request: pytest.FixtureRequest, host: "Host", given: dict[str, Any], origin: str
) -> "Iterator[PvwsServer]":
    wrong, opened = "", None
    with _uncollected():
        from pvws.errors import PvwsError
        from pvws.testing.fixture.factory import opened as open_server

        try:
            opened = open_server(host, given, request.path.parent, origin=origin)
        except PvwsError as error:  # whose mistake it is stands in it
            wrong = str(error)
    if opened is None:
        pytest.fail(wrong, pytrace=False)
    request.node.stash.setdefault(_servers, []).append(opened)
    try:
        yield opened.server
        trouble = opened.judge_end() if opened.passed else ""
    finally:
        opened.close()
    if trouble:
        pytest.fail(trouble, pytrace=False)


def _marked(node: pytest.Item) -> dict[str, Any]:
    """What a test's markers say: the nearest goes before those of its class and module; what is allowed adds up."""
    said: dict[str, Any] = {}
    allowed: list[Any] = []
    for marker in node.iter_markers("pvws"):
        if marker.args:
            pytest.fail(f"{_ORIGIN}expected keywords alone, got {marker.args!r}", pytrace=False)
        allowed += _several(marker.kwargs.get("allow", ()))
        said = {**marker.kwargs, **said}
    return said | {"allow": allowed}


def _several(names: Any) -> list[Any]:
    """What is allowed, one by one: whether there is such a thing is judged with the rest of what is asked for."""
    if names is None:
        return []
    return list(names) if isinstance(names, Iterable) and not isinstance(names, str) else [names]


def _tell(item: pytest.Item, report: pytest.TestReport, servers: "list[Opened]") -> None:
    config = item.config
    folder = config.getoption("--pvws-failures") or config.getini("pvws_failures")
    lines = str(config.getini("pvws_lines"))
    last = int(lines) if lines.isdecimal() else _LINES
    for number, opened in enumerate(servers, start=1):
        path = None
        if folder and folder != "none" and not opened.silent:
            path = opened.artefact(config.rootpath / folder, item.nodeid, number)
            item.user_properties.append(("pvws_recording", str(path)))
        report.sections.append((f"pvws at {opened.server.url}", opened.section(last, path)))
