"""What goes wrong in one metric, found by rules that suit every training. Pure.

A rule looks at means of ``BLOCK`` points, so that any portions of a series give the same alerts and
a long file costs little. Each is built to stay silent on a healthy run; limits that a person sets
stand in `built_in`, others here, and what they were tried on in tests/integration/test_rules.py.
"""

import math
import re
from collections import deque
from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from karn_view.rules.built_in import BUILT_IN, Tuning
from karn_view.views.alerts import NON_FINITE_LOSS, Alert

NON_FINITE = "NON_FINITE"
BLOCK = 5

PLATEAU_AFTER = 4
"""A loss whose best stands among its first blocks never fell: that is noise, or no learning."""
PLATEAU_GAIN = 1e-3
"""A gain smaller than this share of all that was gained is none."""
RATE_BLOCKS = 5
"""A drop comes after at least so many others, of whose last ones the median is the usual rate."""
BLOCKS_KEPT = 64

STILL_FALLS = 0.01
"""A loss whose newer half since its best is lower than the older by this share still falls."""

_LOSS = re.compile(r"(?:^|[/_.\s])(?:loss|nll)(?:$|[/_.\s])|loss$", re.I)
_POLICY = re.compile(r"policy|value|critic|actor|entropy|q_?loss|td_|kl|adv|approx", re.I)
_NO_LOSS = re.compile(r"scale|coef|weight|best|scores", re.I)
_PART = re.compile(r"loss_\w+$", re.I)
"""One term of a loss may well grow while the whole falls."""
_GRADIENT = re.compile(r"grad(?:ient)?_?norm|gnorm", re.I)
_RATE = re.compile(
    r"(?:per_s(?:ec(?:ond)?)?|/s(?:ec)?|fps|wps|ups|tps|throughput|tokens_s|it_s)(?:/env\d+)?$",
    re.I,
)
_EVALUATED = re.compile(r"^(?:eval|val|valid|test|train_)", re.I)
_ENTROPY = re.compile(r"(?:^|/)(?:head_op_|policy_|mean_)?entropy$|(?:^|train/)entropy_loss$", re.I)
_SEED = re.compile(r"seeds/(\w+)/grad_ratio(?:/env\d+)?$")
_ENV = re.compile(r"/env(\d+)$")

Found = tuple[Alert, int]


class Series(NamedTuple):
    """What a series is asked for: which rules suit it, told by its name."""

    name: str
    loss: bool
    course: bool
    gradient: bool
    rate: bool
    entropy: bool
    seed: str | None


def series_of(name: str) -> Series:
    """Which rules suit a metric of this name."""
    loss = bool(_LOSS.search(name)) and not _NO_LOSS.search(name)
    seed = _SEED.search(name)
    return Series(
        name,
        loss=loss,
        course=loss and not _POLICY.search(name) and not _PART.search(name),
        gradient=bool(_GRADIENT.search(name)),
        rate=bool(_RATE.search(name)) and not _EVALUATED.search(name),
        entropy=bool(_ENTROPY.search(name)) and not name.startswith("action/"),
        seed=seed[1] if seed else None,
    )


def is_watched(series: Series) -> bool:
    """Whether any rule suits it."""
    return any(series[1:-1]) or series.seed is not None


