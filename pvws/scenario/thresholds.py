"""When figures alarm, as a script says it."""

import re
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct, structs

from pvws import units
from pvws.notation.document import Node
from pvws.notation.forms import Builder, Form, Unit
from pvws.notation.quantities import PercentNumber
from pvws.notation.reader import INVALID, Reader
from pvws.world.alerts import DEFAULT_THRESHOLDS, METRICS, Thresholds

__all__ = ["Alerts", "Seconds", "ShareNumber"]

_PLAIN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)


def _number(text: str) -> float | None:
    return float(text) if _PLAIN.fullmatch(text) else None


def _seconds(text: str) -> float:
    number = _number(text)
    if number is not None:
        return number
    try:
        return units.duration(text) / 1_000_000
    except ValueError:
        raise ValueError('a duration like "500ms", or seconds like 0.5') from None


def _share(text: str) -> float:
    number = _number(text)
    if number is not None and number <= 1:
        return number
    try:
        return units.percentage(text)
    except ValueError:
        raise ValueError('a share like 0.05 or "5%"') from None


Seconds: TypeAlias = Annotated[
    float, Unit(_seconds, label="seconds", schema={"type": ["number", "string"]}, write=lambda value: f"{value:g}")
]
"""Seconds, written as `500ms` or `0.5`."""

ShareNumber: TypeAlias = Annotated[
    float, Unit(_share, label="share", schema={"type": ["number", "string"]}, write=lambda value: f"{value:g}")
]
"""A share from 0 to 1, written as `0.05` or `5%`."""

_Count: TypeAlias = Annotated[float, Meta(ge=0)]


class _Percentages(Struct, frozen=True):
    warning: Annotated[PercentNumber, Meta(description="At or above it: a warning.")]
    critical: Annotated[PercentNumber, Meta(description="At or above it: critical.")]
    clear: Annotated[PercentNumber, Meta(description="Below it, all is well again.")]


class _Seconds(Struct, frozen=True):
    warning: Annotated[Seconds, Meta(description="At or above it: a warning.")]
    critical: Annotated[Seconds, Meta(description="At or above it: critical.")]
    clear: Annotated[Seconds, Meta(description="Below it, all is well again.")]


class _Shares(Struct, frozen=True):
    warning: Annotated[ShareNumber, Meta(description="At or above it: a warning.")]
    critical: Annotated[ShareNumber, Meta(description="At or above it: critical.")]
    clear: Annotated[ShareNumber, Meta(description="Below it, all is well again.")]


class _Counts(Struct, frozen=True):
    warning: Annotated[_Count, Meta(description="At or above it: a warning.")]
    critical: Annotated[_Count, Meta(description="At or above it: critical.")]
    clear: Annotated[_Count, Meta(description="Below it, all is well again.")]


def _form(kind: type[Struct], highest: float | None) -> Form:
    def read(reader: Reader, node: Node, path: str) -> Any:
        if node.value is False:
            return None
        if not isinstance(node.value, dict):
            return reader.problem(node, path, "{warning: …, critical: …, clear: …}, or off")
        found = reader.struct(node, kind, path)
        if found is INVALID:
            return INVALID
        thresholds = Thresholds(*(float(value) for value in structs.astuple(found)))
        for name, value, low, high in (
            ("clear", thresholds.clear, 0.0, thresholds.warning),
            ("warning", thresholds.warning, 0.0, thresholds.critical),
            ("critical", thresholds.critical, 0.0, highest),
        ):
            if value < low or (high is not None and value > high):
                above = "on" if high is None else f"to {high:g}"
                return reader.problem(node.value[name], f"{path}.{name}", f"a number from {low:g} {above}")
        return thresholds

    def schema(builder: Builder) -> dict[str, Any]:
        return {"anyOf": [builder.struct(kind), {"const": False}]}

    def write(thresholds: Thresholds | None) -> object:
        return False if thresholds is None else structs.asdict(thresholds)

    return Form(read, label="thresholds, or off", schema=schema, write=write)


_Percent: TypeAlias = Annotated[Thresholds | None, _form(_Percentages, 100.0)]
_Time: TypeAlias = Annotated[Thresholds | None, _form(_Seconds, None)]
_Rate: TypeAlias = Annotated[Thresholds | None, _form(_Shares, 1.0)]
_Number: TypeAlias = Annotated[Thresholds | None, _form(_Counts, None)]


class Alerts(Struct, frozen=True):
    """When figures alarm: at or above `warning` and `critical`, and well again below `clear`. `off`: never."""

    storage_usage: Annotated[
        _Percent, Meta(description="Percent used of all connected peers' storage: a `storage_alert`.")
    ] = DEFAULT_THRESHOLDS["storage_usage"]
    peer_storage_usage: Annotated[
        _Percent, Meta(description="Percent used of one peer's storage: a `storage_alert` with its `node`.")
    ] = DEFAULT_THRESHOLDS["peer_storage_usage"]
    memory_usage: Annotated[
        _Percent, Meta(description="Percent of memory in use, as measured: a `performance_alert`.")
    ] = DEFAULT_THRESHOLDS["memory_usage"]
    cpu_usage: Annotated[
        _Percent, Meta(description="Percent of processors in use, as measured: a `performance_alert`.")
    ] = DEFAULT_THRESHOLDS["cpu_usage"]
    response_time: Annotated[
        _Time, Meta(description="Mean response time in seconds, as measured: a `performance_alert`.")
    ] = DEFAULT_THRESHOLDS["response_time"]
    error_rate: Annotated[
        _Rate, Meta(description="Share of requests that failed, as measured: a `performance_alert`.")
    ] = DEFAULT_THRESHOLDS["error_rate"]
    unreachable_peers: Annotated[
        _Percent, Meta(description="Percent of peers that can't be reached: a `network_alert`.")
    ] = DEFAULT_THRESHOLDS["unreachable_peers"]
    auth_failure: Annotated[
        _Number, Meta(description="Failed authentications within a minute: a `security_alert`.")
    ] = DEFAULT_THRESHOLDS["auth_failure"]
    unknown_peer: Annotated[
        _Number, Meta(description="Attempts of unknown peers within a minute: a `security_alert`.")
    ] = DEFAULT_THRESHOLDS["unknown_peer"]
    integrity_violation: Annotated[
        _Number, Meta(description="Corrupt copies found within a minute: a `security_alert`.")
    ] = DEFAULT_THRESHOLDS["integrity_violation"]
    rate_abuse: Annotated[_Number, Meta(description="Abused rate limits within a minute: a `security_alert`.")] = (
        DEFAULT_THRESHOLDS["rate_abuse"]
    )

    def thresholds(self) -> dict[str, Thresholds]:
        """The thresholds of every figure that may alarm."""
        found = {name: getattr(self, name) for name in METRICS}
        return {name: each for name, each in found.items() if each is not None}
