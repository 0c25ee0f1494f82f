"""What goes wrong in one metric, found by rules that suit every training. Pure.

A rule looks at means of ``BLOCK`` points, so that any portions of a series give the same alerts and
a long file costs little. Each is built to stay silent on a healthy run; limits that a person sets
stand in `built_in`, others here, and what they were tried on in tests/integration/test_rules.py.
"""

import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
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

Floats = NDArray[np.float64]
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


class Blocks:
    """The next blocks of a series.

    Attributes:
        means: Their means.
        numbers: 1 for the first block of the series.
    """

    def __init__(self, before: int, newest: Iterable[float], means: Floats) -> None:
        self.means = means
        self.numbers = np.arange(before + 1, before + 1 + len(means))
        self._all = np.concatenate((list(newest), means))

    def highest_of(self, count: int) -> Floats:
        """Of each block and those before it, so many together, the highest mean."""
        padded = np.concatenate((np.full(count, np.inf), self._all))[-len(self.means) - count :]
        highest = padded[count:]
        for back in range(1, count):
            highest = np.maximum(highest, padded[count - back : -back])
        return highest

    def usual(self, which: NDArray[np.int64], but: int) -> Floats:
        """Of some blocks the median of those up to each, as `newest`, but for the last ones."""
        ends = len(self._all) - len(self.means) + which + 1
        is_full, found = ends >= BLOCKS_KEPT, np.empty(len(which))
        found[~is_full] = [median(self.newest(at)[:-but]) for at in which[~is_full].tolist()]
        if is_full.any():
            windows = sliding_window_view(self._all, BLOCKS_KEPT)[ends[is_full] - BLOCKS_KEPT]
            ordered = np.sort(windows[:, :-but], axis=1)  # np.median would import numpy.ma
            middle = ordered.shape[1] // 2
            found[is_full] = (ordered[:, ordered.shape[1] - 1 - middle] + ordered[:, middle]) / 2
        return found

    def newest(self, at: int) -> list[float]:
        """The means of the ``BLOCKS_KEPT`` blocks up to one, or of fewer at the beginning."""
        end = len(self._all) - len(self.means) + at + 1
        found: list[float] = self._all[max(end - BLOCKS_KEPT, 0) : end].tolist()
        return found


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
        env = _ENV.search(series.name)
        self._shown = (series.name[: env.start()], int(env[1])) if env else (series.name, None)
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
        if not len(values):
            return
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
            yield from self._judge(*self._blocks_of(values, rows))

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
        for row in rows[self._running_for(low) == points].tolist():
            yield self._low_alert(points), row

    def _running_for(self, is_so: NDArray[np.bool_]) -> NDArray[np.int64]:
        """For how many running, up to each and with those of before, it is so."""
        numbers = np.arange(1, len(is_so) + 1)
        running = numbers - np.maximum.accumulate(np.where(is_so, -self._running, numbers))
        self._running = int(running[-1])
        return running

    def _low_alert(self, points: int) -> Alert:
        if self._series.seed is None:
            entropy = self._limits["ENTROPY_COLLAPSE", "entropy"]
            text = f"is at most {entropy:.3g} for {points} updates: one choice is left"
            return self._alert("ENTROPY_COLLAPSE", "warning", text)
        alert = self._alert("DEAD_SEED", "warning", "")
        text = f"no gradient reaches the seed in {self._series.seed} for {points} epochs"
        return alert._replace(kind=None, text=text, slot=self._series.seed)

    def _blocks_of(self, values: Any, rows: Any) -> tuple[Floats, list[int]]:
        """The means of the blocks that these values make whole, with the rows they end at."""
        finite = np.isfinite(values)
        values, rows = values[finite], rows[finite]
        waiting = len(self._open)
        whole = (waiting + len(values)) // BLOCK * BLOCK - waiting
        if whole < 0:
            self._open.extend(values.tolist())
            return np.empty(0), []
        blocks = np.concatenate((self._open, values[:whole])).reshape(-1, BLOCK)
        self._open = values[whole:].tolist()
        with np.errstate(over="ignore"):
            means = blocks.mean(axis=1)
        return means, rows[BLOCK - waiting - 1 : whole : BLOCK].tolist()

    def _judge(self, means: Floats, ends: list[int]) -> Iterator[Found]:
        """What begins with the next blocks, all of them at once: a long file has millions."""
        if not ends:
            return
        if not self._blocks:
            self._first = float(means[0])
        blocks = Blocks(self._blocks, self._newest, means)
        with np.errstate(over="ignore", invalid="ignore"):  # what is too large is infinite
            found = self._slow(blocks) if self._series.rate else self._off_course(blocks)
            begun = sorted(found, key=itemgetter(0))
        self._blocks += len(means)
        self._newest.extend(means[-BLOCKS_KEPT:].tolist())
        for at, alert in begun:
            yield alert, ends[at]

    def _off_course(self, blocks: "Blocks") -> list[tuple[int, Alert]]:
        means, numbers = blocks.means, blocks.numbers
        best = np.minimum.accumulate(np.minimum(means, self._best))
        before = np.concatenate(([self._best], best[:-1]))
        is_better = ~(means >= before - PLATEAU_GAIN * (self._first - before))
        best_at = np.maximum.accumulate(np.where(is_better, numbers, self._best_at))
        self._best, self._best_at = float(best[-1]), int(best_at[-1])
        diverged = self._diverged(blocks, best) if "DIVERGENCE" in self._on else ()
        flat = self._plateau(blocks, best, best_at) if "PLATEAU" in self._on else ()
        return [*diverged, *flat]

    def _diverged(self, blocks: "Blocks", best: Floats) -> Iterator[tuple[int, Alert]]:
        means, first = blocks.means, self._first
        times, at_once = self._limits["DIVERGENCE", "times"], self._limits["DIVERGENCE", "at_once"]
        high = (best > 0) & (means >= times * best) & (means >= first)
        exploded = (best > 0) & (means >= at_once * np.maximum(first, best))
        is_so = exploded | (self._running_for(high) >= self._blocks_for("DIVERGENCE"))
        for at in self._begun_at("diverged", is_so):
            text = f"is {means[at]:.3g}; its best was {best[at]:.3g}, it began at {first:.3g}"
            yield at, self._alert("DIVERGENCE", "error", text)

    def _plateau(
        self, blocks: "Blocks", best: Floats, best_at: NDArray[np.int64]
    ) -> Iterator[tuple[int, Alert]]:
        since, share = blocks.numbers - best_at, self._limits["PLATEAU", "share"]
        is_long = (since >= self._blocks_for("PLATEAU")) & (since >= share * blocks.numbers)
        fell = best_at >= PLATEAU_AFTER

        def is_so(at: int) -> bool:
            return "plateau" in self._lasting or not _still_falls(blocks.newest(at))

        for at in self._begun("plateau", is_long & fell, is_so):
            text = f"is no better than {best[at]:.3g} for {since[at] * BLOCK} points"
            yield at, self._alert("PLATEAU", "info", text)

    def _slow(self, blocks: "Blocks") -> Iterator[tuple[int, Alert]]:
        if "THROUGHPUT_DROP" not in self._on:
            return
        means, lasting = blocks.means, self._blocks_for("THROUGHPUT_DROP")
        share = self._limits["THROUGHPUT_DROP", "share"]
        highest = np.maximum.accumulate(np.maximum(means, self._highest))
        self._highest = float(highest[-1])

        newest = blocks.highest_of(lasting)
        # The usual rate is no more than the highest.
        may_be = (blocks.numbers >= RATE_BLOCKS + lasting) & (newest < share * highest)
        usual = np.full(len(means), np.nan)
        usual[may_be] = blocks.usual(np.flatnonzero(may_be), lasting)
        for at in self._begun_at("slow", newest < share * usual):
            rate, before = means[at], usual[at]
            text = f"is {rate:.3g}, {rate / before:.0%} of the usual {before:.3g}"
            yield at, self._alert("THROUGHPUT_DROP", "warning", text)

    def _begun_at(self, what: str, is_so: NDArray[np.bool_]) -> list[int]:
        """As `_begun`, where each block was looked at."""
        before = np.concatenate(([what in self._lasting], is_so[:-1]))
        (self._lasting.add if is_so[-1] else self._lasting.discard)(what)
        found: list[int] = np.flatnonzero(is_so & ~before).tolist()
        return found

    def _begun(
        self, what: str, may_be: NDArray[np.bool_], is_so: Callable[[int], bool]
    ) -> Iterator[int]:
        """The blocks at which it is so, and was not so at the block before.

        Args:
            what: What begins, and lasts from one batch of blocks to the next.
            may_be: Whether a block is worth a look.
            is_so: Looks at it.
        """
        before = -1
        for at in np.flatnonzero(may_be).tolist():
            if at > before + 1:
                self._lasting.discard(what)
            before = at
            if not is_so(at):
                self._lasting.discard(what)
            elif what not in self._lasting:
                self._lasting.add(what)
                yield at
        if before < len(may_be) - 1:
            self._lasting.discard(what)

    def _alert(self, type: str, severity: str, text: str) -> Alert:
        shown, env = self._shown
        return Alert(type, shown, severity, f"{shown} {text}", env, None)


def _still_falls(blocks: Sequence[float]) -> bool:
    half = len(blocks) // 2
    older, newer = median(blocks[:half]), median(blocks[half:])
    return newer < older - STILL_FALLS * abs(older)
