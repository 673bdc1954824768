import errno

import pytest

from pvws.errors import ReachError
from pvws.server.sockets import bound_sockets, can_share_ports, share_ports, unreachable


async def test_every_address_of_a_host_has_the_same_port() -> None:
    sockets = await bound_sockets("localhost", 0)
    assert len({each.getsockname()[1] for each in sockets}) == 1
    assert sockets[0].getsockname()[1] > 0
    for each in sockets:
        each.close()


async def test_what_is_no_address_of_this_machine_is_told() -> None:
    with pytest.raises(ReachError, match=r"no\.such\.host\.invalid:1: this is no address of this machine"):
        await bound_sockets("no.such.host.invalid", 1)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EADDRINUSE, "the port is in use by another program"),
        (errno.EACCES, "this user may not listen on that port"),
        (errno.EIO, "input/output error"),
    ],
)
def test_the_error_says_why_and_what_may_help(number: int, said: str) -> None:
    import os

    error = unreachable("here", 80, OSError(number, os.strerror(number)))
    assert str(error).startswith(f"here:80: {said}")


@pytest.mark.skipif(not can_share_ports(), reason="processes share a port on Linux alone")
async def test_a_port_is_shared_only_where_both_who_bind_it_wish_so() -> None:
    (alone,) = await bound_sockets("127.0.0.1", 0)
    with pytest.raises(ReachError, match="in use"):
        alone.listen()
        await bound_sockets("127.0.0.1", alone.getsockname()[1])
    share_ports()
    try:
        with pytest.raises(ReachError, match="in use"):
            await bound_sockets("127.0.0.1", alone.getsockname()[1])
        (one,) = await bound_sockets("127.0.0.1", 0)
        one.listen()
        (other,) = await bound_sockets("127.0.0.1", one.getsockname()[1])
        other.listen()
    finally:
        share_ports(on=False)
    for each in (alone, one, other):
        each.close()
