"""A route knows its name, and whether it takes a body."""

from pvws.control.reading import Nothing
from pvws.control.route import Route
from pvws.control.table import routes


def test_a_route_is_named_after_what_does_it() -> None:
    (root, *_) = routes()
    assert (root.method, root.path, root.name) == ("GET", "/v1", "server")
    assert not root.takes_body
    assert any(route.takes_body for route in routes())


def test_what_reads_takes_no_body() -> None:
    for route in routes():
        assert isinstance(route, Route)
        assert route.method != "GET" or route.body is Nothing, route.path
