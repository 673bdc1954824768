"""The configuration of a server: flags go before the environment, that before the file, that before defaults.

Every problem is told with where it is: the file and its line, the variable, or the flag.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from msgspec import Struct, structs

from pvws.errors import InputError, Problem
from pvws.notation.document import Node, parse, scalar
from pvws.notation.reader import INVALID, Reader, nearest
from pvws.server.settings import Configuration, Timeouts
from pvws.session.access import Token
from pvws.units import duration_text
from pvws.wire.golang import zone_named
from pvws.wire.profiles import Quirks

__all__ = ["PREFIX", "configure", "tokens_of", "variables"]

PREFIX = "PEERVAULT_WS_"
"""What the names of the variables begin with."""

_DOCUMENTED = {  # API documentation, "Environment Variables", where it is not the path of the key
    f"{PREFIX}READ_TIMEOUT": ("timeouts", "read"),
    f"{PREFIX}WRITE_TIMEOUT": ("timeouts", "write"),
    f"{PREFIX}PING_PERIOD": ("timeouts", "ping_period"),
    f"{PREFIX}PONG_WAIT": ("timeouts", "pong_wait"),
}
_LISTS = {
    ("cors", "origins"),
    ("auth", "tokens"),
    ("control", "hosts"),
}  # keys whose variables hold a list, with commas
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")  # in an error of YAML's syntax
_FOR_CLIENTS = f"{PREFIX}URL"  # tells clients where the server is; it is no key of the server's own


def variables() -> dict[str, tuple[str, ...]]:
    """The path of the key that each variable of the environment sets, by its name."""
    return {f"{PREFIX}{'_'.join(path).upper()}": path for path in _paths(Configuration)} | _DOCUMENTED


def _paths(kind: Any) -> Iterator[tuple[str, ...]]:
    hints = get_type_hints(kind, include_extras=True)
    for field in structs.fields(kind):
        if field.name == "quirks":
            yield from (("quirks", *rest) for rest in _paths(Quirks))
            continue
        struct = next((each for each in (hints[field.name], *get_args(hints[field.name])) if _is_struct(each)), None)
        if struct is None or get_origin(hints[field.name]) is Annotated:
            yield (field.encode_name,)
        else:
            yield from ((field.encode_name, *rest) for rest in _paths(struct))


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def configure(
    text: str | None,
    file: str,
    environment: Mapping[str, str],
    flags: Mapping[tuple[str, ...], tuple[str, Any]],
    read: Callable[[str], str],
    *,
    otherwise: Mapping[tuple[str, ...], tuple[str, Any]] = {},
) -> Configuration:
    """The configuration that these give together.

    `text` is that of `file`, if there is one; `flags` gives, for the path of a key, the flag's name and its value, and
    `otherwise` the same for keys of which nobody says anything. `read` gives the text of a file of tokens. Raises
    InputError with every problem.
    """
    reader = Reader(file, _is_secret)
    tree = Node({})
    for path, (source, value) in otherwise.items():
        _put(tree, path, _from_value(value, source))
    if text is not None:
        _merge(tree, _websocket(reader, _parsed(text, file)))
    known = variables()
    for name in sorted(environment):
        if name in known:
            _put(tree, known[name], _from_text(environment[name], name, is_list=known[name] in _LISTS))
        elif name.startswith(PREFIX) and name != _FOR_CLIENTS:
            reader.problem(
                Node(name, origin=name), "", "a variable that is known", f'"{name}"', nearest(name, sorted(known))
            )
    for path, (flag, value) in flags.items():
        _put(tree, path, _from_value(value, flag))
    configuration = reader.struct(tree, Configuration, "websocket")
    if configuration is not INVALID:
        configuration = _checked(reader, tree, configuration, read)
    if reader.problems:
        raise InputError(*sorted(reader.problems, key=lambda problem: (problem.file or "", problem.line or 0)))
    return configuration


def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens in a file of tokens: one a line; blank lines and those that begin with # are passed over."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(Token(line) for line in lines if line and not line.startswith("#"))


def _is_secret(path: str) -> bool:
    """Whether a token may stand at a path, be it by mistake."""
    if path in ("websocket.auth", "websocket.control", "websocket.control.token"):
        return True
    return path.startswith("websocket.auth.tokens[")


def _parsed(text: str, file: str) -> Node:
    """The tree of a file. What is no YAML is told with its place; only keys are quoted, the rest may be a token."""
    try:
        return parse(text, file)
    except InputError as error:
        raise InputError(*(_unquoted(problem) for problem in error.problems)) from None


def _unquoted(problem: Problem) -> Problem:
    keys = {"websocket"}.union(*variables().values())

    def shown(quoted: re.Match[str]) -> str:
        text = quoted[1] or quoted[2] or ""
        return quoted[0] if len(text) < 3 or text.startswith("<") or text in keys else "…"

    expected, found, hint = (
        None if part is None else _QUOTED.sub(shown, part) for part in (problem.expected, problem.found, problem.hint)
    )
    assert expected is not None, "a problem says what was expected"
    return Problem(
        problem.path, expected, found, file=problem.file, line=problem.line, column=problem.column, hint=hint
    )


def _websocket(reader: Reader, root: Node) -> Node:
    """What stands under `websocket`. Other roots belong to other parts of PeerVault."""
    entries = {} if root.value is None else reader.mapping(root, "")
    for key in entries or {}:
        if key in Configuration.__struct_fields__:
            line, column = root.key_places[key]
            reader.problem(Node(key, line, column), "", f'"{key}" under "websocket"', "it beside that")
    if entries is None or "websocket" not in entries:
        return Node({})
    inner = entries["websocket"]
    return inner if reader.mapping(inner, "websocket") is not None else Node({})


def _merge(under: Node, over: Node) -> None:
    """Lay one tree over another."""
    assert isinstance(under.value, dict), "only mappings are merged"
    assert isinstance(over.value, dict), "only mappings are merged"
    for key, node in over.value.items():
        beneath = under.value.get(key)
        if beneath is not None and isinstance(beneath.value, dict) and isinstance(node.value, dict):
            _merge(beneath, node)
        else:
            under.value[key] = node
        if key in over.key_places:
            under.key_places[key] = over.key_places[key]


def _put(tree: Node, path: tuple[str, ...], node: Node) -> None:
    for key in reversed(path):
        outer = Node({key: node}, origin=node.origin)
        outer.key_places[key] = (1, 1)
        node = outer
    _merge(tree, node)


def _from_text(text: str, origin: str, *, is_list: bool) -> Node:
    """A variable's value."""
    if is_list:
        return Node([scalar(part.strip(), origin) for part in text.split(",")], origin=origin)
    return scalar(text, origin)


