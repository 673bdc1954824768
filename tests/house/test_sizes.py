"""Sizes that read well (STYLE): no function over 60 lines, no module over 450; and nobody but commands prints."""

import ast
from collections.abc import Sequence

from tests.house.modules import Function, Module, no_offences, package

FUNCTION_LINES_MAX = 60
MODULE_LINES_MAX = 450


def too_long(modules: Sequence[Module]) -> list[str]:
    found = []
    for module in modules:
        lines = module.source.count("\n")
        if lines > MODULE_LINES_MAX:
            found.append(f"{module.path}: {lines} lines, at most {MODULE_LINES_MAX}")
        for node in ast.walk(module.tree):
            if isinstance(node, Function):
                lines = (node.end_lineno or node.lineno) - _first(node).lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    found.append(
                        f"{module.path}:{node.lineno}: {node.name}: {lines} lines, at most {FUNCTION_LINES_MAX}"
                    )
    return found


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    """The first statement that does something: neither a signature nor a docstring is to be made shorter for this."""
    documented = len(node.body) > 1 and ast.get_docstring(node) is not None
    return node.body[1] if documented else node.body[0]


def prints(modules: Sequence[Module]) -> list[str]:
    return [
        f"{module.path}:{node.lineno}: prints"
        for module in modules
        if module.unit not in ("cli", "__main__")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_functions_and_modules_are_short() -> None:
    no_offences(too_long(package()), "functions and modules are short")


def test_only_commands_print() -> None:
    no_offences(prints(package()), "give text back, and let a command print it")


def test_a_made_up_giant_is_found() -> None:
    function = "def giant():\n    'Docstring.'\n" + "    pass\n" * (FUNCTION_LINES_MAX + 1)
    assert too_long([Module("pvws.sim.made", function)]) == ["pvws/sim/made.py:1: giant: 61 lines, at most 60"]
    assert not too_long([Module("pvws.sim.made", function.removesuffix("    pass\n"))])
    assert too_long([Module("pvws.sim.made", "x = 1\n" * 451)]) == ["pvws/sim/made.py: 451 lines, at most 450"]


def test_a_made_up_print_is_found() -> None:
    assert prints([Module("pvws.world.made", "\nprint(1)")]) == ["pvws/world/made.py:2: prints"]
    assert not prints([Module("pvws.cli.made", "print(1)"), Module("pvws.world.made", "table.print(1)")])
