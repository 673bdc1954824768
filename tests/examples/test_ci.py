"""What nothing here can run whole (GitHub, GitLab, Docker): the files fit their schemas, and their commands work."""

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import validate

from pvws.cli.test import ARTEFACTS
from tests.conftest import TOOLS
from tests.examples.conftest import EXAMPLES, Example
from tests.examples.test_javascript import EXAMINED, TRIED

pytestmark = pytest.mark.timeout(180)  # processes that start processes, on a busy machine

Copied = Callable[[str], Example]
WORKFLOW = EXAMPLES / "ci" / "github-actions.yml"
PIPELINE = EXAMPLES / "ci" / "gitlab-ci.yml"
ACTION = EXAMPLES / "github-action" / "action.yml"
SCHEMAS = {WORKFLOW: "github-workflows", PIPELINE: "gitlab-ci", ACTION: "github-actions"}


def read(path: Path) -> Any:
    """What stands in a file of YAML, `on` being a word."""
    return yaml.load(path.read_text("utf-8").replace("\non:", '\n"on":'), yaml.SafeLoader)


def commands() -> Iterator[str]:
    """The commands that test, of all jobs."""
    for job in read(WORKFLOW)["jobs"].values():
        yield from (step["run"] for step in job["steps"] if "run" in step)
    for job in read(PIPELINE).values():
        yield from job["script"]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_file_fits_the_schema_of_whom_it_is_for(path: Path) -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{SCHEMAS[path]}.json"
    validate(read(path), json.loads(schema.read_text("utf-8")))


def test_the_commands_that_test_are_those_that_the_examples_are_tested_by() -> None:
    tests = [shlex.split(each) for each in commands() if not re.match(r"(pip|npm) ", each)]
    assert tests.count(list(TRIED)) == 2
    assert tests.count([*EXAMINED, "--", "node", "src/main.js"]) == 2
    assert tests.count(["pytest", "--junit-xml=report.xml"]) == 2
    assert len(tests) == 6


def test_what_is_kept_is_what_the_commands_write() -> None:
    steps = read(WORKFLOW)["jobs"]["node"]["steps"]
    assert {step["with"]["path"] for step in steps if "upload-artifact" in step.get("uses", "")} == {
        ARTEFACTS,
        "*.xml",
    }
    jobs = read(PIPELINE)
    assert jobs["node"]["artifacts"]["paths"] == [f"{ARTEFACTS}/"]
    assert jobs["node"]["artifacts"]["reports"]["junit"] == ["report.xml", "exam.xml"]
    assert jobs["python"]["artifacts"]["reports"]["junit"] == "report.xml"
    assert read(ACTION)["inputs"]["artefacts"]["default"] == ARTEFACTS


@pytest.mark.tools
def test_the_step_of_the_action_tests_a_client(example: Copied) -> None:
    action, node = read(ACTION), example("node")
    (step,) = (each for each in action["runs"]["steps"] if each["name"] == "Test the client")
    inputs = {name: each.get("default", "") for name, each in action["inputs"].items()}
    inputs |= {
        "scenario": "scenario.yaml",
        "command": "node --test test/outage.test.js",
        "options": "--timeout 50s --seed 3",
    }
    environment = {
        name: inputs[re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", text)[1]]  # type: ignore[index]
        for name, text in step["env"].items()
    }
    done = node.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], **environment)
    assert done.returncode == 0, done.stdout
    assert "# pass 1" in done.stdout
    assert "seed" in (node.folder / "pvws-report.xml").read_text("utf-8")


def test_the_action_uses_all_of_its_inputs_and_no_others() -> None:
    text = ACTION.read_text("utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(read(ACTION)["inputs"])
    scripts = [step["run"] for step in read(ACTION)["runs"]["steps"] if "run" in step]
    assert not any("${{" in script for script in scripts), "what a caller writes is never part of a script"


def instruction(name: str) -> list[str]:
    """The arguments of an instruction in the Dockerfile that has them as JSON."""
    text = (EXAMPLES / "docker" / "Dockerfile").read_text("utf-8")
    found = re.search(rf"^{name}\b.*?(\[.*\])$", text, re.MULTILINE)
    assert found is not None
    arguments: list[str] = json.loads(found[1])
    return arguments


def test_the_container_s_command_serves_and_its_health_check_sees_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environment = os.environ | {"PATH": TOOLS, "PEERVAULT_WS_PORT": port}
    check = [sys.executable, *instruction("HEALTHCHECK")[1:]]
    assert instruction("HEALTHCHECK")[0] == "python"
    assert subprocess.run(check, env=environment, capture_output=True, check=False).returncode != 0, "nobody is there"
    ready = tmp_path / "ready.json"
    command = [*instruction("ENTRYPOINT"), *instruction("CMD"), "--ready-file", str(ready)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            while not ready.exists() and process.poll() is None:
                time.sleep(0.01)
            assert json.loads(ready.read_text())["url"].endswith(f":{port}/ws")
            subprocess.run(check, env=environment, check=True)
        finally:
            process.terminate()
    assert process.returncode == 0
