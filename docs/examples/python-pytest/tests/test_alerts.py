"""The script runs in a thread, and the test waits for what it does: no event loop, and no sleep."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from alerts import first_critical_alert

from pvws.testing import PvwsServer


def test_only_a_critical_alert_is_told(pvws_server: PvwsServer) -> None:
    with ThreadPoolExecutor() as threads:
        told = threads.submit(first_critical_alert, pvws_server.url)
        pvws_server.wait_for_subscription("alerts")
        pvws_server.emit("storage_alert", {"level": "warning", "message": "three quarters full"})
        pvws_server.emit("network_alert", {"level": "critical", "message": "split in two"})
        assert told.result(10) == "split in two"


@pytest.mark.pvws(scenario="storage-crunch", held=True)
def test_the_alarm_of_a_network_that_fills_up_is_told(pvws_server: PvwsServer) -> None:
    with ThreadPoolExecutor() as threads:
        told = threads.submit(first_critical_alert, pvws_server.url)
        pvws_server.wait_for_subscription("alerts")
        moved = pvws_server.clock.until("topic == 'alerts' and data.level == 'critical'")
        assert told.result(10) == json.loads(moved.matched.text)["data"]["message"]


def test_a_server_that_goes_is_told(pvws_server: PvwsServer) -> None:
    with ThreadPoolExecutor() as threads:
        told = threads.submit(first_critical_alert, pvws_server.url)
        pvws_server.wait_for_subscription("alerts")
        pvws_server.disconnect(code=1001, reason="going away")
        with pytest.raises(ConnectionError, match="the server closed"):
            told.result(10)
