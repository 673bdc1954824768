"""Imports go down only (DESIGN, "Floors"): a folder knows its own files and lower floors, not its neighbours."""

from collections.abc import Sequence

import pytest

from tests.house.modules import ROOT, Module, imports, no_offences, package

FLOORS: dict[str, int] = {
    unit: floor
    for floor, units in enumerate(
        (
            ("errors", "histogram", "ledgers", "limits", "timestamp", "units"),
            ("wire", "sim", "expression", "notation", "answers"),
            ("world", "session", "recording"),
            ("scenario",),
            ("server", "client", "terminal", "bus", "files"),
            ("stage", "proxy"),
            ("testing", "control"),
            ("cli",),
        )
    )
    for unit in units
}
ENTRY_POINTS = {"pvws", "pvws.__main__"}


def offences(modules: Sequence[Module]) -> list[str]:
    found = []
    for module in modules:
        if module.name in ENTRY_POINTS:
            continue
        if module.unit not in FLOORS:
            found.append(f"{module.path}: `{module.unit}` stands on no floor; give it one in {__name__}")
            continue
        own = FLOORS[module.unit]
        for line, name in imports(module):
            root, _, rest = name.partition(".")
            unit = rest.partition(".")[0]
            if root != "pvws" or unit == module.unit or unit not in FLOORS:
                continue
            if (floor := FLOORS[unit]) >= own:
                where = "upward" if floor > own else "sideways"
                found.append(f"{module.path}:{line}: {module.unit} (floor {own}) imports {where}: {name} ({floor})")
    return found


def test_imports_go_down_only() -> None:
    no_offences(offences(package()), "imports go down only")


def test_every_folder_of_the_package_has_a_floor() -> None:
    folders = {path.parent.relative_to(ROOT / "pvws").parts[0] for path in (ROOT / "pvws").glob("*/**/*.py")}
    assert folders <= FLOORS.keys(), f"on no floor: {folders - FLOORS.keys()}"


@pytest.mark.parametrize(
    ("name", "source", "offence"),
    [
        ("pvws.sim.kernel", "from pvws.world.peers import Peers", "sim (floor 1) imports upward: pvws.world.peers"),
        ("pvws.sim.kernel", "import pvws.wire.codec", "sim (floor 1) imports sideways: pvws.wire.codec"),
        ("pvws.sim.kernel", "from pvws import stage", "sim (floor 1) imports upward: pvws.stage"),
        ("pvws.sim.kernel", "from ..world import peers", "sim (floor 1) imports upward: pvws.world.peers"),
        ("pvws.units", "from pvws.errors import PvwsError", "units (floor 0) imports sideways: pvws.errors"),
        ("pvws.server.hub", "def late():\n    from pvws.cli import app", "server (floor 4) imports upward: pvws.cli"),
        ("pvws.cellar.wine", "", "`cellar` stands on no floor"),
    ],
)
def test_a_made_up_offence_is_found(name: str, source: str, offence: str) -> None:
    (found,) = offences([Module(name, source)])
    assert offence in found


@pytest.mark.parametrize(
    ("name", "source"),
    [
        (
            "pvws.sim.kernel",
            "from pvws.sim.agenda import Agenda\nfrom .chance import Stream\nfrom pvws.errors import X",
        ),
        ("pvws.server.http", "from pvws import __version__\nfrom pvws.wire.frames import Opcode"),
        ("pvws.__main__", "from pvws.cli.app import run"),
    ],
)
def test_what_is_allowed_is_no_offence(name: str, source: str) -> None:
    assert not offences([Module(name, source)])
