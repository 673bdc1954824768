"""docs/recording.md: every example is run by a shell, in one folder, one behind the other, on ports that are free."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "recording.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


def free_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


@pytest.mark.timeout(240)  # some thirty processes, each behind the other
def test_every_example_runs(tmp_path: Path) -> None:
    assert len(EXAMPLES) >= 9
    command = tmp_path / "bin" / "pvws"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pvws "$@"\n')
    command.chmod(0o755)
    environment = os.environ | {"PATH": f"{command.parent}:{os.environ['PATH']}"}
    for example in EXAMPLES:
        # Commands that serve without --port get the port that the others are told.
        ports = {"8083": free_port(), "8085": free_port()}
        text = re.sub("8083|8085", lambda found, ports=ports: ports[found[0]], example)  # type: ignore[misc]
        served = {"PEERVAULT_WS_PORT": ports["8083"]}
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=tmp_path,
            env=environment | served,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = shell.communicate(timeout=45)
        finally:
            if shell.poll() is None:
                os.killpg(shell.pid, signal.SIGKILL)
                shell.communicate()
        assert shell.returncode == 0, f"{example}\n{said}"
        assert "Traceback" not in said
    assert len((tmp_path / "replayed.jsonl").read_text().splitlines()) == 50
