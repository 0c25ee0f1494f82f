"""Rules of one's own: read from a file or a message, evaluated as points come in. Pure."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from heapq import merge
from typing import Any, NamedTuple

from karn_view.errors import KarnViewError
from karn_view.rules.built_in import Tuning, tuning_of
from karn_view.rules.expression import Condition, Kept, parse
from karn_view.store import Store
from karn_view.store.store import SEVERITIES
from karn_view.views.alerts import Alert

TYPE = "RULE"
RULES_MOST = 100
ROWS_A_TIME = 5_000
"""A new rule over a long run lets others have the run in between."""
INSTANCES_MOST = 200
_KEYS = frozenset({"name", "when", "severity", "runs"})
_WHERE = re.compile(r"/env(\d+)$")


class OwnRule(NamedTuple):
    """What to watch for, in which runs, and how bad it is."""

    name: str
    condition: Condition
    severity: str = "warning"
    runs: str = "*"

    def concerns(self, run: str) -> bool:
        """Whether a run of this name is watched for it."""
        return fnmatchcase(run, self.runs)


def read_rules(text: str) -> tuple[list[OwnRule], Tuning]:
    """The rules of a TOML file: ``[[alert]]`` tables of one's own, ``[built_in.NAME]`` for others.

    Raises:
        KarnViewError: It is not such a file.
    """
    import tomllib  # for who has a file of rules alone

    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KarnViewError(f"not a TOML file: {error}") from None
    strange = tables.keys() - {"alert", "built_in"}
    alerts, built_in = tables.get("alert", []), tables.get("built_in", {})
    if strange or not isinstance(alerts, list) or not isinstance(built_in, dict):
        raise KarnViewError(
            "rules are [[alert]] tables and [built_in.NAME] tables, "
            f"not {', '.join(sorted(strange)) or 'a value'}"
        )
    return rules_of(alerts), tuning_of(built_in)


def rules_of(tables: Iterable[Any]) -> list[OwnRule]:
    """Rules given as tables.

    Raises:
        KarnViewError: One of them is none; the message names it.
    """
    rules = [_rule(number, table) for number, table in enumerate(tables, 1)]
    if len(rules) > RULES_MOST:
        raise KarnViewError(f"{RULES_MOST} rules at most")
    return rules


def _rule(number: int, table: Any) -> OwnRule:
    where = f"rule {number}"
    if not isinstance(table, Mapping) or not all(isinstance(one, str) for one in table.values()):
        raise KarnViewError(f"{where}: name, when, severity and runs are texts")
    where = f"rule {number} ({table['name'][:60]})" if "name" in table else where
    if strange := table.keys() - _KEYS:
        raise KarnViewError(
            f"{where}: there is no key {min(strange)}; there are name, when, severity and runs"
        )
    if "when" not in table:
        raise KarnViewError(f'{where}: when is missing, such as when = "loss > 3"')
    severity = table.get("severity", "warning")
    if severity not in SEVERITIES[1:]:
        raise KarnViewError(f"{where}: severity is one of {', '.join(SEVERITIES[1:])}")
    try:
        condition = parse(table["when"])
    except KarnViewError as error:
        raise KarnViewError(f"{where}: {error}") from None
    name = (table.get("name") or condition.text).strip()[:200]
    return OwnRule(name, condition, severity, table.get("runs", "*"))


class OwnFold:
    """One rule over one run: any portions give the same alerts.

    A rule about ``val_loss`` also watches each of ``val_loss/env0``, ``val_loss/env1``, … on its
    own; a metric that it names besides is taken of the same member, or else of the whole run.
    """

    def __init__(self, rule: OwnRule) -> None:
        self.rule = rule
        self._row = 0
        self._values: dict[str, Kept] = {}
        self._members: dict[str, _Member] = {}

    def take(self, store: Store) -> list[tuple[Alert, int]]:
        """Takes the next rows; returns alerts and the rows they stand at."""
        first, self._row = self._row, min(len(store), self._row + ROWS_A_TIME)
        names = self.rule.condition.windows
        streams = [
            [(row, name, value) for row, value in zip(rows.tolist(), values.tolist(), strict=True)]
            for name, _, rows, values in store.points_between(first, self._row)
            if any(name == one or name.startswith(f"{one}/") for one in names)
        ]
        found: list[tuple[Alert, int]] = []
        row, fresh = -1, set[str]()
        for at, name, value in merge(*streams, key=lambda point: point[0]):
            if at != row:
                found += self._judge(fresh, row)
                row, fresh = at, set()
            fresh |= self._keep(name, value)
        return found + self._judge(fresh, row)

    def behind(self, store: Store) -> bool:
        """Whether there are more rows to take."""
        return self._row < len(store)

    def _keep(self, name: str, value: float) -> set[str]:
        """Keeps a value; returns which members it belongs to."""
        windows = self.rule.condition.windows
        named = [one for one in windows if name == one or name.startswith(f"{one}/")]
        if name not in self._values:
            self._values[name] = Kept(max(windows[one] for one in named))
        self._values[name].add(value)
        return {name.removeprefix(one) for one in named}

    def _judge(self, fresh: set[str], row: int) -> list[tuple[Alert, int]]:
        found = []
        for suffix in sorted(fresh):
            if suffix not in self._members and len(self._members) >= INSTANCES_MOST:
                continue
            member = self._members.setdefault(suffix, _Member())
            if member.begins(self._holds(suffix), self.rule.condition.steps):
                found.append((self._alert(suffix), row))
        return found

    def _holds(self, suffix: str) -> bool:
        values = {}
        for name in self.rule.condition.windows:
            kept = self._values.get(name + suffix) or self._values.get(name)
            if kept is None:
                return False
            values[name] = kept
        return self.rule.condition.holds(values)

    def _alert(self, suffix: str) -> Alert:
        shown = [
            f"{name} is {self._values[name + suffix].newest[-1]:.4g}"
            for name in self.rule.condition.windows
            if name + suffix in self._values
        ]
        text = f"{self.rule.name}: {', '.join(shown)}"
        env = _WHERE.search(suffix)
        kind = self.rule.name if env or not suffix else f"{self.rule.name} {suffix.lstrip('/')}"
        return Alert(TYPE, kind, self.rule.severity, text, int(env[1]) if env else None, None)


class _Member:
    """Tells when a condition begins to hold for long enough, and not again while it lasts."""

    def __init__(self) -> None:
        self._running = 0

    def begins(self, holds: bool, steps: int) -> bool:
        self._running = self._running + 1 if holds else 0
        return self._running == steps
