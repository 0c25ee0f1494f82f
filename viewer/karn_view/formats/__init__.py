"""From records to rows: envelopes, metrics, the axis, runs within a file. Pure."""

from karn_view.formats.charts import Chart, layout
from karn_view.formats.reader import Reader
from karn_view.formats.rows import Axis, Batch, Candidate, Mark, Overrides, Progress, Row

__all__ = [
    "Axis",
    "Batch",
    "Candidate",
    "Chart",
    "Mark",
    "Overrides",
    "Progress",
    "Reader",
    "Row",
    "layout",
]
