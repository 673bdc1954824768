"""A step of the timeline as it is written: `{at: 30s, do: leave, peer: peer-3, for: 10s}`."""

from collections.abc import Collection, Iterable, Iterator
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, structs

from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form, fields, summary
from pvws.notation.nearest import nearest
from pvws.notation.reader import INVALID, Reader
from pvws.scenario.timeline.action import Keys, Mistake
from pvws.scenario.timeline.actions import STEPS, Step
from pvws.scenario.timeline.moments import MOMENTS, keys_of, moment
from pvws.scenario.timeline.reply import Reply
from pvws.scenario.timeline.texts import Condition, template
from pvws.scenario.triggers import ClientDoes, Place, Trigger, condition

__all__ = ["Scripted", "TimelineStep", "action_of", "asks_of_client", "place", "tell_mistakes", "where"]

_Guard: TypeAlias = Annotated[
    Condition, Meta(description="A condition: while it doesn't hold, the step is passed over.")
]
_DO = "What is done."


class Scripted(Struct, frozen=True):
    """A step of the timeline: when it is taken, what it does then, and on which condition (`guard`); and the file,
    line and column where it stands, for what goes wrong only when it is taken.
    """

    trigger: Trigger
    action: Step
    guard: str | None = None
    place: Place | None = None


def _step(reader: Reader, node: Node, path: str) -> Any:
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    before = len(reader.problems)
    moments = [word for word in MOMENTS if word in entries]
    action_word = _action_word(reader, node, entries, path)
    timing = [key for word in moments or MOMENTS for key in keys_of(word)]
    own = [] if action_word is None else [field.key for field in fields(STEPS[action_word])]
    if action_word is not None:
        _tell_unknown(reader, node, list(dict.fromkeys([*timing, "if", "do", *own])), path)
    trigger = None
    if len(moments) == 1:
        trigger = moment(reader, _part(node, keys_of(moments[0])), moments[0], path)
    elif moments:
        found = " and ".join(f'"{word}"' for word in moments)
        reader.problem(_key(node, moments[1]), path, "one of at, every, when", found)
    else:
        reader.problem(node, path, "one of at, every, when", "nothing")
    guard = reader.read(entries["if"], Condition, f"{path}.if") if "if" in entries else None
    if action_word is None:
        return INVALID
    action = reader.struct(_part(node, own), STEPS[action_word], path)
    if action is not INVALID:
        tell_mistakes(reader, node, action.mistakes(entries.keys()), path)
    if len(reader.problems) > before or trigger is None:
        return INVALID
    if isinstance(trigger, ClientDoes):
        trigger = structs.replace(trigger, asks=trigger.asks or asks_of_client(action, guard))
    elif isinstance(action, Reply):
        reader.problem(entries["do"], f"{path}.do", "when: {client: …} beside reply, which answers what a client does")
        return INVALID
    return Scripted(trigger, action, guard, None if node.file is None else (node.file, node.line, node.column))


def _action_word(reader: Reader, node: Node, entries: dict[str, Node], path: str) -> str | None:
    words = tuple(STEPS)
    if "do" not in entries:
        reader.problem(node, f"{path}.do", f"one of {', '.join(words)}", "nothing")
        return None
    word = reader.word(entries["do"], words, f"{path}.do")
    return None if word is INVALID else word


def _tell_unknown(reader: Reader, node: Node, known: list[str], path: str) -> None:
    assert isinstance(node.value, dict), "the caller has looked"
    for key in node.value:
        if key not in known:
            owners = [f'"{word}"' for word in MOMENTS if key in keys_of(word)]
            hint = f'"{key}" goes with {" or ".join(owners)}' if owners else nearest(key, known)
            reader.problem(_key(node, key), path, f"one of {', '.join(known)}", f'"{key}"' if owners else None, hint)


