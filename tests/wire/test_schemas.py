"""The schemas of payloads: of every type, by the references that are asked for, with what is filled in as defaults."""

from jsonschema import Draft202012Validator

from pvws.wire.defaults import default_payload
from pvws.wire.events import EVENT_TYPES
from pvws.wire.schemas import payload_schemas


def test_there_is_one_for_each_type_by_the_references_that_are_asked_for() -> None:
    references, definitions = payload_schemas("#/there/{name}")
    assert list(references) == list(EVENT_TYPES)
    for name, reference in references.items():
        assert reference == {"$ref": f"#/there/{EVENT_TYPES[name].__name__}"}
        validator = Draft202012Validator(definitions[EVENT_TYPES[name].__name__] | {"there": definitions})
        assert validator.is_valid(default_payload(name))
        assert not validator.is_valid({})


def test_what_is_filled_in_is_told_as_a_default_but_for_times() -> None:
    _, definitions = payload_schemas("#/$defs/{name}")
    fields = definitions["FileUploaded"]["properties"]
    assert fields["size"]["default"] == 1_048_576
    assert "default" not in fields["timestamp"]


def test_a_description_is_the_same_whether_or_not_the_compiler_dropped_its_indentation() -> None:
    _, definitions = payload_schemas("#/$defs/{name}")
    described = [each["description"] for each in definitions.values() if "\n" in each.get("description", "")]
    assert described
    assert not [each for each in described if "\n " in each]
