"""Records out of the lines that wrap them: logging prefixes, containers, log shippers. Pure."""

import math
import re
from typing import NamedTuple

from karn_view.formats.clock import is_clock_name, wall_time_s
from karn_view.formats.words import BOOKKEEPING, LEVELS, SHIPPED, plain
from karn_view.record import Record, decode_text, is_object_like

# https://github.com/kubernetes/design-proposals-archive, "CRI log format": P is a part of a line.
_CRI = re.compile(r"(\S+) (?:stdout|stderr) ([FP])(?: |$)")
_LEADING_TIME = re.compile(
    r"\[?(\d{4}[-/]\d\d[-/]\d\d[T _]\d\d[:\-]\d\d[:\-]\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
)
_MOST_TEXT = 16 * 1024 * 1024

WRAPPING = (*SHIPPED, "jsonPayload", "record")
"""Keys under which a shipper of logs keeps what a program wrote."""


class Letter(NamedTuple):
    """What was inside a line.

    Attributes:
        content: The record, or the text of a line that holds none.
        wall: The envelope's own time, for a record without a clock; NaN for none.
        tag: The last field of a logging prefix: ``train_inner`` of fairseq's.
    """

    content: Record | str
    wall: float = math.nan
    tag: str = ""


class Envelopes:
    """Opens lines in order; parts of a line that was split by Kubernetes are joined."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._parts_size = 0

    def open_text(self, text: str) -> Letter:
        """What a line that is no object holds all the same."""
        if match := _CRI.match(text):
            wall = wall_time_s(match[1])
            if not math.isnan(wall):
                return self._join(text[match.end() :], match[2] == "P", wall)
        return _after_prefix(text)

    def open_object(self, record: Record) -> Letter | None:
        """What is inside an object with one of the keys ``WRAPPING``; None when it is no wrapper.

        What is inside may be another envelope.
        """
        inner = _unwrapped(record)
        if inner is None:
            text = _shipped_text(record)
            if text is None:
                return None
            inner = self.open_text(text)
            if isinstance(inner.content, str):
                inner = inner._replace(content=_object_in(inner.content) or inner.content)
            if isinstance(inner.content, str) and not _is_carried(record):
                return None  # a message to a human
        wall = inner.wall if inner.wall == inner.wall else _clock_of(record)
        return self._within(inner.content, inner.tag, wall)

    def _within(self, content: Record | str, tag: str, wall: float) -> Letter:
        """The content, or what is inside that."""
        if isinstance(content, dict) and not content.keys().isdisjoint(WRAPPING):
            inner = self.open_object(content)
            if inner is not None:
                return inner if inner.wall == inner.wall else inner._replace(wall=wall)
        return Letter(content, wall, tag)

    def _join(self, text: str, is_part: bool, wall: float) -> Letter:
        if is_part:
            self._parts_size += len(text)
            if self._parts_size <= _MOST_TEXT:
                self._parts.append(text)
            return Letter(text, wall)
        whole = "".join(self._parts) + text
        self._parts, self._parts_size = [], 0
        record = decode_text(whole)
        if record is None:
            return _after_prefix(whole)._replace(wall=wall)
        return self._within(record, "", wall)


def _unwrapped(record: Record) -> Letter | None:
    """A record that its shipper left an object."""
    payload = record.get("jsonPayload")  # https://cloud.google.com/logging/docs/structured-logging
    if type(payload) is dict:
        return Letter({**_levels(record), **payload})
    inner = record.get("record")  # loguru's serialize=True
    if type(inner) is dict and type(record.get("text")) is str and "message" in inner:
        level, time, extra = (_object(inner.get(key)) for key in ("level", "time", "extra"))
        said = {
            "message": inner["message"],
            "level": level.get("name"),
            "logger": inner.get("name"),
        }
        return Letter({**said, **extra}, wall_time_s(time.get("timestamp")))
    return None


def _shipped_text(record: Record) -> str | None:
    """The line as it was written, in an object that measures nothing itself."""
    if _is_carried(record):
        text = str(record.get("log", record.get("MESSAGE"))).rstrip("\n")
    else:
        text = next((t for key in SHIPPED if type(t := record.get(key)) is str), "").strip()
        if not text.startswith("{"):
            return None
    return None if any(_is_measured(key, value) for key, value in record.items()) else text


def _is_carried(record: Record) -> bool:
    """Whether it is a line of Docker's or of journald's, whatever the program wrote in it.

    Source: systemd.journal-fields(7); `journalctl -o json` adds the time under its address.
    """
    is_dockers = type(record.get("log")) is str and "stream" in record
    is_journals = type(record.get("MESSAGE")) is str and "__REALTIME_TIMESTAMP" in record
    return is_dockers or is_journals


def _is_measured(key: str, value: object) -> bool:
    is_about = key in LEVELS or plain(key) in BOOKKEEPING or is_clock_name(key)
    return type(value) in (int, float) and not is_about


def _object_in(text: str) -> Record | None:
    return decode_text(text) if text.startswith("{") else None


def _levels(record: Record) -> Record:
    return {key: record[key] for key in LEVELS if type(record.get(key)) is str}


def _clock_of(record: Record) -> float:
    walls = (wall_time_s(value) for key, value in record.items() if is_clock_name(key))
    return next((wall for wall in walls if wall == wall), math.nan)


def _object(value: object) -> Record:
    return value if type(value) is dict else {}


def _after_prefix(text: str) -> Letter:
    """The object at the end of a log line, with the prefix' time and last field."""
    match = _LEADING_TIME.match(text)
    wall = wall_time_s(match[1]) if match else math.nan
    at = text.find("{")
    while 0 < at < len(text) and text.endswith("}"):
        record = decode_text(text[at:]) if is_object_like(text[at:]) else None
        if record is not None:
            return Letter(record, wall, _tag(text[:at]))
        at = text.find('{"', at + 1)
        if at < 0 or at > 512:
            break
    return Letter(text, wall)


def _tag(prefix: str) -> str:
    fields = [field.strip() for field in prefix.split("|")]
    return next((field for field in reversed(fields[1:]) if field), "")
