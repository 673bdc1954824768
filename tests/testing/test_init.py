"""What `pvws.testing` offers, and that it costs nothing until it is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

import pvws.testing


def test_every_name_can_be_had_and_type_checkers_know_the_same() -> None:
    stub = Path(pvws.testing.__file__).with_suffix(".pyi").read_text("utf-8")
    told = [line.rpartition(" as ")[2] for line in stub.splitlines() if line.startswith("from pvws.testing.fixture.")]
    assert sorted(told) == pvws.testing.__all__
    for name in pvws.testing.__all__:
        assert getattr(pvws.testing, name).__name__ == name
        assert name in dir(pvws.testing)
    with pytest.raises(AttributeError, match=r"module 'pvws\.testing' has no attribute 'Pvws'"):
        _ = pvws.testing.Pvws  # type: ignore[attr-defined]


def test_nothing_is_imported_before_a_name_is_asked_for() -> None:
    code = "import pvws.testing, sys; print([name for name in sys.modules if name.startswith('pvws')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pvws', 'pvws.testing']"
