"""The command line starts quickly and says the same thing everywhere."""

import ast
import json
import subprocess
import sys
from collections.abc import Sequence

from pvws.cli.app import COMMANDS
from tests.house.modules import Function, Module, is_within, no_offences, package

HEAVY = ("asyncio", "websockets", "msgspec", "yaml", "rich", "faker", "uvloop", "h11", "pydantic")
NEEDLESS = (
    "pydantic",
    *("rich", "faker", "pvws.client", "pvws.cli.views", "pvws.cli.following", "pvws.files.recorder", "pvws.recording"),
    *("nats", "pvws.bus", "pvws.cli.bused", "pvws.stage.leading", "pvws.stage.following"),
    *("pvws.scenario.director", "pvws.scenario.loader", "pvws.scenario.schema", "pvws.scenario.behaviours"),
)
"""What a server needs only for a scenario, a view, a recording or a bus, and then imports."""


def offences(commands: dict[str, str], modules: Sequence[Module]) -> list[str]:
    by_name = {module.name: module for module in modules}
    found = []
    for name, summary in commands.items():
        module = by_name.get(f"pvws.cli.{name}")
        if module is None:
            found.append(f"{name}: no pvws/cli/{name}.py")
            continue
        functions = [node for node in module.tree.body if isinstance(node, Function) and node.name == name]
        first = (ast.get_docstring(functions[0]) or "").partition("\n")[0] if functions else "no such function"
        if first != summary:
            found.append(f"{module.path}: {name} begins with {first!r}, COMMANDS says {summary!r}")
    return found


def test_commands_are_summed_up_by_the_first_line_of_their_docstring() -> None:
    no_offences(offences(COMMANDS, package()), "pvws/cli/app.py and the commands say the same")


def loaded_by(code: str) -> set[str]:
    """The modules that a process of its own has loaded, once it has run the code."""
    # Causes, not times: a busy machine makes any time long.
    code = f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_imports_nothing_heavy() -> None:
    loaded = loaded_by("from pvws.cli.app import run\nassert run(['--help']) == 0")
    assert "typer" in loaded, "the canary: the list is that of the command line's own process"
    assert not loaded & set(HEAVY), f"pvws --help imports {', '.join(sorted(loaded & set(HEAVY)))}"


def test_a_server_in_which_nothing_plays_imports_nothing_that_plays() -> None:
    # All is imported by then that is before it listens.
    loaded = loaded_by("from pvws.cli.app import run\nassert run(['serve', '--config', 'nowhere.yaml']) == 2")
    assert "pvws.server.listener" in loaded, "the canary"
    needless = {name for name in loaded if any(is_within(name, outer) for outer in NEEDLESS)}
    assert not needless, f"pvws serve imports {', '.join(sorted(needless))}"


def test_a_made_up_difference_is_found() -> None:
    right = Module("pvws.cli.right", 'def right():\n    """It is right.\n\n    More."""')
    wrong = Module("pvws.cli.wrong", 'def wrong():\n    """It is wrong."""')
    assert not offences({"right": "It is right."}, [right, wrong])
    assert offences({"wrong": "It is right."}, [right, wrong]) == [
        "pvws/cli/wrong.py: wrong begins with 'It is wrong.', COMMANDS says 'It is right.'"
    ]
    assert offences({"gone": ""}, [right]) == ["gone: no pvws/cli/gone.py"]
