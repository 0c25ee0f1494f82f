"""Curves of what is kept, without a look at each point. Pure."""

import numpy as np

from karn_view.store.branch import Branch
from karn_view.store.parts import merged
from karn_view.store.series import Series
from karn_view.store.thin import Curve, bins, edges, thin

FEW = 16
"""Stretches of fewer points on average are looked at point by point."""


def thinned(series: Series, branch: Branch, points: int) -> Curve:
    """What `thin` makes of a branch: at most ``points`` bins, or all of its points."""
    total, scale = len(branch), branch.scale
    if total <= max(points, FEW * len(branch.begins)):
        return thin(series.exact(branch.parts.places(), scale), points)
    first, last = scale.at(branch.places(np.array([0, total - 1]))).tolist()
    begins = bins(0, total, branch.below(edges(first, last, points)))
    pieces = merged(begins, branch.begins)
    starts = branch.places(pieces)
    stops = starts + np.diff(pieces, append=total)
    of_bins = np.searchsorted(pieces, begins)
    low, high = series.extremes(starts, stops)
    low, high = np.fmin.reduceat(low, of_bins), np.fmax.reduceat(high, of_bins)
    ends = branch.places(np.append(begins[1:], total) - 1)
    y = series.values[ends]
    if not np.isfinite(y).all():
        latest = series.latest(starts, stops)
        numbers = np.where(latest < 0, -1, pieces + latest - starts)
        number = np.maximum.reduceat(numbers, of_bins)
        y = np.where(number < 0, np.nan, series.values[branch.places(np.maximum(number, 0))])
    return Curve(scale.at(ends), y, low, high, series.rows[ends], False)
