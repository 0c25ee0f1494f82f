"""What a run looks like to those who ask: its description, metrics, curves and timeline."""

import math
from dataclasses import asdict
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from karn_view.errors import UnknownMetric
from karn_view.finding import shown
from karn_view.generation import Generation
from karn_view.pages import strict
from karn_view.replay import dashboard_at
from karn_view.run import Run
from karn_view.sketch import Drawn, Sketch, join
from karn_view.store.seen import see
from karn_view.store.store import BY, SEVERITIES, Store
from karn_view.store.thin import EMPTY, Stretch, bins, thin, window
from karn_view.views.plain import plain

T = TypeVar("T")

WARNING = SEVERITIES.index("warning")
MARKS_MOST = 500
UNREAD = {"points": 0, "banded": False, "superseded": EMPTY, "non_finite": ()}


def known(value: float | None) -> float | None:
    """A number, or None where it is missing or not finite."""
    return float(value) if value is not None and math.isfinite(value) else None


def describe(run: Run) -> dict[str, Any]:
    """The run as ``api/runs`` lists it."""
    with run.lock:
        generation = run.current
        store, reader = generation.store, generation.reader
        evidence = generation.evidence
        state, reason = run.judgement

        def whole(value: T) -> T | None:
            return None if run.partial else value

        return {
            "id": run.id,
            "name": run.name,
            "source": shown(run.path),
            "state": state,
            "reason": reason,
            "format": reader.format,
            "format_reason": reader.format_reason,
            "generation": generation.id,
            "generations": [
                {"id": id, "reason": run.reasons.get(id, ""), "offset": end}
                for id, end in run.ends.items()
            ],
            "size_bytes": run.tail.whole_bytes,
            "offset": generation.end,
            "cursor": str(run.cursor),
            "torn_bytes": run.tail.torn,
            **{kind: whole(count) for kind, count in asdict(reader.counts).items()},
            "rows": whole(len(store)),
            "metrics": whole(len(store.series)),
            "revision": store.revision,
            "started_at": known(evidence.started_at or store.first_wall),
            "first_record_at": known(store.first_wall),
            "last_record_at": known(generation.last_wall),
            "arrived_at": run.arrived_at,
            "usual_gap_s": known(run.usual_gap_s()),
            "rate_per_s": whole(known(generation.rate_per_s())),
            "progress": run.progress(),
            "axis": {
                "name": reader.axis.name,
                "reason": reader.axis.reason,
                "candidates": [
                    {"name": name, "reason": why} for name, why in reader.axis.candidates
                ],
            },
            "clock": {"keys": reader.clocks, "reason": _clock_reason(reader.clocks, store)},
            "notes": reader.notes,
            "followed": {"by": run.followed_by[0], "why": run.followed_by[1]},
            "trouble": run.trouble,
            "hang": run.hang,
            "absent": run.absent,
            "partial": run.partial,
            "reading": run.is_reading,
            "approximate": generation.sketch is not None,
            "run_id": evidence.run_id,
            "asked_for": evidence.asked_for,
            "parent_run_id": evidence.parent_run_id,
            "karn": generation.dashboard.karn,
            "key_metric": _key_metric(generation),
        }


def _clock_reason(keys: list[str], store: Store) -> str:
    if math.isnan(store.first_wall):
        return "no key holds wall time"
    return f"wall time is told by {', '.join(keys) or 'what the lines are wrapped in'}"


def _key_metric(generation: Generation) -> dict[str, Any] | None:
    name = generation.key_metric()
    if name is None:
        return None
    return {"name": name, "last": strict(generation.last_of(name))}


def describe_whole(run: Run) -> dict[str, Any]:
    """The run as ``api/runs/{id}`` answers: with its configuration."""
    with run.lock:
        return {**describe(run), "config": strict(run.current.reader.config)}


def metrics(run: Run) -> list[dict[str, Any]]:
    """Every metric of the run in numbers, and where a page would draw it."""
    with run.lock:
        summaries, charts = run.current.summaries(), run.current.charts()
    return [
        {
            "name": summary.name,
            "points": summary.points,
            "non_finite": summary.non_finite,
            "first_step": summary.first_step,
            "last_step": summary.last_step,
            "last": strict(summary.last),
            "min": summary.min,
            "max": summary.max,
            "start": summary.start,
            **chart.placed(),
        }
        for summary, chart in zip(summaries, charts, strict=True)
    ]


def curve(
    run: Run,
    name: str,
    *,
    axis: str = "step",
    first: float | None = None,
    last: float | None = None,
    points: int = 1000,
    until: int | None = None,
) -> dict[str, Any]:
    """One metric over a window as columns, thinned to ``points`` with every extreme kept.

    Raises:
        UnknownMetric: There is no such metric.
    """
    with run.lock:
        generation, seen = run.current, Stretch(first, last, points, until)
        metrics = [name, axis.removeprefix(BY)] if axis.startswith(BY) else [name]
        for metric in metrics:
            if not generation.has(metric):
                raise UnknownMetric(f"no metric named {metric[:80]!r} in this run")
        if generation.sketch is None:
            return _read(generation.store, name, axis, seen)
        return _sketched(generation, generation.sketch, name, axis, seen)


