"""The package's modules as syntax trees: what the house rules look at, without importing anything."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One module: its dotted name, its source, and whether it is a folder's `__init__`."""

    name: str
    source: str
    is_folder: bool = False
    tree: ast.Module = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", ast.parse(self.source))

    @property
    def unit(self) -> str:
        """The folder or file right below `pvws` that it belongs to; `""` for the package itself."""
        return self.name.partition(".")[2].partition(".")[0]

    @property
    def path(self) -> str:
        """Where it stands in the repository."""
        return self.name.replace(".", "/") + ("/__init__.py" if self.is_folder else ".py")


def no_offences(found: list[str], rule: str) -> None:
    """Fail with the rule and everybody who breaks it, one a line."""
    if found:
        pytest.fail("\n  ".join([f"{rule}:", *found]), pytrace=False)


@cache
def package() -> tuple[Module, ...]:
    """Every module of pvws, in order of name."""
    modules = list[Module]()
    for path in sorted((ROOT / "pvws").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_folder = parts[-1] == "__init__"
        modules.append(Module(".".join(parts[:-1] if is_folder else parts), path.read_text("utf-8"), is_folder))
    return tuple(modules)


def imports(module: Module, *, at_module_level: bool = False) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a module imports, wherever in it: `from a import b` gives `a.b`.

    At module level means: run when the module is imported, not when one of its functions is called.
    """
    for node in _outside_functions(module.tree) if at_module_level else ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            package_parts = module.name.split(".")
            base = package_parts[: len(package_parts) - node.level + module.is_folder] if node.level else []
            for alias in node.names:
                yield node.lineno, ".".join([*base, *([node.module] if node.module else []), alias.name])


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function | ast.Lambda):
            yield child
            yield from _outside_functions(child)


def is_within(name: str, outer: str) -> bool:
    """Whether a dotted name is another one or lies in it."""
    return name == outer or name.startswith(f"{outer}.")
