"""Who is let in: by Host, Origin, Sec-Fetch-Site and token; as a function, and over a real socket."""

import pytest

from pvws.control.guard import Guard
from pvws.control.listener import is_loopback
from pvws.control.problems import Refusal
from pvws.server.settings import Control
from tests.support.steered import Steered, steered

LOCAL = Guard("localhost", is_local=True)
PUBLIC = Guard("test-bed.example", is_local=False, token="hunter2", hosts=("pvws",))


def refused(guard: Guard, method: str = "GET", path: str = "/v1", **headers: str) -> str | None:
    """The kind of the refusal; None for who is let in."""
    try:
        guard.check(method, path, {name.replace("_", "-"): value for name, value in headers.items()})
    except Refusal as refusal:
        return refusal.kind
    return None


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8084", "127.0.0.1:9", "127.8.8.8", "[::1]:8084", "a.localhost", "localhost."]
)
def test_names_of_this_machine_are_served(host: str) -> None:
    assert refused(LOCAL, host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "192.168.0.7:8084",
        "8.8.8.8",
        "evil@localhost",
        "localhost/x",
        "localhost:port",
        "[::2]",
        "[::1",
        "127.0.0.1.evil.example",
    ],
)
def test_a_name_that_was_pointed_here_is_refused(host: str) -> None:
    assert refused(LOCAL, host=host) == "wrong-host"


def test_beyond_this_machine_addresses_and_its_own_names_are_served() -> None:
    for host in ("192.168.0.7:8084", "[2001:db8::1]", "test-bed.example:8084", "pvws", "localhost"):
        assert refused(PUBLIC, host=host, authorization="Bearer hunter2") is None
    assert refused(PUBLIC, host="evil.example", authorization="Bearer hunter2") == "wrong-host"
    anyone = Guard("0.0.0.0", is_local=False, token="t", hosts=("*",))
    assert refused(anyone, host="any.example", authorization="Bearer t") is None


@pytest.mark.parametrize(
    ("origin", "host", "is_own"),
    [
        ("http://localhost:8084", "localhost:8084", True),
        ("http://localhost", "localhost:80", True),
        ("https://localhost", "localhost:443", True),
        ("http://127.0.0.1:8084", "127.0.0.1:8084", True),
        ("http://localhost:3000", "localhost:8084", False),
        ("http://localhost:8084", "127.0.0.1:8084", False),
        ("http://evil.example", "localhost:8084", False),
        ("http://localhost:8084.evil.example", "localhost:8084", False),
        ("null", "localhost:8084", False),
        ("", "localhost:8084", False),
        ("file://", "localhost", False),
        ("chrome-extension://localhost", "localhost", False),
        ("http://[::1", "localhost", False),
    ],
)
def test_only_pages_of_the_control_plane_itself_may_call(origin: str, host: str, *, is_own: bool) -> None:
    assert refused(LOCAL, "POST", host=host, origin=origin) == (None if is_own else "cross-site")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_says_of_another_page_is_believed(site: str) -> None:
    assert refused(LOCAL, host="localhost", sec_fetch_site=site, sec_fetch_mode="no-cors") == "cross-site"
    assert refused(LOCAL, "POST", host="localhost", sec_fetch_site=site, sec_fetch_mode="navigate") == "cross-site"
    # A link to the dashboard may be followed.
    assert refused(LOCAL, path="/", host="localhost", sec_fetch_site=site, sec_fetch_mode="navigate") is None


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_a_person_or_the_dashboard_itself_may_call(site: str) -> None:
    assert refused(LOCAL, "POST", host="localhost", sec_fetch_site=site) is None


@pytest.mark.parametrize(
    "authorization", ["", "hunter2", "Bearer", "Bearer hunter", "Bearer hunter22", "Basic hunter2"]
)
def test_a_missing_or_wrong_token_is_refused(authorization: str) -> None:
    assert refused(PUBLIC, host="localhost", authorization=authorization) == "unauthorised"
    assert refused(PUBLIC, host="localhost") == "unauthorised"


def test_a_token_is_asked_for_everywhere_but_at_the_page() -> None:
    assert refused(PUBLIC, host="localhost", authorization="bearer hunter2") is None
    for path in ("/", "/dashboard/app.js", "/favicon.ico"):
        assert refused(PUBLIC, path=path, host="localhost") is None
    for path in ("/v1", "/dashboard", "/nowhere", "/v1/dashboard/"):
        assert refused(PUBLIC, path=path, host="localhost") == "unauthorised"


def test_a_token_that_nobody_asks_for_is_taken() -> None:
    assert refused(LOCAL, host="localhost", authorization="Bearer anything") is None


def test_a_refusal_says_what_would_be_right_and_never_the_token() -> None:
    with pytest.raises(Refusal, match="expected Bearer and the token of the control plane, got a wrong one") as refusal:
        PUBLIC.check("GET", "/v1", {"host": "localhost", "authorization": "Bearer wrong-secret"})
    assert refusal.value.headers == {"WWW-Authenticate": 'Bearer realm="pvws"'}
    assert "secret" not in str(refusal.value.document)
    with pytest.raises(Refusal, match="PEERVAULT_WS_CONTROL_HOSTS"):
        LOCAL.check("GET", "/v1", {"host": "pvws:8084"})


@pytest.mark.parametrize(
    ("address", "is_local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::1%lo", True), ("0.0.0.0", False), ("::", False)],
)
def test_addresses_that_only_this_machine_reaches(address: str, *, is_local: bool) -> None:
    assert is_loopback(address) is is_local
    assert not is_loopback("a name")


async def test_over_a_socket_strangers_are_refused_before_anything_else(quiet: Steered) -> None:
    for headers, kind in (
        ({"Host": "evil.example"}, "wrong-host"),
        ({"Origin": "http://evil.example"}, "cross-site"),
        ({"Origin": "null"}, "cross-site"),
        ({"Sec-Fetch-Site": "same-site"}, "cross-site"),
    ):
        reply = await quiet.call("POST", "/v1/stop", headers=headers)
        assert (reply.status, reply.kind) == (403, kind)
        assert "access-control-allow-origin" not in reply.headers
    assert not quiet.stops
    reply = await quiet.call("POST", "/v1/stop", headers={"Origin": f"http://127.0.0.1:{quiet.port}"})
    assert (reply.status, quiet.stops) == (202, 1)


async def test_over_a_socket_a_token_is_asked_for_where_there_is_one() -> None:
    async with steered(control=Control(host="127.0.0.1", port=0, token="hunter2")) as server:
        reply = await server.call("GET", "/v1")
        assert (reply.status, reply.kind) == (401, "unauthorised")
        assert reply.headers["www-authenticate"].startswith("Bearer")
        assert (await server.call("GET", "/v1", headers={"Authorization": "Bearer hunter"})).status == 401
        assert (await server.call("GET", "/v1", headers={"Authorization": "Bearer hunter2"})).status == 200
        assert (await server.call("GET", "/nowhere")).status == 401