def _from_value(value: Any, origin: str) -> Node:
    if isinstance(value, list | tuple):
        return Node([_from_value(each, origin) for each in value], origin=origin)
    return Node(value, source=str(value), origin=origin)


def _checked(reader: Reader, tree: Node, configuration: Configuration, read: Callable[[str], str]) -> Configuration:
    """What one key alone can't know, and the tokens that stand in a file of their own."""
    timeouts = configuration.timeouts
    if timeouts.ping_period >= timeouts.pong_wait:
        _wrong_pings(reader, tree, timeouts)
    zone = _find(tree, "quirks", "zone")
    if zone is not None:
        try:
            zone_named(str(zone.value))
        except ValueError as error:
            reader.problem(zone, "websocket.quirks.zone", str(error))
    auth = configuration.auth
    if auth.tokens_file is None:
        return configuration
    node, path = _find(tree, "auth", "tokens_file") or tree, "websocket.auth.tokens_file"
    try:
        more = tokens_of(read(auth.tokens_file))
    except (OSError, ValueError) as error:
        trouble = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        trouble = getattr(error, "strerror", None) or trouble  # a name with a zero byte has none
        reader.problem(node, path, "a file that can be read", f"{node.describe()} ({trouble.lower()})")
        return configuration
    if not more:  # without tokens the server is open to everyone
        reader.problem(node, path, "a file with a token in it", f"{node.describe()} (none)")
    return structs.replace(configuration, auth=structs.replace(auth, tokens=auth.tokens + more))


def _wrong_pings(reader: Reader, tree: Node, timeouts: Timeouts) -> None:
    """The ping period is not below the pong wait: tell it where it was set, or else where the other was."""
    path, why = "websocket.timeouts", "or no ping could be answered in time"
    period, wait = _find(tree, "timeouts", "ping_period"), _find(tree, "timeouts", "pong_wait")
    if period is not None:
        reader.problem(
            period, f"{path}.ping_period", f"less than pong_wait ({duration_text(timeouts.pong_wait)}), {why}"
        )
    else:
        assert wait is not None, "their defaults go together"
        text = duration_text(timeouts.ping_period)
        reader.problem(wait, f"{path}.pong_wait", f"more than ping_period ({text}), {why}")


def _find(tree: Node, *path: str) -> Node | None:
    node = tree
    for key in path:
        if not isinstance(node.value, dict) or key not in node.value:
            return None
        node = node.value[key]
    return node
