"""Folds of a run's records into what its dashboard shows at any moment. Pure."""

from karn_view.views.dashboard import Dashboard
from karn_view.views.overview import Evidence, OverviewFold

__all__ = ["Dashboard", "Evidence", "OverviewFold"]
