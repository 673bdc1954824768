"""The tests mirror the package: every module `pvws/a/b.py` has its `tests/a/test_b.py`."""

from collections.abc import Sequence
from pathlib import Path

from tests.house.modules import ROOT, Module, no_offences, package

WITHOUT_A_TEST: frozenset[str] = frozenset()
"""Modules let off for now, as `pvws/a/b.py`. The list only shrinks: one that has a test now must leave it."""


def mirror_of(module: Module) -> str:
    """Where the test of a module stands, from the root of the repository."""
    path = Path(module.path)
    return str(Path("tests", *path.parts[1:-1], f"test_{path.stem.strip('_')}.py"))


def offences(modules: Sequence[Module], let_off: frozenset[str], root: Path) -> list[str]:
    found = [f"{path}: let off, but there is no such module" for path in let_off - {module.path for module in modules}]
    for module in modules:
        if module.is_folder:
            continue
        wanted = mirror_of(module)
        has_one = (root / wanted).is_file()
        if module.path in let_off and has_one:
            found.append(f"{module.path}: has a test now; take it off the list")
        elif module.path not in let_off and not has_one:
            found.append(f"{module.path}: no {wanted}")
    return sorted(found)


def test_every_module_has_a_test_file() -> None:
    no_offences(offences(package(), WITHOUT_A_TEST, ROOT), "the tests mirror the package")


def test_a_made_up_module_without_a_test_is_found(tmp_path: Path) -> None:
    modules = [Module("pvws.sim.made", ""), Module("pvws.__main__", ""), Module("pvws.sim", "", is_folder=True)]
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_main.py").touch()
    assert offences(modules, frozenset(), tmp_path) == ["pvws/sim/made.py: no tests/sim/test_made.py"]
    assert not offences(modules, frozenset({"pvws/sim/made.py"}), tmp_path)


def test_a_module_that_is_let_off_and_has_a_test_is_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_main.py").touch()
    let_off = frozenset({"pvws/__main__.py", "pvws/gone.py"})
    assert offences([Module("pvws.__main__", "")], let_off, tmp_path) == [
        "pvws/__main__.py: has a test now; take it off the list",
        "pvws/gone.py: let off, but there is no such module",
    ]
