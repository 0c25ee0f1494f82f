"""Watches every run for alerts, tells outlets of new ones, and keeps what a team says of them.

What was acknowledged or snoozed, and rules made in a page, belong to everybody who looks through
this viewer, so they are kept here and not in a browser; they last as long as the viewer.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from karn_view.describe import known
from karn_view.errors import KarnViewError
from karn_view.outlet import Outlet
from karn_view.rules import BUILT_IN, USUAL, BuiltIn, OwnRule, Tuning, stalled, tuning_of
from karn_view.rules.own import rules_of
from karn_view.run import Run
from karn_view.store.store import SEVERITIES
from karn_view.views.alerts import Group, newest_of

AGAIN_S = 900.0
"""Like alerts are handed on once in this time."""
SILENCES_MOST = 10_000
HANDED_ON_FROM = SEVERITIES.index("warning")
LOOKED_AT_BYTES = 8 << 20
"""While a large file is read the rules look at so much together, in half the time."""


class Alerting:
    """All rules, all silences and all outlets of one viewer. From any thread.

    Args:
        rules: Rules from a file.
        tuning: How that file sets the rules that are built in.
        outlets: Where alerts go.
        changed: Called after something changed that every page should know.
    """

    def __init__(
        self,
        rules: Iterable[OwnRule] = (),
        outlets: Iterable[Outlet] = (),
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.time,
        tuning: Tuning = USUAL,
    ) -> None:
        self.outlets = list(outlets)
        self.changed = changed
        self._tuning_of_file = tuning
        self._tuning_of_page = USUAL
        self._of_file = tuple(rules)
        self._of_page: tuple[OwnRule, ...] = ()
        self._silences: dict[str, dict[str, dict[str, float]]] = {}
        self._seen: dict[str, tuple[str, int]] = {}
        self._stalled: dict[str, float] = {}
        self._handed_on: dict[tuple[str, str, str], float] = {}
        self._lock = threading.Lock()
        self._clock, self._since = clock, clock()
        for outlet in self.outlets:
            outlet.told = lambda: self.changed()

    # ---- the runs ----------------------------------------------------------------------------

    def look(self, run: Run) -> None:
        """Looks at what is new in a run. Called by the thread that reads it, after each change."""
        if run.partial or self._may_wait(run):
            return
        while True:
            with run.lock:
                own = (*self._of_file, *self._of_page)
                behind = run.current.look(run.name, own, self._tuning)
                if not behind and len(run.current.store):
                    self._note_stall(run)
            if not behind:
                break
        self._hand_on_new(run)

    def _may_wait(self, run: Run) -> bool:
        """Whether much of a large file is still to be read, and little was since the last look."""
        if run.is_read() or run.tail.whole_bytes - run.current.end < LOOKED_AT_BYTES:
            return False
        generation, end = self._seen.get(run.id, ("", 0))
        return generation == run.current.id and run.current.end - end < LOOKED_AT_BYTES

    def _note_stall(self, run: Run) -> None:
        """A silence is told once; one that the viewer found when it came is none of its time."""
        since = run.arrived_at
        alert = stalled(run.judgement, run.evidence(), self._tuning)
        if alert is None or since is None or not run.grew or self._stalled.get(run.id) == since:
            return
        self._stalled[run.id] = since
        run.current.watch.note(alert, len(run.current.store) - 1)
        run.version += 1

    def _hand_on_new(self, run: Run) -> None:
        with run.lock:
            before = self._seen.get(run.id, ("", -1))
            generation, end = run.current.id, run.current.end
            self._seen[run.id] = (generation, end)
            is_news = run.is_read() or run.current.store.first_wall >= self._since
            if not is_news or not self.outlets:
                return
            first = before[1] if before[0] == generation else 0
            groups = [
                (id, group)
                for fold in (
                    run.current.dashboard.alerts,
                    run.current.watch.alerts(run.current.store),
                )
                for id, group in fold.groups.items()
                if self._tuning.is_on(group.type)
                if group.newest[-1].offset >= first or group.type == "STALL"
            ]
        for id, group in groups:
            self._hand_on(run, generation, id, group)

    def _hand_on(self, run: Run, generation: str, id: str, group: Group) -> None:
        if SEVERITIES.index(group.severity) < HANDED_ON_FROM:
            return
        now, key = self._clock(), (run.id, generation, id)
        with self._lock:
            if self._is_silenced(run.id, id, group.count, now):
                return
            if now - self._handed_on.get(key, -math.inf) < AGAIN_S:
                return
            self._handed_on[key] = now
        for outlet in self.outlets:
            outlet.send(message(run, group))

    # ---- what people say -----------------------------------------------------------------------

    def silence(self, run: str, alert: str, count: int | None, until: float | None) -> None:
        """Acknowledges an alert up to a count, snoozes it until a time, or lets it speak again."""
        with self._lock:
            known = self._silences.setdefault(run, {})
            if count is None and until is None:
                known.pop(alert, None)
            elif alert in known or sum(map(len, self._silences.values())) < SILENCES_MOST:
                known[alert] = {"count": count} if count is not None else {"until": until or 0.0}
            if not known:
                del self._silences[run]
        self.changed()

    def _is_silenced(self, run: str, alert: str, count: int, now: float) -> bool:
        said = self._silences.get(run, {}).get(alert, {})
        return count <= said.get("count", -1) or now < said.get("until", -math.inf)

    @property
    def _tuning(self) -> Tuning:
        return self._tuning_of_page.over(self._tuning_of_file)

    def tune(self, tables: Mapping[str, Any]) -> None:
        """Replaces what pages set of the rules that are built in; the caller lets look again.

        Raises:
            KarnViewError: There is no such rule or limit, or it cannot be set to that.
        """
        self._tuning_of_page = tuning_of(tables)
        self.changed()

    def set_page_rules(self, tables: Sequence[Mapping[str, str]]) -> None:
        """Replaces the rules that pages made; the caller lets every run be looked at again.

        Raises:
            KarnViewError: One of them is none.
        """
        self._of_page = tuple(rules_of(tables))
        self.changed()

    def test(self) -> None:
        """Sends a message that says that it is a test.

        Raises:
            KarnViewError: There is nowhere to send it.
        """
        if not self.outlets:
            raise KarnViewError("there is no --webhook and no --on-alert to send a test to")
        for outlet in self.outlets:
            outlet.send({"text": "karn-view: this is a test alert", "test": True, "alert": None})

    def told(self) -> dict[str, Any]:
        """What every page knows of all this."""
        with self._lock:
            silences = {run: dict(known) for run, known in self._silences.items()}
        return {
            "rules": [
                {
                    "name": rule.name,
                    "when": rule.condition.text,
                    "severity": rule.severity,
                    "runs": rule.runs,
                    "metrics": list(rule.condition.windows),
                    "of": of,
                }
                for of, rules in (("file", self._of_file), ("page", self._of_page))
                for rule in rules
            ],
            "built_in": [self._told_of(name, rule) for name, rule in BUILT_IN.items()],
            "silences": silences,
            "outlets": [outlet.describe() for outlet in self.outlets],
        }

    def _told_of(self, name: str, rule: BuiltIn) -> dict[str, Any]:
        sources = {"page": self._tuning_of_page, "file": self._tuning_of_file}
        return {
            "name": name,
            "words": rule.words,
            "on": self._tuning.is_on(name),
            "of": next((of for of, tuning in sources.items() if tuning.names(name)), "usual"),
            "limits": [
                {"name": key, "value": self._tuning.of(name, key), **limit._asdict()}
                for key, limit in rule.limits.items()
            ],
        }

    def close(self) -> None:
        for outlet in self.outlets:
            outlet.close()


def message(run: Run, group: Group) -> dict[str, Any]:
    """What an outlet is handed: ``text`` for chat programs, ``alert`` for everything else."""
    alert = newest_of(group)
    return {
        "text": f"{run.name}: {group.text}",
        "test": False,
        "run": {
            "id": run.id,
            "name": run.name,
            "source": str(run.path),
            "state": run.judgement.state,
        },
        "alert": {**alert, "x": known(alert["x"]), "wall": known(alert["wall"])},
    }
