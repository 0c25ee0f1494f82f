"""Every rule over one generation of a run, and the alerts that it found. Pure."""

import math
import re
from collections import deque
from collections.abc import Iterable
from itertools import chain
from operator import itemgetter
from statistics import median

import msgspec

from karn_view.rules.built_in import USUAL, Tuning
from karn_view.rules.own import OwnFold, OwnRule
from karn_view.rules.stall import TYPE as STALL
from karn_view.rules.trouble import Found, Trouble, is_watched, series_of
from karn_view.store import Store
from karn_view.views.alerts import Alert, AlertsFold, Place

FOUND_MOST = 2_000
VALUES_A_TIME = 500_000
"""A rule that is set anew over a long run lets others have the run in between."""
OF_A_COURSE = ("DIVERGENCE", "PLATEAU")
POLICY_LOSS = re.compile(r"(?:policy|actor|critic|value)\w*_loss$")
LAP_ROWS = 100
LAPS_KEPT = 200
LAPS_RUNNING = 3
LAPS_BEFORE = 6
LAP_LEAST_S = 5.0


class Kept(msgspec.Struct):
    """The first ``FOUND_MOST`` alerts of each type, with their rows."""

    of_type: dict[str, list[Found]] = {}

    def add(self, fresh: Iterable[Found]) -> None:
        """Keeps what is new."""
        for found in fresh:
            alike = self.of_type.setdefault(found[0].type, [])
            if len(alike) < FOUND_MOST:
                alike.append(found)


class Watch:
    """Fed with the columns as they grow."""

    def __init__(self) -> None:
        self._noted = Kept()
        self._own: dict[OwnRule, tuple[OwnFold, Kept]] = {}
        self._begin(USUAL)

    def _begin(self, tuning: Tuning) -> None:
        self.tuning = tuning
        self._troubles: dict[str, Trouble | None] = {}
        self._laps = Laps(tuning)
        self._found = Kept()
        self._left = False

    def take(
        self,
        store: Store,
        run: str,
        own: Iterable[OwnRule],
        tuning: Tuning = USUAL,
        *,
        karn: bool,
    ) -> list[Found]:
        """Takes what is new; returns the alerts that it found, with their rows.

        A rule that is new, or set anew, looks at everything from the start; one that is gone takes
        its alerts along.

        Args:
            store: The columns.
            run: The run's name.
            own: Rules of one's own.
            tuning: How the rules are set that are built in.
            karn: The run's own events tell which losses are not finite.
        """
        if tuning != self.tuning:
            self._begin(tuning)
        fresh = [*self._of_series(store, karn), *self._laps.take(store)]
        self._found.add(fresh)
        concerned = [rule for rule in own if rule.concerns(run)]
        self._own = {rule: self._own.get(rule) or (OwnFold(rule), Kept()) for rule in concerned}
        for fold, found in self._own.values():
            new = fold.take(store)
            found.add(new)
            fresh += new
        return fresh

    def behind(self, store: Store) -> bool:
        """Whether a rule that is new has more to look at: take again."""
        return self._left or any(fold.behind(store) for fold, _ in self._own.values())

    def note(self, alert: Alert, row: int) -> None:
        """Keeps an alert that nothing in the file tells."""
        self._noted.add([(alert, row)])

    def _of_series(self, store: Store, karn: bool) -> Iterable[Found]:
        self._left, room = False, VALUES_A_TIME
        for name, series in store.series.items():
            if name not in self._troubles:
                suits = series_of(name)
                trouble = (
                    Trouble(suits, self.tuning, losses_are_told=karn) if is_watched(suits) else None
                )
                self._troubles[name] = trouble
            found = self._troubles[name]
            if found is not None and found.count < len(series):
                part = slice(found.count, min(len(series), found.count + room))
                new = [*found.take(series.values[part], series.rows[part])]
                if any(alert.type in OF_A_COURSE for alert, _ in new):
                    since = _policy_row(name, store)
                    new = [one for one in new if one[1] < since or one[0].type not in OF_A_COURSE]
                yield from new
                room -= part.stop - part.start
                self._left = self._left or found.count < len(series)

    def alerts(self, store: Store, until: int | None = None) -> AlertsFold:
        """What was found, grouped; with ``until``, when the file ended at that byte."""
        limit = len(store) if until is None else store.rows_before(until)
        fold = AlertsFold()
        kept = [self._found, *(found for _, found in self._own.values())]
        if self.tuning.is_on(STALL):
            kept.append(self._noted)
        found = chain.from_iterable(chain.from_iterable(each.of_type.values() for each in kept))
        for alert, row in sorted(found, key=itemgetter(1)):
            if row < limit:
                fold.add(alert, place_of(store, row))
        return fold


def place_of(store: Store, row: int) -> Place:
    """Where a row stands."""
    return Place(
        int(store.offsets.view[row]), float(store.walls.view[row]), float(store.x.view[row])
    )


def _policy_row(name: str, store: Store) -> float:
    """The row from which on a loss is a sum over a policy and its critic; infinite if it is none.

    The course of such a sum means nothing. Costs a look at every series.
    """
    folder, _, last = name.rpartition("/")
    if last not in ("loss", "total_loss"):
        return math.inf
    rows = (
        int(series.rows[0])
        for other, series in store.series.items()
        if other.rpartition("/")[0] == folder and POLICY_LOSS.search(other)
    )
    return min(rows, default=math.inf)


class Laps:
    """Whether lines come far more slowly than they did, told by the run's own clock."""

    def __init__(self, tuning: Tuning) -> None:
        self._is_on = tuning.is_on("THROUGHPUT_DROP")
        self._share = tuning.of("THROUGHPUT_DROP", "lines")
        self._count = 0
        self._rates: deque[float] = deque(maxlen=LAPS_KEPT)
        self._slow = False

    def take(self, store: Store) -> list[Found]:
        """Takes the whole laps of ``LAP_ROWS`` lines that are new."""
        found = []
        walls = store.walls.view
        for start in range(self._count * LAP_ROWS, len(walls) - LAP_ROWS, LAP_ROWS):
            last = start + LAP_ROWS
            alert = self._lap(float(walls[last] - walls[start]))
            if alert is not None:
                found.append((alert, last))
        return found

    def _lap(self, span_s: float) -> Alert | None:
        """A lap that took no time, or no known one, says nothing."""
        self._count += 1
        if not (math.isfinite(span_s) and span_s > 0):
            self._rates.append(math.nan)
            self._slow = False
            return None
        self._rates.append(LAP_ROWS / span_s)
        newest = [self._rates[-back] for back in range(1, min(LAPS_RUNNING, len(self._rates)) + 1)]
        is_long = all(LAP_ROWS / rate >= LAP_LEAST_S for rate in newest)
        usual = self._usual() if is_long else math.nan
        slow = all(rate < self._share * usual for rate in newest)
        begins, self._slow = slow and not self._slow, slow
        if not begins or not self._is_on:
            return None
        text = f"{newest[0]:.3g} lines/s, {newest[0] / usual:.0%} of the usual {usual:.3g}"
        return Alert("THROUGHPUT_DROP", "lines", "warning", text, None, None)

    def _usual(self) -> float:
        """The median rate of the laps before the newest; NaN where too few are known."""
        before = [*self._rates][:-LAPS_RUNNING]
        known = [rate for rate in before if math.isfinite(rate)]
        return median(known) if len(known) >= LAPS_BEFORE else math.nan
