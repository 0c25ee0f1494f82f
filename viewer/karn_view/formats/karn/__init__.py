"""Karn telemetry, as it is written now and as it was written at first. Pure."""

from karn_view.formats.karn.dialect import KarnDialect, Understood
from karn_view.formats.karn.event import is_karn

__all__ = ["KarnDialect", "Understood", "is_karn"]
