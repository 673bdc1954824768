"""What type checkers make of the client; tests/release/test_typing.py runs them over this file."""

from typing import assert_never, assert_type

import pvws


async def iterates() -> None:
    async with pvws.connect("ws://localhost:8083/ws", topics=["alerts", pvws.Topic.SYSTEM], token="t") as events:
        assert_type(events, pvws.Connection)
        assert_type(events.state, pvws.State)
        assert_type(await events.ping(), float)
        async for event in events:
            assert_type(event, pvws.Event)
            assert_type(event.data, pvws.Payload | pvws.Unknown)
            assert_type(event.type, str)
            assert_type(event.topic, str | None)
            assert_type(event.timestamp, pvws.Timestamp | None)
            assert_type(event.lag_s, float | None)
            look(event)
        async for item in events.everything():
            assert_type(item, pvws.Event | pvws.Change)
            tell(item)


def look(event: pvws.Event) -> None:
    match event.data:
        case pvws.FileUploaded(key=key, size=size):
            assert_type(key, str)
            assert_type(size, int)
        case pvws.PeerHealthChanged() as health:
            assert_type(health.is_healthy, bool)
            assert_type(health.last_heartbeat, pvws.Timestamp)
        case pvws.Unknown() as unknown:
            assert_type(unknown.trouble, pvws.MessageError)
        case other:
            assert_type(other.type, str)


def tell(item: pvws.Event | pvws.Change) -> None:
    match item:
        case pvws.Event():
            pass
        case pvws.Connected():
            assert_type(item.gap, pvws.Gap | None)
        case pvws.Disconnected():
            assert_type(item.error, pvws.ErrorMessage | None)
        case pvws.Unreached():
            assert_type(item.retry_in, float)
        case pvws.Refused():
            assert_type(item.error.code, pvws.ErrorCode)
        case pvws.Dropped():
            assert_type(item.count, int)
        case _:
            assert_never(item)


def waits() -> None:
    options: pvws.Options = {"overflow": "drop_oldest", "buffer": 10, "on_change": tell}
    with pvws.connect_sync(topics="alerts", **options) as events:
        assert_type(events, pvws.SyncConnection)
        assert_type(events.receive(timeout_s=1), pvws.Event)
        for event in events:
            assert_type(event.data, pvws.Payload | pvws.Unknown)


def mistakes() -> None:
    pvws.connect(overflow="explode")  # type: ignore[arg-type]
    pvws.connect(patience="10s")  # type: ignore[call-arg]
    pvws.conect()  # type: ignore[attr-defined]
    pvws.connect(topics=7)  # type: ignore[arg-type]
