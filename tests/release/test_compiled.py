"""A wheel with a compiled engine holds what pyproject.toml names; `make test-compiled` tests that it does the same."""

import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.house.modules import ROOT
from tests.release.distribution import build_compiled


@pytest.mark.long
def test_a_wheel_with_a_compiled_engine_holds_it_for_this_platform(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    compiled = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["compiled"]
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    wheel = build_compiled(tmp_path)
    assert not wheel.name.endswith("-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        files = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    for module in compiled:
        assert {module, module.removesuffix(".py") + suffix} <= files
    assert not list(ROOT.glob(f"pvws/**/*{suffix}")), "what is compiled would hide what is edited"
    said = subprocess.run(
        [sys.executable, "-m", "pvws", "bench", "simulate", "--for", "100ms"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "  engine      compiled\n" in said.stdout


def test_a_wish_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="PVWS_COMPILE: expected 1 to compile the engine, or 0; found yes"):
        build_compiled(tmp_path, wish="yes")
