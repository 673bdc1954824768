"""What a module offers: a docstring, a sorted and complete `__all__`, a docstring for every public name."""

import ast
from collections.abc import Iterator, Sequence
from importlib import import_module

import pytest

from tests.house.modules import Function, Module, no_offences, package

NEVER_IMPORTED = {"pvws.testing.locust"}
"""By no test: what that imports makes everything in its process that blocks cooperative."""


def defined(tree: ast.Module) -> dict[str, ast.stmt]:
    """Names that the module itself makes at top level, with the statement that does."""
    names: dict[str, ast.stmt] = {}

    def look(body: list[ast.stmt]) -> None:
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    names[node.name] = node
                case ast.Assign():
                    for target in node.targets:
                        names.update((name.id, node) for name in ast.walk(target) if isinstance(name, ast.Name))
                case ast.AnnAssign(target=ast.Name(id=name)):
                    names[name] = node
                case ast.If() | ast.Try():
                    look([*node.body, *node.orelse])
                    for handler in getattr(node, "handlers", []):
                        look(handler.body)

    look(tree.body)
    return names


def exported(tree: ast.Module) -> list[str] | None:
    """What `__all__` lists; None where there is none."""
    statement = defined(tree).get("__all__")
    if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
        return None
    names: list[str] = ast.literal_eval(statement.value)
    return names


def order(name: str) -> tuple[int, str]:
    """Ruff's order: constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def offences(modules: Sequence[Module]) -> list[str]:
    return [f"{module.path}: {offence}" for module in modules for offence in _offences(module)]


def _offences(module: Module) -> Iterator[str]:
    if ast.get_docstring(module.tree) is None:
        yield "no docstring"
    names = exported(module.tree)
    if names is None:
        if len(module.tree.body) > 1:  # a folder's `__init__` may well hold its docstring alone
            yield "no __all__"
        return
    if names != sorted(names, key=order):
        yield f"__all__ is not sorted: {', '.join(sorted(names, key=order))}"
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield f"twice in __all__: {', '.join(twice)}"
    made = defined(module.tree)
    for name in made:
        if not name.startswith("_") and name not in names:
            yield f"{name} is public, but not in __all__"
    for name in names:
        node = made.get(name)
        if isinstance(node, ast.ClassDef | Function):
            yield from (f"{owner} has no docstring" for owner in _undocumented(node, name))


def _undocumented(node: ast.ClassDef | Function, name: str) -> Iterator[str]:
    if ast.get_docstring(node) is None:
        yield name
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.ClassDef | Function) and not inner.name.startswith("_") and not _repeats(inner):
                yield from _undocumented(inner, f"{name}.{inner.name}")


def _repeats(node: ast.ClassDef | Function) -> bool:
    """Whether it is a setter or an overload: its getter or implementation carries the docstring."""
    marks = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(marks & {"setter", "deleter", "overload"})


def test_every_module_says_what_it_offers() -> None:
    no_offences(offences(package()), "every module says what it offers")


def test_every_exported_name_exists() -> None:
    missing = [
        f"{module.path}: {name}"
        for module in package()
        if module.name not in NEVER_IMPORTED
        for name in exported(module.tree) or []
        if not hasattr(import_module(module.name), name)
    ]
    no_offences(missing, "what is in __all__ exists")


@pytest.mark.parametrize(
    ("source", "offence"),
    [
        ('__all__ = ["f"]\ndef f():\n    """F."""', "no docstring"),
        ('"""M."""\ndef f():\n    """F."""', "no __all__"),
        ('"""M."""\n__all__ = ["b", "A"]\n', "__all__ is not sorted: A, b"),
        ('"""M."""\n__all__ = ["a", "a"]\n', "twice in __all__: a"),
        ('"""M."""\n__all__ = []\nLIMIT = 5', "LIMIT is public, but not in __all__"),
        ('"""M."""\n__all__ = []\nif True:\n    x, y = 1, 2', "x is public, but not in __all__"),
        ('"""M."""\n__all__ = []\nMoney: TypeAlias = int', "Money is public, but not in __all__"),
        ('"""M."""\n__all__ = ["f"]\nasync def f(): ...', "f has no docstring"),
        ('"""M."""\n__all__ = ["C"]\nclass C:\n    """C."""\n    def m(self): ...', "C.m has no docstring"),
        (
            '"""M."""\n__all__ = ["C"]\nclass C:\n    """C."""\n    @property\n    def p(self): ...',
            "C.p has no docstring",
        ),
    ],
)
def test_a_made_up_offence_is_found(source: str, offence: str) -> None:
    assert f"pvws/sim/made.py: {offence}" in offences([Module("pvws.sim.made", source)])


def test_private_names_setters_and_a_lone_docstring_are_no_offence() -> None:
    source = '''"""M."""
__all__ = ["C"]
_private = 1
class C:
    """C."""
    @property
    def p(self):
        """P."""
    @p.setter
    def p(self, value): ...
    def _m(self): ...
'''
    assert not offences([Module("pvws.sim.made", source), Module("pvws.sim", '"""A folder."""', is_folder=True)])
