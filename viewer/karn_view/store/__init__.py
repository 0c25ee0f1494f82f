"""A run's records as numpy columns. Pure."""

from karn_view.store.series import MetricSummary
from karn_view.store.store import Store
from karn_view.store.thin import Curve

__all__ = ["Curve", "MetricSummary", "Store"]