class Trouble:
    """The rules over one series, fed with its new values.

    Args:
        series: Which rules suit it.
        tuning: Which of them are on, with their limits.
        losses_are_told: The run's own events tell which losses are not finite.
    """

    def __init__(self, series: Series, tuning: Tuning, *, losses_are_told: bool = False) -> None:
        self.count = 0
        self._series = series
        self._on = {rule for rule in BUILT_IN if tuning.is_on(rule)}
        self._limits = {
            (rule, name): tuning.of(rule, name)
            for rule, known in BUILT_IN.items()
            for name in known.limits
        }
        kind = NON_FINITE_LOSS if series.loss else NON_FINITE
        self._finite = kind in self._on and not (series.loss and losses_are_told)
        self._was_finite = True
        self._running = 0
        self._open: list[float] = []
        self._first = math.nan
        self._blocks = 0
        self._newest: deque[float] = deque(maxlen=BLOCKS_KEPT)
        self._best = math.inf
        self._best_at = 0
        self._highest = -math.inf
        self._lasting: set[str] = set()

    def take(self, values: NDArray[np.float64], rows: NDArray[np.int64]) -> Iterator[Found]:
        """Takes the next values with their rows; gives what began with each of them."""
        self.count += len(values)
        series = self._series
        if series.loss or series.gradient:
            yield from self._not_finite(values, rows)
        if series.entropy and "ENTROPY_COLLAPSE" in self._on:
            low = np.abs(values) <= self._limits["ENTROPY_COLLAPSE", "entropy"]
            yield from self._low(low, rows, self._points("ENTROPY_COLLAPSE"))
        if series.seed and "DEAD_SEED" in self._on:
            low = values <= self._limits["DEAD_SEED", "ratio"]
            yield from self._low(low, rows, self._points("DEAD_SEED"))
        if series.course or series.rate:
            for mean, row in self._blocks_of(values, rows):
                yield from self._judge(mean, row)

    def _points(self, rule: str) -> int:
        return int(self._limits[rule, "points"])

    def _blocks_for(self, rule: str) -> int:
        """How many blocks hold the points that a rule asks for."""
        return math.ceil(self._limits[rule, "points"] / BLOCK)

    def _not_finite(self, values: Any, rows: Any) -> Iterator[Found]:
        """A value that is no number after one that was."""
        if not self._finite:
            return
        finite = np.isfinite(values)
        if finite.all() and self._was_finite:
            return
        before = np.concatenate(([self._was_finite], finite[:-1]))
        self._was_finite = bool(finite[-1])
        for at in np.flatnonzero(before & ~finite).tolist():
            word = "NaN" if math.isnan(values[at]) else "infinite"
            type = NON_FINITE_LOSS if self._series.loss else NON_FINITE
            yield self._alert(type, "error", f"is {word}"), int(rows[at])

    def _low(self, low: Any, rows: Any, points: int) -> Iterator[Found]:
        """So many values running at or below a limit."""
        for is_low, row in zip(low.tolist(), rows.tolist(), strict=True):
            self._running = self._running + 1 if is_low else 0
            if self._running == points:
                yield self._low_alert(points), row

    def _low_alert(self, points: int) -> Alert:
        if self._series.seed is None:
            entropy = self._limits["ENTROPY_COLLAPSE", "entropy"]
            text = f"is at most {entropy:.3g} for {points} updates: one choice is left"
            return self._alert("ENTROPY_COLLAPSE", "warning", text)
        alert = self._alert("DEAD_SEED", "warning", "")
        text = f"no gradient reaches the seed in {self._series.seed} for {points} epochs"
        return alert._replace(kind=None, text=text, slot=self._series.seed)

    def _blocks_of(self, values: Any, rows: Any) -> list[tuple[float, int]]:
        """The means of the blocks that these values make whole, with the rows they end at."""
        finite = np.isfinite(values)
        values, rows = values[finite], rows[finite]
        waiting = len(self._open)
        whole = (waiting + len(values)) // BLOCK * BLOCK - waiting
        if whole < 0:
            self._open.extend(values.tolist())
            return []
        blocks = np.concatenate((self._open, values[:whole])).reshape(-1, BLOCK)
        self._open = values[whole:].tolist()
        with np.errstate(over="ignore"):
            means = blocks.mean(axis=1).tolist()
        ends = rows[BLOCK - waiting - 1 : whole : BLOCK].tolist()
        return list(zip(means, ends, strict=True))

    def _judge(self, mean: float, row: int) -> Iterator[Found]:
        self._first = self._first if self._blocks else mean
        self._blocks += 1
        self._newest.append(mean)
        if self._series.rate:
            if "THROUGHPUT_DROP" in self._on:
                yield from self._slow(mean, row)
            return
        gained = self._first - self._best
        if not mean >= self._best - PLATEAU_GAIN * gained:
            self._best_at = self._blocks
        self._best = min(self._best, mean)
        if "DIVERGENCE" in self._on:
            yield from self._diverged(mean, row)
        if "PLATEAU" in self._on:
            yield from self._plateau(row)

    def _diverged(self, mean: float, row: int) -> Iterator[Found]:
        first, best = self._first, self._best
        times, at_once = self._limits["DIVERGENCE", "times"], self._limits["DIVERGENCE", "at_once"]
        high = best > 0 and mean >= times * best and mean >= first
        self._running = self._running + 1 if high else 0
        exploded = best > 0 and mean >= at_once * max(first, best)
        if self._begins("diverged", exploded or self._running >= self._blocks_for("DIVERGENCE")):
            text = f"is {mean:.3g}; its best was {best:.3g}, it began at {first:.3g}"
            yield self._alert("DIVERGENCE", "error", text), row

    def _plateau(self, row: int) -> Iterator[Found]:
        since = self._blocks - self._best_at
        share = self._limits["PLATEAU", "share"]
        long = since >= self._blocks_for("PLATEAU") and since >= share * self._blocks
        fell = self._best_at >= PLATEAU_AFTER
        lasts = long and fell and ("plateau" in self._lasting or not self._still_falls())
        if self._begins("plateau", lasts):
            text = f"is no better than {self._best:.3g} for {since * BLOCK} points"
            yield self._alert("PLATEAU", "info", text), row

    def _still_falls(self) -> bool:
        blocks = list(self._newest)
        half = len(blocks) // 2
        older, newer = median(blocks[:half]), median(blocks[half:])
        return newer < older - STILL_FALLS * abs(older)

    def _slow(self, mean: float, row: int) -> Iterator[Found]:
        self._highest = max(self._highest, mean)
        share, lasting = (
            self._limits["THROUGHPUT_DROP", "share"],
            self._blocks_for("THROUGHPUT_DROP"),
        )
        if self._blocks < RATE_BLOCKS + lasting or mean >= share * self._highest:
            self._lasting.discard("slow")
            return
        blocks = list(self._newest)
        earlier, newest = blocks[:-lasting], blocks[-lasting:]
        usual = median(earlier)
        if self._begins("slow", all(one < share * usual for one in newest)):
            text = f"is {mean:.3g}, {mean / usual:.0%} of the usual {usual:.3g}"
            yield self._alert("THROUGHPUT_DROP", "warning", text), row

    def _begins(self, what: str, lasts: bool) -> bool:
        """Whether it is so now and was not before."""
        begins = lasts and what not in self._lasting
        (self._lasting.add if lasts else self._lasting.discard)(what)
        return begins

    def _alert(self, type: str, severity: str, text: str) -> Alert:
        name = self._series.name
        env = _ENV.search(name)
        shown = name[: env.start()] if env else name
        return Alert(type, shown, severity, f"{shown} {text}", int(env[1]) if env else None, None)
