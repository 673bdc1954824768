import pytest

from pvws.bus.address import read_address
from pvws.errors import InputError
from pvws.limits import BUS_AGE_S, BUS_BYTES_MAX


def test_a_host_is_enough() -> None:
    address = read_address("nats://localhost")
    assert address.server == address.shown == "nats://localhost:4222"
    assert (address.world, address.age_s, address.bytes) == ("main", BUS_AGE_S, BUS_BYTES_MAX)
    assert str(address) == "nats://localhost:4222"


def test_a_world_and_what_is_kept_of_it_stand_behind_the_host() -> None:
    address = read_address("tls://[::1]:4333/team-a?age=90s&bytes=16MiB")
    assert address.server == "tls://[::1]:4333"
    assert (address.world, address.age_s, address.bytes) == ("team-a", 90.0, 16 * 1_048_576)
    assert str(address) == "tls://[::1]:4333/team-a"


def test_a_password_is_for_the_server_and_never_shown() -> None:
    address = read_address("nats://me:secret@host/w")
    assert address.server == "nats://me:secret@host:4222"
    assert "secret" not in address.shown + str(address)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("localhost:4222", "expected nats://[user:password@]host[:port][/world]"),
        ("http://localhost", 'got "http://localhost"'),
        ("nats://", "expected nats://"),
        ("nats://host:port", "a URL that can't be read"),
        ("nats://host:99999", "a URL that can't be read"),
        ("nats://host/a.b", 'a world of up to 64 letters, digits, hyphens and underscores behind the host, got "a.b"'),
        ("nats://host?size=3", 'age or bytes behind the ?, got "size"'),
        ("nats://host?byte=3", 'did you mean "bytes"?'),
        ("nats://host?age=soon", '"age=soon"'),
        ("nats://host?bytes=1KiB", "1 MiB or more"),
    ],
)
def test_what_is_no_bus_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError) as found:
        read_address(text)
    assert str(found.value).startswith("--bus: ")
    assert said in str(found.value)


@pytest.mark.parametrize("text", ["http://me:secret@host", "me:secret@host", "nats://me:secret@host:port"])
def test_no_error_shows_a_password(text: str) -> None:
    with pytest.raises(InputError) as found:
        read_address(text)
    assert "secret" not in str(found.value)
