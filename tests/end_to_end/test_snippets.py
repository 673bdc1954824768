"""README and docs: every block is run or compared, by a test here or by that of its page, or says why it is not."""

import configparser
import json
import re
import subprocess
from collections.abc import Callable
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import validate

from pvws.cli.app import run
from pvws.recording.schema import recording_schema
from pvws.scenario.loader import load
from pvws.server.configuration import configure
from pvws.testing import PvwsServer
from tests.conftest import NODE_FOLDER
from tests.end_to_end.test_how_tos import HOW_TOS, SHOWN, SHOWN_ONLY
from tests.support.command import pvws, serving
from tests.support.command_lines import commands, trouble
from tests.support.snippets import ROOT, Snippet, held, read, snippets

SNIPPETS = list(snippets())
PAGES = {
    "README.md": ("tests.end_to_end.test_python_client", "tests.end_to_end.test_readme"),
    "docs/api.md": ("tests.end_to_end.test_api_document",),
    "docs/clock-and-ledger.md": ("tests.end_to_end.test_clock_document",),
    "docs/control-client.md": ("tests.end_to_end.test_control_client",),
    "docs/control-plane.md": ("tests.end_to_end.test_control_document",),
    "docs/controlling.md": ("tests.end_to_end.test_controlling_document",),
    **{f"docs/{page}.md": ("tests.end_to_end.test_how_tos",) for page in HOW_TOS},
    "docs/exam.md": ("tests.end_to_end.test_exam_document",),
    "docs/expectations.md": ("tests.end_to_end.test_expectations_document",),
    "docs/exploring.md": ("tests.end_to_end.test_exploring_document",),
    "docs/dashboard.md": ("tests.end_to_end.test_faults_documents",),
    "docs/expressions.md": ("tests.expression.test_document",),
    "docs/faults.md": ("tests.end_to_end.test_faults_documents",),
    "docs/load-testing-with-locust.md": ("tests.testing.test_locust",),
    "docs/pytest.md": ("tests.end_to_end.test_pytest_document",),
    "docs/python-client.md": ("tests.end_to_end.test_python_client",),
    "docs/recording.md": ("tests.end_to_end.test_recording_document",),
    "docs/testing-any-language.md": ("tests.end_to_end.test_testing_document",),
    "docs/tutorial.md": ("tests.end_to_end.test_tutorial",),
    "docs/watching.md": ("tests.end_to_end.test_watching_document",),
    "docs/writing-a-fault.md": ("tests.end_to_end.test_faults_documents",),
}
"""The tests of a page, which run what they hold of it."""
MADE = {"docs/cli.md": "tests.end_to_end.test_cli_reference"}
"""Pages that are made from the program, and compared whole with what it says."""
HERE = ("console", "sh", "yaml", "yml", "ini", "{toctree}", "{literalinclude}", "{eval-rst}")
"""Languages that a test below proves wherever they stand; of what is in braces the site does."""
ALONE = (("README.md", "js"), ("docs/recording-format.md", "json"))
"""Documents that have blocks in a language that a test below runs, or reads as lines of a recording."""
ENDS = re.compile(r"pvws (?:scenarios|schema|ctl|emit)\b|pvws simulate .*--no-serve")
"""Commands that end by themselves, and soon."""


VENDORED = files("check_jsonschema") / "builtin_schemas" / "vendor"
OTHERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "services": ("compose-spec", lambda content: content),
    "steps": ("github-workflows", lambda content: {"on": "push", "jobs": {"a": {"runs-on": "x"} | content}}),
    "jobs": ("github-workflows", lambda content: content),
    ".client": ("gitlab-ci", lambda content: content),
}
"""Files for others by a key that they have: their schema, and what such a file is a part of."""


def written_in(*languages: str) -> list[Snippet]:
    return [each for each in SNIPPETS if each.language in languages and "not run" not in each.remarks]


def named(snippet: Snippet) -> str:
    return snippet.place


def of_its_page(snippet: Snippet) -> bool:
    """Whether a test of its page holds it, word for word."""
    if snippet.document in MADE:
        whole = (ROOT / snippet.document).read_text("utf-8")
        return whole in held(import_module(MADE[snippet.document]))
    modules = PAGES.get(snippet.document, ())
    return any(snippet.text in held(import_module(name)) for name in modules)


def test_every_block_is_run_or_compared_or_says_why_it_is_not() -> None:
    left = [
        each.place
        for each in SNIPPETS
        if "not run" not in each.remarks
        and each.language not in HERE
        and (each.document, each.language) not in ALONE
        and not of_its_page(each)
    ]
    assert not left, "its page's test has to hold it, or <!-- not run: why --> to stand above it"
    assert len(SNIPPETS) > 200


def test_few_are_not_run_and_each_has_a_reason() -> None:
    marked = [each for each in SNIPPETS if "not run" in each.remarks]
    assert all(len(each.remarks["not run"].split()) > 2 for each in marked)
    assert len(marked) * 10 < len(SNIPPETS), "documents are to be true, not marked"


def test_every_file_that_is_shown_is_one_that_tests_run() -> None:
    shown = [each for each in SNIPPETS if each.language == "{literalinclude}"]
    paths = {(each.included, "not run" in each.remarks) for each in shown}
    assert paths == {(name, False) for name in SHOWN} | {(name, True) for name in SHOWN_ONLY}
    assert all((ROOT / "docs" / name).is_file() for name, _ in paths)


def test_every_command_is_one_that_pvws_takes() -> None:
    found = [(each.place, words) for each in written_in("console", "sh") for words in commands(each.text)]
    wrong = [f"{place}: {' '.join(words)}: {said}" for place, words in found if (said := trouble(words))]
    assert not wrong
    assert sum(words[0] == "pvws" for _, words in found) > 100


