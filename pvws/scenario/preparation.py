"""What is done to the tree of a script before it is read: includes, what the command line sets, parameters, CSV files.

What comes out is a tree without any of these, in which every node still knows the file and line it was written in.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from pvws.errors import InputError, Problem
from pvws.expression.expression import Expression
from pvws.expression.template import Template
from pvws.expression.trouble import ExpressionError, MissingNameError
from pvws.limits import CSV_ROWS_MAX, INCLUDE_DEPTH_MAX
from pvws.notation.document import Node, Value, parse, scalar
from pvws.notation.nearest import nearest, suggestion
from pvws.notation.tree import merge, replaced, transformed
from pvws.scenario.observations import OBSERVATIONS

__all__ = ["Prepared", "Read", "prepare"]

Read: TypeAlias = Callable[[str], str]
"""Gives the text of a file by its path below the folder of the script, with `/`. Raises OSError or ValueError."""

_LISTS = frozenset(("timeline", "expect"))  # what an included file has of them comes first
_NAME = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
_CSV_KEYS = ("csv", "column", "order")


class Prepared:
    """A tree that can be read, and what its parameters are: texts, numbers or booleans, by name."""

    __slots__ = ("parameters", "root")

    def __init__(self, root: Node, parameters: dict[str, Any]) -> None:
        self.root = root
        self.parameters = parameters


def prepare(
    text: str,
    file: str,
    read: Read,
    given: Sequence[tuple[str, str]] = (),
    wrong_values: list[Problem] | None = None,
) -> Prepared:
    """The tree of a script with all that it includes.

    `given` are names and values as the command line has them: of parameters, or of any other value by its path, such as
    `network.peers`. Raises InputError with every problem of the first kind that is met; those of single values, which
    stay as they are written, are put into `wrong_values` instead where that is given.
    """
    root = _with_includes(parse(text, file), PurePosixPath(), read, ())
    if not isinstance(root.value, dict):
        return Prepared(root, {})
    declared = _declared(root)
    values = _parameters(declared, dict(given))
    for name, value in given:
        if name not in declared:
            root = _set(root, name, value, declared)
    problems: list[Problem] = [] if wrong_values is None else wrong_values
    root = transformed(root, lambda node, path: _filled(node, path, values, problems))
    root = _with_csv(root, "", read, problems)
    if problems and wrong_values is None:
        raise InputError(*problems)
    return Prepared(root, values)


def _problem(node: Node, path: str, expected: str, found: str | None = None, hint: str | None = None) -> Problem:
    found = node.describe() if found is None else found
    if node.origin is not None:
        return Problem(path, expected, found, hint=hint, file=node.origin)
    return Problem(path, expected, found, hint=hint, file=node.file, line=node.line, column=node.column)


# Files


def _with_includes(root: Node, folder: PurePosixPath, read: Read, inside: tuple[str, ...]) -> Node:
    """The tree laid over all trees that it includes, in their order."""
    if not isinstance(root.value, dict) or "include" not in root.value:
        return root
    include = root.value["include"]
    names = include.value if isinstance(include.value, list) else [include]
    base = Node({}, root.line, root.column, file=root.file)
    for place, node in enumerate(names):
        where = f"include[{place}]" if isinstance(include.value, list) else "include"
        path = _path(node, where, folder)
        if path in inside:
            raise InputError(_problem(node, where, "a file that does not include this one"))
        if len(inside) >= INCLUDE_DEPTH_MAX:
            raise InputError(
                _problem(node, where, f"at most {INCLUDE_DEPTH_MAX} files that include each other", "more")
            )
        below = parse(_text(node, where, path, read), path)
        base = merge(base, _with_includes(below, PurePosixPath(path).parent, read, (*inside, path)), concatenate=_LISTS)
    return merge(base, _without(root, "include"), concatenate=_LISTS)


def _path(node: Node, where: str, folder: PurePosixPath) -> str:
    """The path of a file below the script's folder, which nothing may leave."""
    if not isinstance(node.value, str) or not node.value:
        raise InputError(_problem(node, where, "the name of a file"))
    written = PurePosixPath(node.value.replace("\\", "/"))
    path = folder / written
    if written.is_absolute() or ":" in node.value or ".." in path.parts:
        raise InputError(_problem(node, where, "a file in the scenario's folder or below it"))
    return str(path)


