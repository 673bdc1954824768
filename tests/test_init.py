import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import pvws


def test_importing_the_package_imports_nothing_else() -> None:
    """A signal that comes while a command starts has to mean the same from the first moment on."""
    code = "import sys; before = set(sys.modules); import pvws; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['pvws']\n"


def test_every_public_name_is_there_and_is_listed() -> None:
    for name in pvws.__all__:
        assert getattr(pvws, name) is not None
    assert set(pvws.__all__) <= set(dir(pvws))


def test_everything_with_its_own_module_comes_from_there() -> None:
    assert pvws.connect.__module__ == "pvws.client.connection"
    assert pvws.connect_sync.__module__ == "pvws.client.sync"
    assert pvws.FileUploaded.__module__ == "pvws.wire.events"


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'pvws' has no attribute 'conect'"):
        pvws.conect  # type: ignore[attr-defined]  # noqa: B018


def test_type_checkers_are_told_of_the_same_names_from_the_same_places() -> None:
    told: dict[str, str] = {}
    for node in ast.parse(Path(pvws.__file__).with_suffix(".pyi").read_text("utf-8")).body:
        match node:
            case ast.ImportFrom(module=str() as module, names=names):
                told.update({name.asname or "": module for name in names})
            case ast.AnnAssign(target=ast.Name(id=name)):
                told[name] = "pvws"
    assert sorted(told) == sorted(pvws.__all__)
    for name, module in told.items():
        assert getattr(import_module(module), name) is getattr(pvws, name)