@pytest.mark.parametrize("snippet", written_in("yaml"), ids=named)
def test_every_file_of_yaml_is_a_configuration_or_a_scenario_that_plays(snippet: Snippet, tmp_path: Path) -> None:
    if "websocket:" in snippet.text:
        configure(snippet.text, snippet.document, {}, {}, read=lambda path: "")
        return
    load(snippet.text, snippet.document)
    script = tmp_path / "snippet.yaml"
    script.write_text(snippet.text, encoding="utf-8")
    ended = pvws("simulate", str(script), "--no-serve")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("snippet", written_in("yml"), ids=named)
def test_every_file_for_others_fits_their_schema_and_its_commands_are_ours(snippet: Snippet) -> None:
    content = yaml.safe_load(re.sub("^on:", '"on":', snippet.text, flags=re.MULTILINE))  # a word, not true
    schema, whole = OTHERS[next(key for key in OTHERS if key in content)]
    validate(whole(content), json.loads((VENDORED / f"{schema}.json").read_text("utf-8")))
    services = [each["command"] for each in content.get("services", {}).values() if each["image"] == "pvws"]
    scripts = re.findall(r"(?<![\w./])pvws (?:test|check|explore) .*", snippet.text)
    for words in [*(["pvws", *each] for each in services), *(words for line in scripts for words in commands(line))]:
        assert trouble(words) is None, words


@pytest.mark.parametrize("snippet", written_in("ini"), ids=named)
def test_every_unit_can_be_read_and_starts_what_there_is(snippet: Snippet) -> None:
    units = re.split(r"^# /etc/systemd/system/\S+\.service\n", snippet.text, flags=re.MULTILINE)[1:]
    assert units
    for unit in units:
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(unit)
        program, *words = parser["Service"]["ExecStart"].split()
        assert program.endswith("/pvws")
        assert trouble(["pvws", *words]) is None


def test_every_command_that_ends_by_itself_does_so_with_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In a folder for each document, with the scenarios that it has, and a server that they steer."""
    for each in SNIPPETS:
        (tmp_path / each.document).mkdir(parents=True, exist_ok=True)
        if scenario := re.search(r"^scenario: ([\w-]+)$", each.text, re.MULTILINE):
            name = each.remarks.get("file", f"{scenario[1]}.yaml")
            (tmp_path / each.document / name).write_text(each.text, encoding="utf-8")
    # Those of two pages are run as they are by the tests of these.
    blocks = [each for each in written_in("console", "sh") if each.document not in ("docs/ctl.md", "docs/recording.md")]
    lines = [(each, words) for each in blocks for words in commands(each.text) if ENDS.match(" ".join(words))]
    with serving(tmp_path, "serve", "--scenario", "quickstart") as server:
        monkeypatch.setenv("PVWS_CONTROL_URL", server.control)
        for each, words in lines:
            monkeypatch.chdir(tmp_path / each.document)
            assert run(words[1:]) == 0, f"{each.place}: {words}\n{capfd.readouterr().err}"
    assert len(lines) >= 10


@pytest.mark.tools
def test_javascript_that_stands_alone_logs_what_comes(pvws_server: PvwsServer, node: Path) -> None:
    """Each such block with a `WebSocket` as a browser has it, which Node has from 22 on."""
    scripts = [each for each in written_in("js") if (each.document, "js") in ALONE]
    code = "globalThis.WebSocket ??= (await import('ws')).default;"
    for each in scripts:
        assert "import " not in each.text, each.place
        code += f"{{{each.text.replace('ws://localhost:8083/ws', pvws_server.url)}}}\n"
    program = [str(node), "--input-type=module", "-e", code]
    with subprocess.Popen(program, cwd=NODE_FOLDER, stdout=subprocess.PIPE, text=True) as process:
        pvws_server.wait_for_subscription("file_operations", count=len(scripts), timeout=40)
        pvws_server.emit("file_uploaded", {"key": "a file"})
        assert process.stdout is not None
        for _ in scripts:
            assert any("file_uploaded" in line for line in process.stdout), "it has ended and logged none"
        process.kill()


def test_lines_of_a_recording_are_lines_of_one() -> None:
    lines = [each for each in written_in("json") if (each.document, "json") in ALONE]
    assert lines
    for each in lines:
        for line in each.text.splitlines():
            validate(json.loads(line), recording_schema("urn:pvws:recording"))


def test_a_block_in_no_language_is_found_as_is_one_without_a_reason() -> None:
    text = "<!-- not run: it needs GitHub -->\n```sh\nx\n```\n\n- in a list:\n\n  ```js\n  y\n  ```\n"
    first, second = read(text, "a.md")
    assert (first.remarks, first.line, first.text) == ({"not run": "it needs GitHub"}, 2, "x\n")
    assert (second.remarks, second.language, second.text) == ({}, "js", "y\n")
    with pytest.raises(AssertionError, match=r"a\.md:3: a block without a fence"):
        list(read("text\n\n    code\n", "a.md"))


@pytest.mark.parametrize(
    "line",
    [
        "pvws simulate quickstart --nope",
        "pvws nope",
        "pvws simulate",
        "pvws ctl fault nope",
        "pvws serve --port abc",
        "pvws test a.yaml b.yaml -- npm test",
        "echo | pvws watch --nope",
        "make nope",
        "python -m tests.nope",
        "pip install 'pvws[nope]'",
        "who-knows --this",
    ],
)
def test_a_command_that_nobody_takes_is_found(line: str) -> None:
    assert [words for words in commands(line) if trouble(words)]