def _text(node: Node, where: str, path: str, read: Read) -> str:
    try:
        return read(path)
    except UnicodeDecodeError as error:
        raise InputError(_problem(node, where, "a file in UTF-8", f"other bytes at {error.start}")) from None
    except (OSError, ValueError) as error:
        trouble = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(_problem(node, where, "a file that can be read", f'"{path}" ({trouble})')) from None


def _without(root: Node, key: str) -> Node:
    assert isinstance(root.value, dict), "only mappings are asked for"
    entries = {name: node for name, node in root.value.items() if name != key}
    changed = Node(entries, root.line, root.column, root.source, root.origin, root.file)
    changed.key_places = root.key_places
    return changed


def _with_csv(node: Node, path: str, read: Read, problems: list[Problem]) -> Node:
    """The tree with the values of a column in place of each `{csv: FILE, column: NAME}`."""
    if isinstance(node.value, list):
        items = [_with_csv(each, f"{path}[{place}]", read, problems) for place, each in enumerate(node.value)]
        return _like(node, items)
    if not isinstance(node.value, dict):
        return node
    entries = node.value
    if "csv" in entries and entries.keys() <= set(_CSV_KEYS):
        try:
            values = list(_column(node, path, read))
        except InputError as error:
            problems.extend(error.problems)
            return node
        kept = {key: each for key, each in entries.items() if key == "order"}
        made = _like(node, {"values": _like(node, values)} | kept)
        made.key_places = dict.fromkeys(("values", *kept), (node.line, node.column))
        return made
    changed = {key: _with_csv(each, f"{path}.{key}" if path else key, read, problems) for key, each in entries.items()}
    made = _like(node, changed)
    made.key_places = node.key_places
    return made


def _like(node: Node, value: Value) -> Node:
    return Node(value, node.line, node.column, node.source, node.origin, node.file)


def _column(node: Node, path: str, read: Read) -> Iterator[Node]:
    """The values of a column, each with its line in the CSV file; the first line has the names of the columns."""
    assert isinstance(node.value, dict), "the caller has looked"
    where = node.value["csv"]
    file = _path(where, f"{path}.csv", PurePosixPath())
    rows = csv.reader(_text(where, f"{path}.csv", file, read).splitlines())
    try:
        head = [name.strip() for name in next(rows, [])]
        wanted = node.value.get("column")
        if wanted is None and len(head) == 1:
            place = 0
        elif wanted is None or wanted.source.strip() not in head:
            named = where if wanted is None else wanted
            expected = f"a column of {file}: {', '.join(head)}" if head else f"columns in {file}"
            hint = nearest(named.source, head)
            raise InputError(_problem(named, f"{path}.column", expected, None if wanted else "nothing", hint))
        else:
            place = head.index(wanted.source.strip())
        for number, row in enumerate(rows, 1):
            if number > CSV_ROWS_MAX:
                raise InputError(_problem(where, f"{path}.csv", f"at most {CSV_ROWS_MAX} rows", "more"))
            if place < len(row) and row[place].strip():
                value = scalar(row[place].strip(), file)
                value.file, value.line, value.column, value.origin = file, rows.line_num, 1, None
                yield value
    except csv.Error as error:
        raise InputError(_problem(where, f"{path}.csv", "a CSV file", f"line {rows.line_num} ({error})")) from None


# Parameters


