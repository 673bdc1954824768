import json
import subprocess
import sys

import pytest

import pvws


def test_importing_the_package_imports_nothing_else_of_it() -> None:
    code = "import json, sys, pvws; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert [name for name in loaded if name.startswith("pvws.")] == []
    assert not loaded & {"asyncio", "websockets", "msgspec"}


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
