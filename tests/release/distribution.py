"""pvws as its users get it: built as PEP 517 has it, and installed by pip into a venv of its own."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.house.modules import ROOT

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
_BUILD = "import sys; from hatchling.build import {hook}; {hook}(sys.argv[1])"


@dataclass(frozen=True)
class Built:
    """An sdist, and the wheel that was made of nothing but that."""

    sdist: Path
    wheel: Path


@dataclass(frozen=True)
class Installed:
    """A venv with the wheel: `python` is its interpreter, `folder` its root, whose name has blanks and an umlaut."""

    built: Built
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self._scripts / "python"

    @property
    def pvws(self) -> Path:
        """The command that pip has put there."""
        return self._scripts / "pvws"

    @property
    def _scripts(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")


def build(folder: Path) -> Built:
    """Make the sdist of this repository and, from what is in that, the wheel."""
    _hook("build_sdist", ROOT, folder)
    (sdist,) = folder.glob("pvws-*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    _hook("build_wheel", folder / sdist.name.removesuffix(".tar.gz"), folder)
    (wheel,) = folder.glob("pvws-*.whl")
    return Built(sdist, wheel)


def build_compiled(folder: Path, wish: str = "1") -> Path:
    """Make a wheel for this platform, with the engine compiled, if that is the wish."""
    _hook("build_wheel", ROOT, folder, PVWS_COMPILE=wish)
    (wheel,) = folder.glob("pvws-*.whl")
    return wheel


def install(built: Built, folder: Path) -> Installed:
    """Install the wheel into a venv, to which all that it needs is lent from here, so that no network is needed."""
    venv.create(folder, with_pip=False)
    installed = Installed(built, folder)
    command = [*PIP, "--python", str(installed.python), "install", "--no-deps", "--no-index", "--no-compile"]
    _run([*command, str(built.wheel)], folder)
    own = _run([str(installed.python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder)
    Path(own.strip(), "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return installed


def _hook(name: str, source: Path, target: Path, **environment: str) -> None:
    _run([sys.executable, "-c", _BUILD.format(hook=name), str(target)], source, **environment)


def _run(command: list[str], folder: Path, **environment: str) -> str:
    environment = os.environ | environment
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
