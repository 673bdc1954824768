"""The JSON Schema of a language, made of the very types that its reader reads. Pure.

What the reader takes, the schema takes; the reader may ask for more, such as numbers that go together. Editors read
YAML by rules of their own, in which `on` is a text: the schema takes that, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from msgspec import Meta, Struct

from pvws.notation.forms import Form, Notes, alternatives, fields, notes, summary
from pvws.notation.written import UNWRITTEN, default

__all__ = ["json_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": ["string", "number"]},  # `1.10` is a text where one belongs
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"enum": [True, False, "on", "off"]},
}
_ANNOTATIONS = frozenset({"title", "description", "default", "examples"})
_TEMPLATE = {"description": "A template: what is in ${…} is reckoned.", "type": "string", "pattern": r"\$\{"}


def json_schema(
    kind: type[Struct], *, title: str, schema_id: str | None = None, templates: bool = False
) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the mapping that a Struct is read from.

    Keys are described by the `Meta` of their types, Structs by the first line of their docstrings. With `templates`,
    a text with `${` in it may stand wherever a text or a number may.
    """
    builder = _Builder(templates)
    root = builder.struct(kind)
    head = {"$schema": _DIALECT} | ({} if schema_id is None else {"$id": schema_id}) | {"title": title}
    schema = head | root | ({"$defs": builder.definitions} if builder.definitions else {})
    once = {place: schema["$defs"].pop(place.rpartition("/")[2]) for place in _used_once(schema)}
    if not schema.get("$defs"):
        schema.pop("$defs", None)
    inlined: dict[str, Any] = _inlined(schema, once)
    return inlined


