"""Records out of the lines that wrap them: logging prefixes, Docker, Kubernetes. Pure."""

import math
import re
from typing import NamedTuple

from karn_view.formats.clock import wall_time_s
from karn_view.record import Record, decode_text, is_object_like

# https://github.com/kubernetes/design-proposals-archive, "CRI log format": P is a part of a line.
_CRI = re.compile(r"(\S+) (?:stdout|stderr) ([FP])(?: |$)")
_DOCKER_KEYS = frozenset({"log", "stream", "time", "attrs", "kubernetes"})
_LEADING_TIME = re.compile(
    r"\[?(\d{4}-\d\d-\d\d[T _]\d\d[:\-]\d\d[:\-]\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)"
)
_MOST_TEXT = 16 * 1024 * 1024


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

    def open_docker(self, record: Record) -> Letter:
        """What is inside a line of Docker's log, which may be another envelope."""
        wall = wall_time_s(record.get("time"))
        inner = self.open_text(str(record["log"]).rstrip("\n"))
        found = decode_text(inner.content) if type(inner.content) is str else inner.content
        return Letter(
            inner.content if found is None else found,
            wall if math.isnan(inner.wall) else inner.wall,
            inner.tag,
        )

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
        inner = self.open_docker(record) if is_docker(record) else Letter(record)
        return inner if inner.wall == inner.wall else inner._replace(wall=wall)


def is_docker(record: Record) -> bool:
    """Whether this is a line of Docker's json-file log."""
    return type(record.get("log")) is str and "stream" in record and _DOCKER_KEYS.issuperset(record)


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