def _declared(root: Node) -> dict[str, Node]:
    """The parameters of a script, each with the node of its default. Raises InputError."""
    assert isinstance(root.value, dict), "the caller has looked"
    block = root.value.get("parameters")
    if block is None:
        return {}
    if not isinstance(block.value, dict):
        raise InputError(_problem(block, "parameters", "a mapping of names and defaults"))
    declared: dict[str, Node] = {}
    for name, node in block.value.items():
        path = f"parameters.{name}"
        default = node.value.get("default") if isinstance(node.value, dict) else node
        if _NAME.fullmatch(name) is None:
            raise InputError(_problem(node, path, "a name of lower-case letters, digits and _", f'"{name}"'))
        if default is None:
            raise InputError(_problem(node, path, "a default, or {default: …, description: …}"))
        if isinstance(default.value, dict | list) or default.value is None:
            raise InputError(_problem(default, path, "a text, a number, on or off"))
        declared[name] = default
    return declared


def _parameters(declared: Mapping[str, Node], given: Mapping[str, str]) -> dict[str, Any]:
    """The value of each parameter; a default may be a template of those before it."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, default in declared.items():
        node = scalar(given[name], f"--set {name}") if name in given else default
        filled = _filled(node, f"parameters.{name}", values, problems, known={})
        values[name] = (node if filled is None else filled).value
    if problems:
        raise InputError(*problems)
    return values


def _filled(
    node: Node, path: str, values: Mapping[str, Any], problems: list[Problem], known: Mapping[str, Any] = OBSERVATIONS
) -> Node | None:
    """What a scalar with `${…}` is when the parameters are put in; None when there is nothing to put in.

    What asks about the run stays as it is, for whoever reads it there.
    """
    text = node.value
    if not isinstance(text, str) or "${" not in text:
        return None
    try:
        template = Template.parse(text, known={**known, **{name: {} for name in values}})
        if template.is_plain:
            return None
        filled = template.fill_known(values)
    except (ExpressionError, MissingNameError) as error:
        said, place = error.problems[0], node.letter(error.column)
        where = path if place is not None else f"{path}, {said.path}"
        expected, found = said.expected, said.found
        if isinstance(error, MissingNameError) and (texts := _texts_among(error.name, values)):
            expected, found = f"numbers without a unit to reckon {error.name} with", texts
        problems.append(_problem(place or node, where, expected, found, said.hint))
        return None
    if isinstance(filled, str):
        return None if filled == text else Node(filled, source=filled)
    return scalar(str(filled).lower() if isinstance(filled, bool) else f"{filled:.17g}", "")


def _texts_among(part: str, values: Mapping[str, Any]) -> str:
    """Of an expression that has no value: which parameters are texts, as what one writes with a unit is."""
    names = [name for name in Expression.parse(part).names if isinstance(values.get(name), str)]
    return " and ".join(f"the text {Node(values[name]).describe()} for {name}" for name in names)


def _within(root: Node, name: str) -> str | None:
    """A hint at a key of that name one level below, as `network.peers` is for `peers`."""
    assert isinstance(root.value, dict), "the caller has looked"
    paths = [f"{key}.{name}" for key, node in root.value.items() if isinstance(node.value, dict) and name in node.value]
    return suggestion(paths[0]) if paths else None


def _set(root: Node, name: str, value: str, declared: Mapping[str, Node]) -> Node:
    """The tree with a value that the command line gives for a path. Raises InputError."""
    assert isinstance(root.value, dict), "the caller has looked"
    said = Node(name).describe()
    option = f"--set {name}" if name.isprintable() else f"--set {said}"
    if "." not in name and "[" not in name and name not in root.value:
        known = ", ".join(declared) or "none"
        expected = f"a parameter of the scenario ({known}), or the path of a value such as network.peers"
        hint = nearest(name, (*declared, *root.value)) or _within(root, name)
        raise InputError(Problem(option, expected, said, hint=hint))
    try:
        return replaced(root, name, scalar(value, option))
    except ValueError as error:
        raise InputError(Problem(option, "the path of a value", f"{said} ({error})")) from None
