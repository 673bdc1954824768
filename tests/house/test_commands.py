"""The command line starts quickly and says the same thing everywhere."""

import ast
import json
import subprocess
import sys
from collections.abc import Sequence

from pvws.cli.app import COMMANDS
from tests.house.modules import Function, Module, no_offences, package

HEAVY = ("asyncio", "websockets", "msgspec", "yaml", "rich", "faker", "uvloop", "h11")


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


def test_help_imports_nothing_heavy() -> None:
    # Causes, not times: a busy machine makes any time long.
    code = (
        "import sys, json\n"
        "from pvws.cli.app import run\n"
        "assert run(['--help']) == 0\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stderr)}
    assert "typer" in loaded, "the canary: the list is that of the command line's own process"
    assert not loaded & set(HEAVY), f"pvws --help imports {', '.join(sorted(loaded & set(HEAVY)))}"


def test_a_made_up_difference_is_found() -> None:
    right = Module("pvws.cli.right", 'def right():\n    """It is right.\n\n    More."""')
    wrong = Module("pvws.cli.wrong", 'def wrong():\n    """It is wrong."""')
    assert not offences({"right": "It is right."}, [right, wrong])
    assert offences({"wrong": "It is right."}, [right, wrong]) == [
        "pvws/cli/wrong.py: wrong begins with 'It is wrong.', COMMANDS says 'It is right.'"
    ]
    assert offences({"gone": ""}, [right]) == ["gone: no pvws/cli/gone.py"]