def _read(store: Store, name: str, axis: str, asked: Stretch) -> dict[str, Any]:
    """What was read of a curve."""
    shown, superseded, odd = see(store, name, axis, asked)
    return {
        "name": name,
        "points": len(store.series[name]),
        "exact": shown.exact,
        "approximate": False,
        "banded": store.series[name].is_banded,
        "curve": shown,
        "offsets": store.offsets.view[shown.rows],
        "walls": store.walls.view[shown.rows],
        "superseded": superseded,
        "non_finite": [
            {
                "x": known(x),
                "value": strict(value),
                "offset": int(store.offsets.view[row]),
            }
            for row, x, value in islice(odd, MARKS_MOST)
        ],
    }


def _sketched(
    generation: Generation, sketch: Sketch, name: str, axis: str, asked: Stretch
) -> dict[str, Any]:
    """What was read of a curve and samples of the rest, each with its share of the points."""
    store, end = generation.store, generation.end
    points = min(max(round(asked.points * end / sketch.end), 1), asked.points)
    rest = sketch.beyond(name, axis, known=store, begin=end, end=asked.until)
    rest = thin(window(rest, asked.first, asked.last), max(asked.points - points, 1))
    drawn = Drawn.of(rest, sketch.store)
    told: dict[str, Any] = {**UNREAD, "name": name}
    if store.has(name, axis):
        told = _read(store, name, axis, asked._replace(points=points))
        drawn = join(Drawn.of(told["curve"], store), drawn)
    return {**told, **drawn._asdict(), "exact": False, "approximate": True}


def timeline(run: Run, bins: int) -> dict[str, Any]:
    """How dense the run is over its time, and the marks on it: what a transport bar draws."""
    with run.lock:
        store = run.current.store
        walls, offsets, x = store.walls.view, store.offsets.view, store.x.view
        clock = np.maximum.accumulate(np.nan_to_num(walls, nan=-np.inf)) if len(walls) else walls
        timed = bool(len(clock)) and math.isfinite(clock[-1]) and clock[-1] > _first_finite(clock)
        scale = clock if timed else np.arange(len(store), dtype=np.float64)
        starts = _bin_starts(scale, bins)
        alarming = store.severities.view >= WARNING
        faults = np.zeros(len(store), bool)
        faults[np.searchsorted(offsets, [row.offset for row in store.faults])] = True
        ends = [*starts[1:].tolist(), len(store)][: len(starts)]
        return {
            "bins": [
                {
                    "offset": int(offsets[start]),
                    "wall": known(walls[start]),
                    "x": known(x[start]),
                    "records": end - start,
                    "alerts": int(alarming[start:end].sum()),
                    "faults": int(faults[start:end].sum()),
                }
                for start, end in zip(starts.tolist(), ends, strict=True)
            ],
            "marks": _marks(store),
            "first_wall": known(store.first_wall),
            "last_wall": known(store.last_wall),
            "end": run.current.end,
        }


def _marks(store: Store) -> list[dict[str, Any]]:
    """Resumes, new runs and alerts, in the order of the file."""
    alarming = np.flatnonzero(store.severities.view >= WARNING)[:MARKS_MOST].tolist()
    begun = [(mark.row, mark.kind, mark.label, "info") for mark in store.marks[:MARKS_MOST]]
    alerts = [
        (row, "alert", store.type_of(row), SEVERITIES[store.severities.view[row]])
        for row in alarming
    ]
    return [
        {
            "offset": int(store.offsets.view[row]),
            "x": known(store.x.view[row]),
            "wall": known(store.walls.view[row]),
            "kind": kind,
            "label": label,
            "severity": severity,
        }
        for row, kind, label, severity in sorted((*begun, *alerts))
        if row < len(store)
    ]


def _first_finite(clock: np.ndarray[Any, Any]) -> float:
    finite = clock[np.isfinite(clock)]
    return float(finite[0]) if len(finite) else math.inf


def _bin_starts(scale: np.ndarray[Any, Any], most: int) -> np.ndarray[Any, Any]:
    """First rows of at most so many equal pieces of an ascending scale, without empty ones."""
    if not len(scale):
        return np.empty(0, np.int64)
    edges = np.linspace(_first_finite(scale), scale[-1], most + 1)[:-1]
    return bins(0, len(scale), np.searchsorted(scale, edges, "left"))


def dashboard(run: Run, at: int | None = None) -> dict[str, Any]:
    """The dashboard now, or as it was when the file ended at a byte. The past reads the file."""
    if at is None or at >= run.current.end:
        with run.lock:
            shown = {**run.current.dashboard.dashboard(), "at": run.current.end}
    else:
        shown = dashboard_at(run, at)
    return with_rules(run, shown, at)


def with_rules(run: Run, shown: dict[str, Any], at: int | None) -> dict[str, Any]:
    """Adds the alerts that rules found to those that the run's own events are."""
    with run.lock:
        watch = run.current.watch
        found = plain(watch.alerts(run.current.store, at).dashboard())
    told = [alert for alert in shown["alerts"] if watch.tuning.is_on(alert["type"])]
    silent = sum(alert["count"] for alert in shown["alerts"] if alert not in told)
    return {
        **shown,
        "alerts": sorted([*told, *found["alerts"]], key=lambda alert: -alert["offset"]),
        "alerts_count": shown["alerts_count"] - silent + found["alerts_count"],
    }
