"""The OpenAPI document: valid by somebody else's judgement, and made of the table that is served."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from pvws.control.problems import KINDS
from pvws.control.table import routes
from tests.support.steered import Steered, document_of_all

DOCUMENT = document_of_all()


def test_it_is_an_openapi_document() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_has_every_route_with_a_summary_and_a_name_of_its_own() -> None:
    found = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert found == {(route.method, route.path) for route in routes()}
    operations = [each for methods in DOCUMENT["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names), sorted(names)
    for each in operations:
        assert each["summary"].endswith("."), each["operationId"]
        assert "401" in each["responses"]
        assert "world" in [parameter["name"] for parameter in each["parameters"]]


def test_every_kind_of_problem_that_a_route_names_is_one() -> None:
    for route in routes():
        assert set(route.problems) <= KINDS.keys()


def test_texts_are_texts_in_json() -> None:
    until = DOCUMENT["components"]["schemas"]["Until"]["properties"]
    assert str(until["type"]).count("number") == 0
    assert until["ack"]["type"] == "boolean"


async def test_it_is_served(quiet: Steered) -> None:
    assert (await quiet.call("GET", "/v1/openapi.json")).body == DOCUMENT
