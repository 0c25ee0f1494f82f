"""OpenTelemetry's exports as JSON: one line, many points or messages, each with its time. Pure.

Source: opentelemetry-proto, "OTLP/JSON": 64-bit integers and nanoseconds are written as text.
"""

import math
from typing import Any, NamedTuple

from karn_view.formats.clock import wall_time_s
from karn_view.formats.values import finite_size
from karn_view.formats.words import SPLIT_LABELS, split_of
from karn_view.record import Record, decode_text

_KINDS = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")


class DataPoint(NamedTuple):
    """One measurement.

    Attributes:
        name: The metric's, with the words that its point is told apart by: "acc/device=cpu".
        split: The data it was measured on, where a word of it says so.
        numbers: Numbers that it is told apart by: its step, as likely as not.
    """

    name: str
    value: float
    wall: float
    split: str
    numbers: list[tuple[str, float]]


def is_otlp(record: Record) -> bool:
    """Whether the record is an export of OpenTelemetry's."""
    return type(record.get("resourceMetrics", record.get("resourceLogs"))) is list


def data_points(record: Record) -> list[DataPoint]:
    """All measurements of one export, in order of time."""
    found = [
        _data_point(str(metric.get("name", "")), value, point)
        for metric in _leaves(record, "resourceMetrics", "scopeMetrics", "metrics")
        for kind in _KINDS
        for point in _objects(_object(metric.get(kind)).get("dataPoints"))
        if (value := _value(point)) is not None
    ]
    return sorted(found, key=lambda point: (math.isnan(point.wall), point.wall))


def messages(record: Record) -> list[Record]:
    """All messages of one export, as the records that other loggers would have written."""
    return [_message(log) for log in _leaves(record, "resourceLogs", "scopeLogs", "logRecords")]


def _leaves(record: Record, *keys: str) -> list[Record]:
    found = [record]
    for key in keys:
        found = [inner for outer in found for inner in _objects(outer.get(key))]
    return found


def _data_point(name: str, value: float, point: Record) -> DataPoint:
    words, numbers, split = [name], [], ""
    for key, attribute in _attributes(point).items():
        if type(attribute) in (int, float):
            numbers.append((key, finite_size(attribute)))
        elif key in SPLIT_LABELS and not split and (split := split_of(str(attribute))):
            continue
        else:
            words.append(f"{key}={attribute}")
    wall = wall_time_s(point.get("timeUnixNano"))
    return DataPoint("/".join(words), value, wall, split, numbers)


def _message(log: Record) -> Record:
    body = _plain(log.get("body"))
    inner = (body if type(body) is dict else decode_text(str(body))) or {"message": str(body)}
    clock = log.get("timeUnixNano") or log.get("observedTimeUnixNano")
    head = {"timestamp": clock, "severity": log.get("severityText")}
    return {**{key: value for key, value in head.items() if value}, **_attributes(log), **inner}


def _attributes(holder: Record) -> Record:
    found = _objects(holder.get("attributes"))
    return {str(item.get("key")): _plain(item.get("value")) for item in found}


def _plain(value: Any) -> Any:
    """What an ``AnyValue`` holds."""
    for kind, content in _object(value).items():
        if kind == "intValue" or kind == "doubleValue":
            return _exact(content)
        if kind == "kvlistValue":
            return _attributes({"attributes": _object(content).get("values")})
        return content
    return value if type(value) is str else ""


def _exact(value: Any) -> Any:
    return int(value) if type(value) is str and value.lstrip("-").isdecimal() else _number(value)


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
