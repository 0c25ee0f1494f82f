"""Karn telemetry, as it is written now and as it was written at first. Pure."""

from karn_view.formats.karn.dialect import KarnDialect, Understood
from karn_view.formats.karn.event import event_of, is_karn, wall_of

__all__ = ["KarnDialect", "Understood", "event_of", "is_karn", "wall_of"]
