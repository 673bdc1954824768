"""Whatever a user can write, call or meet is in the documents, on the page on which one would look for it.

Most of these pages are made from the program. What is compared here is taken from elsewhere, the schemas and the
application themselves, so that a generator which leaves something out is found as well.
"""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import yaml
from typer.core import TyperGroup

import pvws
import pvws.testing
from pvws.cli.app import COMMANDS, app
from pvws.cli.schemas import config_schema, scenario_schema
from pvws.control.table import routes
from pvws.notation.forms import fields
from pvws.scenario.expectations import EXPECTATIONS
from pvws.scenario.faults.spec import KINDS
from pvws.wire.events import EVENT_TYPES
from pvws.wire.profiles import Quirks
from pvws.wire.schemas import payload_schemas
from pvws.wire.topics import TOPICS
from tests.house.modules import ROOT, no_offences
from tests.support.scenario_reference import API, rendered

DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def chapter(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above; empty where there is none."""
    level = heading.partition(" ")[0]
    found = re.search(rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def commands(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A command and all within it, groups as well."""
    yield words, command
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from commands((*words, name), inner)


def test_every_command_argument_and_option_is_on_the_page_of_commands() -> None:
    text = page("cli.md")
    missing = []
    for name in COMMANDS:
        whole = typer.main.get_command(app(name))
        assert isinstance(whole, TyperGroup)
        for words, command in commands((name,), whole.commands[name]):
            told = chapter(text, f"## pvws {' '.join(words)}")
            if not told and not isinstance(command, TyperGroup):
                missing.append(f"pvws {' '.join(words)}")
            for parameter in command.params:
                names = [*parameter.opts, *parameter.secondary_opts] if parameter.opts[0].startswith("-") else []
                missing += [
                    f"pvws {' '.join(words)} {each}"
                    for each in names
                    if not re.search(rf"(?<![\w-]){each}(?![\w-])", told)
                ]
    no_offences(missing, "docs/cli.md has every command with its options; run `make reference`")


def words_of(schema: Any) -> Iterator[str]:
    """Every key that a schema allows, and every text that one of its values must be."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties":
                yield from value
            if name == "const" and isinstance(value, str):
                yield value
            if name == "enum":
                yield from (each for each in value if isinstance(each, str))
            if name not in ("default", "examples"):
                yield from words_of(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from words_of(each)


def test_every_key_and_word_of_a_scenario_is_in_its_reference() -> None:
    text = "".join(map(page, ("scenario-reference.md", "faults.md", "exploring.md", "expressions.md", "api.md")))
    words = set(words_of(json.loads(scenario_schema())))
    assert {"behaviours", "kind", "uploads", "do", "partition", "expect", "explore", "storage_alert"} <= words
    known = set(re.findall(r"[\w.-]+", text))
    no_offences(sorted(words - known), "the reference of scenarios names every key, and every word for a value")


def keys_of(schema: dict[str, Any], definitions: dict[str, Any], path: str) -> Iterator[str]:
    """The path of each key of a configuration, as in `limits.max_connections`."""
    for part in (schema, *schema.get("anyOf", ())):
        whole = definitions[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        for name, value in whole.get("properties", {}).items():
            yield f"{path}{name}"
            yield from keys_of(value, definitions, f"{path}{name}.")


def written(tree: dict[str, Any], path: str) -> Iterator[str]:
    for name, value in tree.items():
        yield f"{path}{name}"
        if isinstance(value, dict):
            yield from written(value, f"{path}{name}.")


def test_every_key_of_a_configuration_is_on_its_page_at_its_place() -> None:
    schema = json.loads(config_schema())
    keys = set(keys_of(schema["properties"]["websocket"], schema.get("$defs", {}), ""))
    assert {"limits.max_connections", "tls.certificate", "control.hosts"} <= keys
    text = page("configuration.md")
    [file] = re.findall(r"```yaml\n(websocket:\n  host.*?)```", text, re.DOTALL)
    shown = set(written(yaml.safe_load(file)["websocket"], ""))
    # What is null or empty by default is shown in the comment beside it.
    beside = {
        f"{name}.{key}"
        for name, said in re.findall(r"^ +(\w+): \S+ +# (.*)$", file, re.MULTILINE)
        for key in re.findall(r"\w+(?=:)", said)
    }
    quirks = {f"quirks.{name}" for name in re.findall(r"^\| `(\w+)` \|", page("upstream-profile.md"), re.MULTILINE)}
    no_offences(sorted(keys - shown - beside - quirks), "docs/configuration.md shows every key")
    no_offences(sorted(shown - keys), "docs/configuration.md shows no key that there is not")
    assert {f"quirks.{name}" for name in Quirks.__struct_fields__} == quirks


def test_every_fault_has_a_chapter_with_its_options() -> None:
    text = page("faults.md")
    missing = []
    for word, kind in KINDS.items():
        told = chapter(text, f"### `{word}`")
        missing += (
            [word]
            if not told
            else [
                f"{word}.{field.key}"
                for field in fields(kind)
                if f"`{field.key}`" not in told and f"{word}:" not in told
            ]
        )
    no_offences(missing, "docs/faults.md has a chapter for every fault")


def test_every_expectation_has_a_chapter_on_both_pages() -> None:
    headings = page("expectations.md"), page("scenario-reference.md")
    missing = [
        f"{file}: {word}"
        for file, text, mark in zip(("expectations.md", "scenario-reference.md"), headings, ("", "`"), strict=True)
        for word in EXPECTATIONS
        if not chapter(text, f"### {mark}{word}{mark}")
    ]
    no_offences(missing, "every expectation is told twice: its keys, and how it is judged")


def test_every_topic_event_type_and_field_is_on_the_page_of_the_api() -> None:
    text = page("api.md")
    assert rendered(text) == text, "run `make reference`"
    assert API.name == "api.md"
    _, definitions = payload_schemas("{name}")
    missing = [topic for topic in TOPICS if not chapter(text, f"### `{topic}`")]
    for name, payload in EVENT_TYPES.items():
        told = chapter(text, f"#### `{name}`")
        missing += [
            f"{name}.{field}" for field in definitions[payload.__name__]["properties"] if f"| `{field}` |" not in told
        ]
    no_offences(missing, "docs/api.md has every event with its fields")


def test_every_path_of_the_control_plane_is_on_its_page() -> None:
    text = page("control-plane.md")
    paths = {route.path for route in routes()}
    assert "/v1/clock/advance" in paths
    missing = []
    for path in sorted(paths):
        asked = re.sub(r"\\{\w+\\}", r"[^\\s/?]+", re.escape(path))
        if not re.search(rf"{asked}(?![\w/-])", text):
            missing.append(path)
    no_offences(missing, "docs/control-plane.md tells of every path")


@pytest.mark.parametrize(
    ("module", "names"), [("pvws", pvws.__all__), ("pvws.testing", pvws.testing.__all__)], ids=["pvws", "pvws.testing"]
)
def test_every_public_name_is_on_the_page_of_the_python_api_and_in_the_stub(module: str, names: list[str]) -> None:
    described = re.findall(rf"^\.\. auto\w+:: {re.escape(module)}\.(\w+)$", page("python-api.md"), re.MULTILINE)
    assert len(described) == len(set(described))
    assert set(described) == set(names) - {"__version__"}
    stub = ast.parse((ROOT / module.replace(".", "/") / "__init__.pyi").read_text("utf-8"))
    typed = {alias.asname for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed | ({"__version__"} & set(names)) == set(names)


def test_every_user_and_error_for_locust_is_on_the_page_of_the_python_api() -> None:
    tree = ast.parse((ROOT / "pvws/testing/locust.py").read_text("utf-8"))  # to import it would patch this process
    [names] = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    for name in ast.literal_eval(names):
        assert f":: pvws.testing.locust.{name}\n" in page("python-api.md")


def test_what_pytest_can_be_told_is_on_the_page_of_the_fixture() -> None:
    plugin = (ROOT / "pvws/testing/plugin.py").read_text("utf-8")
    settings = re.findall(r'add(?:option|ini)\("([\w-]+)"', plugin)
    assert len(settings) == 3
    for name in settings:
        assert f"`{name}" in page("pytest.md")


def test_every_page_can_be_reached_from_the_first_one() -> None:
    index = page("index.md")
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    no_offences(sorted(pages - set(re.findall(r"^[\w/-]+$", index, re.MULTILINE))), "docs/index.md lists every page")


def test_a_gap_would_be_found() -> None:
    assert chapter("## a\nx\n### b\ny\n## c\nz\n", "## a") == "\nx\n### b\ny\n"
    assert chapter("## a\n", "## b") == ""
    assert set(
        words_of({"properties": {"a": {"enum": ["b", 1]}}, "anyOf": [{"const": "c", "default": {"const": "d"}}]})
    ) == {"a", "b", "c"}
    assert list(keys_of({"properties": {"a": {"anyOf": [{"properties": {"b": {}}}]}}}, {}, "")) == ["a", "a.b"]
