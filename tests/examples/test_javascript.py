"""The examples in JavaScript do what their README says; and where the client has a mistake, their tests find it."""

import json
import re
import shutil
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from tests.conftest import NODE_FOLDER
from tests.examples.conftest import EXAMPLES, Example

pytestmark = pytest.mark.timeout(180)  # a browser on a busy machine
Copied = Callable[[str], Example]
TRIED = ("pvws", "test", "scenario.yaml", "--junit", "report.xml", "--", "npm", "test")
EXAMINED = ("pvws", "check", "client", "--junit", "exam.xml")


def chromium() -> str:
    return next(path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name)))


def held(example: Example) -> int:
    """How many expectations the report has, all of which have held."""
    cases = list(ElementTree.parse(example.folder / "report.xml").iter("testcase"))
    assert not [case for case in cases if list(case.iter("failure")) or list(case.iter("error"))]
    return len(cases)


@pytest.mark.tools
def test_the_dashboard_in_node_passes_its_tests_and_holds_what_its_scenario_expects(example: Copied) -> None:
    node = example("node")
    done = node.run(*TRIED)
    assert done.returncode == 0, done.stdout
    assert "# pass 4" in done.stdout
    assert held(node) >= 5


@pytest.mark.tools
def test_its_tests_find_a_dashboard_that_forgets_to_delete(example: Copied) -> None:
    node = example("node")
    node.spoil("src/dashboard.js", "this.files.delete(data.key);", "")
    done = node.run("pvws", "test", "scenario.yaml", "--", "node", "--test", "test/dashboard.test.js")
    assert done.returncode == 1
    assert "not ok 1 - the dashboard shows what is true of the network" in done.stdout
    assert "path: 'fileCount'" in done.stdout, "and the truth is beside it"


@pytest.mark.tools
def test_the_scenario_finds_a_client_that_comes_back_and_asks_for_nothing(example: Copied) -> None:
    node = example("node")
    node.spoil("src/client.js", "this.#watch(socket);\n      this.#ask();", "this.#failures || this.#ask();")
    done = node.run("pvws", "test", "scenario.yaml", "--", "node", "--test", "test/outage.test.js")
    assert done.returncode == 1, "although the client's own test has passed"
    assert "# pass 1" in done.stdout
    assert re.search("(failed|not judged): resubscribes", done.stdout)


@pytest.mark.tools
def test_the_dashboard_in_node_is_examined(example: Copied) -> None:
    cases = ("contract.closes-on-sigterm", "reconnect.resubscribes", "security.token-not-printed")
    chosen = [word for case in cases for word in ("--case", case)]
    node = example("node")
    done = node.run(*EXAMINED, *chosen, "--", "node", "src/main.js")
    assert done.returncode == 0, done.stdout
    assert (node.folder / "exam.xml").read_text("utf-8").count("<testcase") == len(cases)


@pytest.mark.tools("node", "chromium")
def test_the_page_passes_its_tests_in_a_browser(example: Copied) -> None:
    page = example("browser")
    done = page.run(*TRIED, CHROMIUM=chromium())
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
    assert held(page) >= 5


@pytest.mark.parametrize("name", ["node", "browser"])
def test_the_versions_that_are_tested_are_among_those_that_an_example_asks_for(name: str) -> None:
    tested = json.loads((NODE_FOLDER / "package.json").read_text("utf-8"))["dependencies"]
    package = json.loads((EXAMPLES / name / "package.json").read_text("utf-8"))
    for each, asked in (package.get("dependencies", {}) | package.get("devDependencies", {})).items():
        least, has = ([int(part) for part in text.lstrip("^").split(".")] for text in (asked, tested[each]))
        assert asked.startswith("^"), "from this version on, up to the next major one"
        assert least[0] == has[0], each
        assert least <= has, each
