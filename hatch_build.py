"""How the engine gets compiled into a wheel: `PVWS_COMPILE=1 pip install .`

Without that a wheel is of pure Python and the same for every platform. The same modules are compiled that are
interpreted otherwise, by mypyc: `compiled` in pyproject.toml names them. Nothing is written beside the sources, where
what is compiled would hide what is edited; an editable installation is never compiled, for the same reason.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "PVWS_COMPILE"
_NO = ("", "0")
_YES = "1"
_SETUP = """\
import sys
from setuptools import setup
from mypyc.build import mypycify
arguments = ["--config-file=", "--cache-dir=cache", "--ignore-missing-imports"]
modules = mypycify([*arguments, *sys.argv[1:]], opt_level="3", debug_level="0", group_name="pvws")
setup(name="pvws", packages=[], ext_modules=modules, script_args=["--quiet", "build_ext", "--inplace"])
"""


class CompileEngine(BuildHookInterface):  # type: ignore[type-arg]  # of a configuration that is hatchling's own
    """Has mypyc compile the engine, where the environment says so."""

    PLUGIN_NAME = "custom"
    _folder: TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """What a build needs beside hatchling: nothing, unless it compiles."""
        return ["mypy>=2.4", "setuptools>=70", "msgspec>=0.20"] if _wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before a wheel is put together: put what is compiled into it, and say for which platform it is."""
        if version == "editable" or not _wanted():
            return
        self._folder = TemporaryDirectory(prefix="pvws-engine-")
        copy = Path(self._folder.name)
        shutil.copytree(Path(self.root, "pvws"), copy / "pvws", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        modules = self.config["compiled"]
        _compile(copy, modules)
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        made = [path.relative_to(copy) for path in (*copy.glob(f"*{suffix}"), *copy.glob(f"pvws/**/*{suffix}"))]
        if missing := {Path(each).with_suffix(suffix) for each in modules} - set(made):
            sys.exit(f"The compiler made no {', '.join(sorted(map(str, missing)))}.")
        build_data["force_include"] |= {str(copy / path): path.as_posix() for path in made}
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Behind it: leave nothing."""
        if self._folder is not None:
            self._folder.cleanup()


def _wanted() -> bool:
    value = os.environ.get(VARIABLE, "")
    if value not in (*_NO, _YES):
        sys.exit(f"{VARIABLE}: expected {_YES} to compile the engine, or 0; found {value}")
    return value == _YES


def _compile(folder: Path, modules: list[str]) -> None:
    """Compile modules of a copy of the package, each beside its source."""
    command = [sys.executable, "-c", _SETUP, *modules]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nThe engine could not be compiled; without {VARIABLE} it is interpreted.")
