"""Events as readable lines on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from karn.event import TelemetryEvent, as_record
from karn.plain import plain

SEVERITIES = ("debug", "info", "warning", "error", "critical")

_COLOURS = {"debug": "2", "warning": "33", "error": "31", "critical": "1;31"}
_PLACES = ("epoch", "slot_id", "seed_id")
_LINE_LIMIT = 240


class ConsoleOutput:
    """Prints each event that is severe enough as one line of text.

    12:03:04 warning GRADIENT_ANOMALY epoch=3 entropy collapse anomaly_type=entropy_collapse
    """

    def __init__(
        self,
        min_severity: str = "info",
        stream: TextIO | None = None,
        color: bool | None = None,
    ) -> None:
        """Choose what is printed, and where.

        Args:
            min_severity: Print events of this severity and above: one of `SEVERITIES`.
            stream: Where to print; standard output, whatever it is at that moment, when None.
            color: Whether to colour lines by severity; when None, on a terminal where `NO_COLOR`
                is not set.

        Raises:
            ValueError: If the severity is not one of `SEVERITIES`.
        """
        if min_severity not in SEVERITIES:
            raise ValueError(f"min_severity must be one of {SEVERITIES}, not {min_severity!r}")
        self._threshold = SEVERITIES.index(min_severity)
        self._stream = stream
        self._color = color

    def start(self) -> None:
        """Do nothing: a stream needs no preparation."""

    def emit(self, event: TelemetryEvent | Mapping[str, Any]) -> None:
        """Print the event, if it is severe enough.

        Raises:
            OSError: If the stream cannot be written; a hub keeps that from training.
        """
        record = as_record(event)
        severity = record.get("severity", "info")
        if _rank(severity) < self._threshold:
            return
        stream = sys.stdout if self._stream is None else self._stream
        line = _line(record)
        colour = _COLOURS.get(str(severity)) if self._is_coloured(stream) else None
        print(f"\033[{colour}m{line}\033[0m" if colour else line, file=stream, flush=True)

    def close(self) -> None:
        """Do nothing: the stream is not ours."""

    def _is_coloured(self, stream: TextIO) -> bool:
        if self._color is None:
            return stream.isatty() and not os.environ.get("NO_COLOR")
        return self._color


def _rank(severity: object) -> int:
    """Return the place of a severity among the known ones; an unknown one counts as info."""
    return SEVERITIES.index(severity if severity in SEVERITIES else "info")


def _line(record: Mapping[str, Any]) -> str:
    text = " ".join(_words(record))[: _LINE_LIMIT + 1]
    printable = "".join(char if char.isprintable() else " " for char in text)
    return printable if len(printable) <= _LINE_LIMIT else printable[: _LINE_LIMIT - 1] + "…"


def _words(record: Mapping[str, Any]) -> Iterator[str]:
    yield str(record.get("timestamp", ""))[11:19]
    yield str(record.get("severity", "info"))
    if "event_type" not in record:
        yield from _pairs({key: value for key, value in record.items() if key != "timestamp"})
        return
    yield str(record["event_type"])
    yield from _pairs({key: record[key] for key in _PLACES if record[key] is not None})
    if record["message"]:
        yield str(record["message"])
    yield from _pairs(record["data"])


def _pairs(data: object, prefix: str = "") -> Iterator[str]:
    tree = plain(data)
    for key, value in tree.items() if isinstance(tree, dict) else ():
        if isinstance(value, dict):
            yield from _pairs(value, f"{prefix}{key}/")
        elif value is not None:
            yield f"{prefix}{key}={_short(value)}"


def _short(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)
