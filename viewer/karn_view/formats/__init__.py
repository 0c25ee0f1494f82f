"""From records to rows: envelopes, metrics, the axis, runs within a file. Pure."""

from karn_view.formats.charts import layout
from karn_view.formats.reader import Reader
from karn_view.formats.rows import Axis, Batch, Mark, Overrides, Row

__all__ = ["Axis", "Batch", "Mark", "Overrides", "Reader", "Row", "layout"]
