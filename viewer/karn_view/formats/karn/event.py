"""One telemetry event with its envelope read. Pure."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from karn_view.formats.karn.fields import Data, mapping, number, text, whole
from karn_view.formats.karn.vocabulary import (
    EVENT_TYPES,
    EVENT_TYPES_NOW,
    SEVERITIES,
    severity_now,
    type_now,
)

LONGEST_NAME = 120
"""Characters kept of a slot, blueprint or type: they are keys, not prose."""

_ENVELOPE = ("event_id", "timestamp", "severity", "data")
_ENVELOPE_ENOUGH = 3


class Event(msgspec.Struct, frozen=True, gc=False):
    """What every reader of events starts from.

    `offset` is where its line begins, in bytes; `env` is None on batch-level events and where the
    writer did not know it (-1); `epoch` is the envelope's, which means different things by type;
    `wall` is in seconds since 1970, NaN when unknown; `source` is the type, or for analytics, which
    say many things under one, their kind.
    """

    offset: int
    type: str
    source: str
    data: Data
    epoch: int | None
    env: int | None
    slot: str | None
    seed: str | None
    wall: float
    severity: str
    message: str | None

    @property
    def env_or_first(self) -> int:
        """The environment of a per-environment event; older writers had one, unnumbered."""
        return 0 if self.env is None else self.env


class Envelope(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What an event is written in; types are as they are written, and not checked elsewhere."""

    event_type: str
    timestamp: str | None = None
    seed_id: str | None = None
    slot_id: str | None = None
    epoch: int | None = None
    message: str | None = None
    data: Data | None = None
    severity: str | None = None
    event_id: Any = None
    group_id: Any = None
    seq: Any = None


_decode = msgspec.json.Decoder(Envelope).decode


def is_karn(record: Mapping[str, Any]) -> bool:
    """Whether this record is a Karn event: a known type, or an unknown one in Karn's envelope."""
    event_type = record.get("event_type")
    if not isinstance(event_type, str) or not event_type:
        return False
    return event_type in EVENT_TYPES or sum(key in record for key in _ENVELOPE) >= _ENVELOPE_ENOUGH


def event_of(offset: int, record: Mapping[str, Any], wall: float) -> Event:
    """The event in a record that `is_karn`; odd fields read as missing."""
    return event_in(envelope_of(record), offset, wall)


def envelope_of(record: Mapping[str, Any]) -> Envelope:
    """The envelope of a record, whatever its fields hold."""
    fields: Iterable[Any] = map(record.get, Envelope.__struct_fields__)
    return Envelope(*fields)


def envelope_in(line: bytes) -> Envelope | None:
    """The envelope in a line, when it is a known event with nothing odd about its envelope."""
    try:
        envelope = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return envelope if envelope.event_type in EVENT_TYPES else None


def event_in(envelope: Envelope, offset: int, wall: float) -> Event:
    """The event in an envelope; odd fields read as missing."""
    data, written = mapping(envelope.data), envelope.event_type
    event_type = written if written in EVENT_TYPES_NOW else type_now(name(written) or "UNKNOWN")
    kind = data.get("kind") if event_type == "ANALYTICS_SNAPSHOT" else None
    epoch, env, severity = envelope.epoch, data.get("env_id"), envelope.severity
    slot, seed = data.get("slot_id"), data.get("seed_id")
    return Event(
        offset,
        event_type,
        kind if isinstance(kind, str) else event_type,
        data,
        None if epoch is None else whole(epoch),
        None if env is None else _env(env),
        None if slot is envelope.slot_id is None else name(slot) or name(envelope.slot_id),
        None if seed is envelope.seed_id is None else name(seed) or name(envelope.seed_id),
        wall,
        severity if severity in SEVERITIES else severity_now(text(severity) or "info"),
        text(envelope.message) if envelope.message else None,
    )


def name(value: object) -> str | None:
    """A string short enough to be a key."""
    if value is None or (type(value) is str and 0 < len(value) < LONGEST_NAME and value.isascii()):
        return value
    return text(value, LONGEST_NAME)


def wall_of(timestamp: object) -> float:
    """Seconds since 1970 of an ISO 8601 string or a plain number; NaN when it is neither."""
    if isinstance(timestamp, str):
        try:
            return datetime.fromisoformat(timestamp).timestamp()
        except (ValueError, OverflowError, OSError):
            pass
    found = number(timestamp)
    return math.nan if found is None else found


def _env(value: object) -> int | None:
    found = whole(value)
    return None if found is None or found < 0 else found
