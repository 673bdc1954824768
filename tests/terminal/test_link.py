from pvws.terminal.link import Link
from pvws.terminal.spans import plain


def test_the_state_of_the_connection_is_told_with_how_long_it_lasts() -> None:
    link = Link("ws://h/ws")
    assert plain(link.told(0.0)) == "○ connecting"
    link.unreached("connection refused", 3.2, 10.0)
    assert plain(link.told(11.0)) == "○ connecting (connection refused), trying again in 2s"
    link.connected("ws://h:1/ws", 20.0)
    assert link.url == "ws://h:1/ws"
    assert plain(link.told(150.9)) == "● connected 2m10s"
    link.lost("1006", 5.0, 200.0)
    assert plain(link.told(203.0)) == "✗ lost 3s ago (1006), trying again in 2s"
    link.unreached("connection refused", 8.0, 205.0)
    assert plain(link.told(205.0)) == "✗ lost 5s ago (connection refused), trying again in 8s"
    link.lost("1001 bye", None, 300.0)
    assert plain(link.told(400.0)) == "✗ closed by the server (1001 bye)"


def test_a_clock_that_is_set_back_makes_no_negative_times() -> None:
    link = Link("")
    link.connected("", 100.0)
    assert plain(link.told(50.0)) == "● connected 0s"
