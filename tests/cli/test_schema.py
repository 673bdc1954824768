import json
from pathlib import Path

import pytest

from pvws.cli.schemas import asyncapi_text, config_schema, events_schema, recording_schema_text, scenario_schema
from tests.support.command import process, pvws


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("scenario", scenario_schema),
        ("events", events_schema),
        ("recording", recording_schema_text),
        ("config", config_schema),
        ("asyncapi", asyncapi_text),
    ],
)
def test_a_schema_is_printed_or_written_the_same_in_every_process(what: str, text: object, tmp_path: Path) -> None:
    assert callable(text)
    file = tmp_path / "schema.json"
    printed = process("schema", what, PYTHONHASHSEED="1")
    written = process("schema", what, "-o", str(file), PYTHONHASHSEED="2")
    assert (printed.returncode, written.returncode) == (0, 0), printed.stderr + written.stderr
    assert printed.stdout == file.read_text("utf-8") == text()
    assert json.loads(printed.stdout).get("$id") == f"urn:pvws:schema:{what}:1" or what == "asyncapi"
    assert (printed.stderr, written.stdout, written.stderr) == ("", "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scenario", "-o", "/no/such/folder/x"], "--output: expected a file that can be written"),
        (["weather"], "No such command 'weather'"),
        (["events", "--dance"], "--dance"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(arguments: list[str], said: str) -> None:
    ended = pvws("schema", *arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