class _Builder:
    """Makes fragments; what has a name is put into `definitions` and referred to."""

    def __init__(self, templates: bool) -> None:
        self.definitions: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._templates = templates

    def fragment(self, kind: Any) -> dict[str, Any]:
        found = notes(kind)
        fragment = self._own(found) if found.own is not None else self._plain(found.base)
        # What a unit or a form makes of a value is bounded by the reader alone: here is only what was written.
        for meta in found.metas if found.own is None else ():
            fragment = fragment | _bounds(meta, found.base)
        fragment = self._or_template(fragment)
        if found.description:
            fragment = fragment | {"description": found.description}
        return fragment | ({"examples": found.examples} if found.examples else {})

    def struct(
        self,
        kind: type[Struct],
        beside: Mapping[str, dict[str, Any]] | None = None,
        required: Sequence[str] = (),
    ) -> dict[str, Any]:
        properties: dict[str, Any] = dict(beside or {})
        needed = list(required)
        for field in fields(kind):
            fragment = self.fragment(field.kind)
            if field.is_required:
                needed.append(field.key)
            elif (told := default(field)) is not UNWRITTEN:
                fragment = fragment | {"default": told}
            properties[field.key] = fragment
        said = {"description": line} if (line := summary(kind)) else {}
        needs = {"required": needed} if needed else {}
        return said | {"type": "object", "properties": properties, "additionalProperties": False} | needs

    def choice(self, key: str, kinds: Mapping[str, type[Struct]]) -> dict[str, Any]:
        choices = []
        for word, kind in kinds.items():
            said = {"description": line} if (line := summary(kind)) else {}
            choices.append(self.struct(kind, {key: {"const": word} | said}, [key]))
        return {"type": "object", "required": [key], "anyOf": choices}

    def _own(self, found: Notes) -> dict[str, Any]:
        own = found.own
        assert own is not None, "there is a unit or a form"
        if isinstance(own, Form):
            return own.schema(self) if callable(own.schema) else dict(own.schema or {})
        fragment = dict(own.schema or {"type": ["string", "number"]})
        if not own.label or own.schema is None:
            return fragment
        return self._reference(own, own.label.replace(" ", "-"), lambda: self._or_template(fragment))

    def _plain(self, kind: Any) -> dict[str, Any]:
        origin = get_origin(kind)
        if len(alternatives(kind)) > 1:
            return self._union(kind)
        if origin is Literal:
            return {"enum": list(get_args(kind))}
        if origin in (list, tuple):
            return {"type": "array", "items": self.fragment(get_args(kind)[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.fragment(get_args(kind)[1])}
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self._reference(kind, kind.__name__.lstrip("_"), lambda: self.struct(kind))
        return dict(_SCALARS[kind])

    def _union(self, kind: Any) -> dict[str, Any]:
        choices: list[dict[str, Any]] = []
        for each in alternatives(kind):
            fragment: dict[str, Any] = {"type": "null"} if each is type(None) else self.fragment(each)
            choices += fragment["anyOf"] if fragment.keys() == {"anyOf"} else [fragment]
        return {"anyOf": choices}

    def _reference(self, owner: object, name: str, make: Any) -> dict[str, Any]:
        """A reference to what an owner looks like, which is made when it is first asked for."""
        if id(owner) not in self._names:
            number, free = 1, name
            while free in self.definitions:
                number += 1
                free = f"{name}-{number}"
            self._names[id(owner)] = free
            self.definitions[free] = {}  # taken, should the owner contain itself
            self.definitions[free] = make()
        return {"$ref": f"#/$defs/{self._names[id(owner)]}"}

    def _or_template(self, fragment: dict[str, Any]) -> dict[str, Any]:
        """A fragment that takes a template as well, if it is one of a text or a number and takes none yet."""
        if not self._templates or not _is_scalar(fragment):
            return fragment
        template = self._reference(_TEMPLATE, "template", lambda: dict(_TEMPLATE))
        if template in fragment.get("anyOf", ()):
            return fragment
        said = {key: value for key, value in fragment.items() if key in _ANNOTATIONS}
        asked = {key: value for key, value in fragment.items() if key not in _ANNOTATIONS}
        if asked.keys() == {"anyOf"}:
            return said | {"anyOf": [*asked["anyOf"], template]}
        return said | {"anyOf": [asked, template]}


def _bounds(meta: Meta, base: Any) -> dict[str, Any]:
    """What `Meta` says of a value. Each keyword counts for the values that it is about, whatever else may stand."""
    words = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    found = {word: getattr(meta, name) for name, word in words.items() if getattr(meta, name) is not None}
    base = next((kind for kind in alternatives(base) if kind is not type(None)), base)
    noun = {list: "Items", tuple: "Items", dict: "Properties"}.get(get_origin(base) or base, "Length")
    for end, length in (("min", meta.min_length), ("max", meta.max_length)):
        if length is not None:
            found[f"{end}{noun}"] = length
    return found


def _is_scalar(fragment: Mapping[str, Any]) -> bool:
    """Whether a fragment asks something of texts or numbers; what takes any text takes a template anyway."""
    if "enum" in fragment or "const" in fragment:
        return True
    kinds = fragment.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if "string" in kinds and not fragment.keys() & {"pattern", "minLength", "maxLength", "format"}:
        return False
    return bool(kinds & {"string", "number", "integer", "boolean"}) or any(map(_is_scalar, fragment.get("anyOf", ())))


def _used_once(schema: dict[str, Any]) -> set[str]:
    """The definitions that but one place refers to, which may as well stand there themselves."""
    counts = {f"#/$defs/{name}": 0 for name in schema.get("$defs", ())}
    told: set[str] = set()
    for reference in _references(schema):
        counts[reference["$ref"]] += 1
        if not reference.keys() <= _ANNOTATIONS | {"$ref"}:
            told.add(reference["$ref"])
    return {
        place
        for name, definition in schema.get("$defs", {}).items()
        if counts[place := f"#/$defs/{name}"] == 1
        and place not in told
        and all(inside["$ref"] != place for inside in _references(definition))
    }


def _references(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _inlined(value: Any, definitions: Mapping[str, Any]) -> Any:
    """A value in which each of these definitions, by their references, stands where it is referred to."""
    if isinstance(value, dict):
        inlined = {key: _inlined(each, definitions) for key, each in value.items()}
        place = inlined.get("$ref")
        if isinstance(place, str) and place in definitions:
            del inlined["$ref"]
            return _inlined(definitions[place], definitions) | inlined
        return inlined
    if isinstance(value, list):
        return [_inlined(each, definitions) for each in value]
    return value
