"""The table of routes: each once, all below /v1, and every file of routes in it."""

from importlib import import_module
from pkgutil import iter_modules

from pvws.control import routes as folder
from pvws.control.table import routes


def test_every_route_is_there_once() -> None:
    places = [(route.method, route.path) for route in routes()]
    assert len(set(places)) == len(places)
    assert all(path == "/v1" or path.startswith("/v1/") for _, path in places)


def test_no_file_of_routes_is_left_out() -> None:
    known = set(map(id, routes()))
    for module in iter_modules(folder.__path__):
        found = import_module(f"pvws.control.routes.{module.name}").ROUTES
        assert found, module.name
        assert {id(route) for route in found} <= known, module.name