def tell_mistakes(reader: Reader, node: Node, mistakes: Iterable[Mistake], path: str) -> None:
    """Note what is wrong with something that was read, although each of its values is right."""
    for mistake in mistakes:
        stands = place(node, mistake.keys)
        if mistake.of_key:
            stands = _key(place(node, mistake.keys[:-1]), str(mistake.keys[-1]))
        found, hint = mistake.found, mistake.hint
        reader.problem(stands, where(path, mistake.keys), mistake.expected, found, hint)


def asks_of_client(action: Step, guard: str | None) -> bool:
    """Whether a step asks what the client has said that it is taken because of, or who that is."""
    if isinstance(action, Reply):
        return True
    names = set(condition(guard).names) if guard is not None else set[str]()
    for text in _texts(structs.asdict(action)):
        names.update(template(text).names)
    return any(name.partition(".")[0].partition("[")[0] in ("client", "message") for name in names)


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value that may be templates, and can be parsed."""
    match value:
        case str() if "${" in value:
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list() | tuple():
            for each in value:
                yield from _texts(each)
        case _:
            pass


def action_of(reader: Reader, node: Node, path: str) -> Any:
    """What is done by a step that is taken at once, and says no moment; INVALID if there are problems."""
    entries = reader.mapping(node, path)
    if entries is None:
        return INVALID
    before = len(reader.problems)
    word = _action_word(reader, node, entries, path)
    if word is None:
        return INVALID
    own = [field.key for field in fields(STEPS[word])]
    _tell_unknown(reader, node, ["do", *own], path)
    action = reader.struct(_part(node, own), STEPS[word], path)
    if action is not INVALID:
        tell_mistakes(reader, node, action.mistakes(entries.keys()), path)
    return INVALID if len(reader.problems) > before else action


def place(node: Node, keys: Keys) -> Node:
    """What stands in a tree at the end of some keys; what is nearest to it, if nothing does."""
    for key in keys:
        value = node.value
        if isinstance(value, dict) and key in value:
            node = value[str(key)]
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            node = value[key]
        else:
            break
    return node


def where(path: str, keys: Keys) -> str:
    """The path of something at the end of some keys: `timeline[3].data.level`."""
    return path + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)


def _part(node: Node, keys: Collection[str]) -> Node:
    """A mapping with some of its keys alone."""
    assert isinstance(node.value, dict), "the caller has looked"
    entries = {key: each for key, each in node.value.items() if key in keys}
    part = Node(entries, node.line, node.column, node.source, node.origin, node.file)
    part.key_places = node.key_places
    return part


def _key(node: Node, key: str) -> Node:
    """A key of a mapping, as what a problem is about."""
    assert isinstance(node.value, dict), "the caller has looked"
    value = node.value[key]
    line, column = node.key_places.get(key, (value.line, value.column))
    return Node(key, line, column, key, value.origin, value.file)


def _schema(builder: Builder) -> dict[str, Any]:
    beside: dict[str, dict[str, Any]] = {}
    for kind in MOMENTS.values():
        for key, fragment in builder.struct(kind)["properties"].items():
            beside[key] = {"anyOf": [beside[key], fragment]} if key in beside else fragment
    beside["if"] = builder.fragment(_Guard)
    choices = []
    for word, action in STEPS.items():
        do = {"const": word, "description": summary(action)}
        choices.append(builder.struct(action, {"do": do} | beside, ["do"]))
    words: dict[str, Any] = {"description": _DO, "enum": list(STEPS)}
    return {
        "type": "object",
        "properties": {"do": words},
        "required": ["do"],
        "allOf": [_moments_schema(), {"anyOf": choices}],
    }


def _moments_schema() -> dict[str, Any]:
    """One moment, and none of the keys that go with the others."""
    choices = []
    for word in MOMENTS:
        others = {key for other in MOMENTS for key in keys_of(other)} - set(keys_of(word))
        choices.append({"required": [word], "not": {"anyOf": [{"required": [key]} for key in sorted(others)]}})
    return {"oneOf": choices}


TimelineStep: TypeAlias = Annotated[Scripted, Form(_step, label="step", schema=_schema)]
"""A step as it is written: when, what, and on which condition."""
