"""What clients send, and whether it is what somebody waits for: an expression, or a JSON Schema."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pvws.errors import InputError, Problem
from pvws.expression.expression import Expression
from pvws.limits import EXCERPT_CHARACTERS_MAX
from pvws.sim.source import ClientInput

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

__all__ = ["check_schema", "fits", "matcher", "message_of", "said", "schema_text"]

_KEPT = 1_024  # expressions and schemas: more rules than anybody has


@lru_cache(maxsize=64)
def message_of(text: str) -> Any:
    """The JSON value of a message; None of a text that is none. Nobody may change it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@lru_cache(maxsize=_KEPT)
def matcher(text: str) -> Expression:
    """The expression that a text is; parsed once, and not kept by a run, which so can be pickled.

    Raises ExpressionError, with the column.
    """
    return Expression.parse(text)


def said(deed: ClientInput, name: str) -> object:
    """What a name stands for in an expression on what a client did. Raises KeyError for a name that there is not.

    The fields of its message, by their own names; `message`, all of it; `text`, as it came; `did`; and `client`, with
    its `number`, `id` and `name`. `topic` is that of a subscription as well.
    """
    match name:
        case "client":
            return {"number": deed.client, "id": deed.client_id, "name": deed.name}
        case "did":
            return deed.did
        case "text" if deed.message:
            return deed.message
        case "message" if deed.message:
            return message_of(deed.message)
        case _:
            pass
    message = message_of(deed.message) if deed.message else None
    if isinstance(message, dict) and name in message:
        return message[name]
    if name in ("topic", "type") and (value := getattr(deed, name)):
        return value
    raise KeyError(name)


def schema_text(schema: Mapping[str, Any] | bool) -> str:
    """A JSON Schema as what it is kept by: a text, that is the same for the same schema."""
    return json.dumps(schema, sort_keys=True, separators=(",", ":"))


def check_schema(schema: Mapping[str, Any] | bool, path: str = "schema") -> None:
    """Raises InputError, with the path, for what is no JSON Schema (draft 2020-12, unless it says `$schema`)."""
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for

    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in error.absolute_path)
        found = error.message
        if len(found) > 4 * EXCERPT_CHARACTERS_MAX:
            found = f"{found[: 4 * EXCERPT_CHARACTERS_MAX]}…"
        raise InputError(Problem(f"{path}{where}", "a JSON Schema", found)) from None


def fits(schema: str, value: Any) -> bool:
    """Whether a value fits a schema, given as `schema_text`. One that refers to what it has not itself fits nothing."""
    from referencing.exceptions import Unresolvable

    try:
        return bool(_validator(schema).is_valid(value))
    except (Unresolvable, RecursionError):
        return False


@lru_cache(maxsize=_KEPT)
def _validator(schema: str) -> "Validator":
    from jsonschema.validators import Draft202012Validator, validator_for
    from referencing import Registry

    said = json.loads(schema)
    # An empty registry: what a schema refers to elsewhere is never fetched.
    return validator_for(said, default=Draft202012Validator)(said, registry=Registry())
