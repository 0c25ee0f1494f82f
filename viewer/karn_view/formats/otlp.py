"""OpenTelemetry's metrics as JSON: one line, many points, each with its own time. Pure.

Source: opentelemetry-proto, "OTLP/JSON": 64-bit integers and nanoseconds are written as text.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from karn_view.formats.clock import wall_time_s
from karn_view.formats.values import finite_size
from karn_view.record import Record

_KINDS = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")


class DataPoint(NamedTuple):
    """One measurement."""

    name: str
    value: float
    wall: float


def is_otlp(record: Record) -> bool:
    """Whether the record is an export of metrics."""
    return type(record.get("resourceMetrics")) is list


def data_points(record: Record) -> list[DataPoint]:
    """All measurements of one export, in order of time."""
    found = [
        DataPoint(str(metric.get("name", "")), value, wall_time_s(point.get("timeUnixNano")))
        for metric in _metrics(record)
        for kind in _KINDS
        for point in _objects(_object(metric.get(kind)).get("dataPoints"))
        if (value := _value(point)) is not None
    ]
    return sorted(found, key=lambda point: (math.isnan(point.wall), point.wall))


def _metrics(record: Record) -> Iterator[Record]:
    for resource in _objects(record["resourceMetrics"]):
        for scope in _objects(resource.get("scopeMetrics")):
            yield from _objects(scope.get("metrics"))


def _value(point: Record) -> float | None:
    """The number measured; of a histogram, its mean."""
    for key in ("asDouble", "asInt"):
        if (value := _number(point.get(key))) is not None:
            return value
    total, count = _number(point.get("sum")), _number(point.get("count"))
    return total / count if total is not None and count else None


def _number(value: Any) -> float | None:
    try:
        return None if value is None or type(value) is bool else finite_size(value)
    except (TypeError, ValueError):
        return None


def _object(value: Any) -> Record:
    return value if type(value) is dict else {}


def _objects(value: Any) -> list[Record]:
    return [item for item in value if type(item) is dict] if type(value) is list else []
