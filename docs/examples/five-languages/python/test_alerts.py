import json

from websockets.sync.client import connect


def test_an_alert_arrives(pvws_server):
    with connect(pvws_server.url) as client:
        client.send('{"type":"subscribe","topic":"alerts"}')
        pvws_server.wait_for_subscription("alerts")
        pvws_server.emit("storage_alert", {"level": "critical", "value": 97.5})
        assert json.loads(client.recv(timeout=10))["data"]["value"] == 97.5
