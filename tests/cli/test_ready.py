"""The file that says where a server is."""

import json
import os
from pathlib import Path

import pytest

from pvws.cli.ready import told_ready
from pvws.errors import InputError


def test_it_is_there_while_there_is_a_server(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    with told_ready(str(path), "ws://h:1/ws", "http://h:2"):
        said = json.loads(path.read_text())
        assert said == {"url": "ws://h:1/ws", "control": "http://h:2", "pid": os.getpid()}
    assert not path.exists()
    with told_ready(None, "ws://h:1/ws", None):
        pass


def test_where_it_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--ready-file"), told_ready(str(tmp_path / "no" / "ready"), "", None):
        pass
