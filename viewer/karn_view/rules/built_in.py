"""The rules that are built in: in words, with their limits, and how a person sets them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from karn_view.errors import KarnViewError


class Limit(NamedTuple):
    """A number of a rule: what it is unless set, and between what it may be set."""

    usual: float
    least: float
    most: float
    is_whole: bool = False


class BuiltIn(NamedTuple):
    """A rule.

    Attributes:
        words: When it alerts, each limit in braces by its name.
    """

    words: str
    limits: Mapping[str, Limit] = {}


def _points(usual: int, most: int) -> Limit:
    return Limit(usual, 1, most, is_whole=True)


BUILT_IN: Mapping[str, BuiltIn] = {
    "NON_FINITE_LOSS": BuiltIn("a loss is NaN or infinite after it was a number"),
    "NON_FINITE": BuiltIn("the norm of a gradient is NaN or infinite after it was a number"),
    "DIVERGENCE": BuiltIn(
        "over {points} points a loss stays above {times} times its best and above where it began; "
        "at once when it is {at_once} times both",
        {
            "points": _points(20, 100_000),
            "times": Limit(3.0, 1.01, 1e6),
            "at_once": Limit(10.0, 1.01, 1e9),
        },
    ),
    "PLATEAU": BuiltIn(
        "a loss that fell has got no better for {points} points and for the share {share} of its "
        "course",
        {"points": _points(500, 10_000_000), "share": Limit(0.6, 0.0, 1.0)},
    ),
    "THROUGHPUT_DROP": BuiltIn(
        "a rate (tokens/s, fps, …) stays below the share {share} of its usual for {points} points; "
        "or lines come at the share {lines} of the usual pace",
        {
            "share": Limit(0.4, 0.0, 1.0),
            "points": _points(15, 250),
            "lines": Limit(0.33, 0.0, 1.0),
        },
    ),
    "ENTROPY_COLLAPSE": BuiltIn(
        "the entropy of a policy is at most {entropy} for {points} updates",
        {"entropy": Limit(0.01, 0.0, 100.0), "points": _points(3, 10_000)},
    ),
    "DEAD_SEED": BuiltIn(
        "at most the share {ratio} of the gradient reaches a seed for {points} epochs",
        {"ratio": Limit(1e-4, 0.0, 1.0), "points": _points(10, 10_000)},
    ),
    "STALL": BuiltIn(
        "no line for {seconds} seconds and for {gaps} usual gaps, or the process is gone",
        {"seconds": Limit(60.0, 1.0, 1e7), "gaps": Limit(20.0, 1.0, 1e6)},
    ),
}


@dataclass(frozen=True)
class Tuning:
    """Which of the rules are on, and their limits; what is not named is as usual."""

    on: Mapping[str, bool] = field(default_factory=dict)
    limits: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def is_on(self, rule: str) -> bool:
        """Whether a rule is watched for; one that is not built in always is."""
        return self.on.get(rule, True)

    def of(self, rule: str, limit: str) -> float:
        """A limit of a rule."""
        return self.limits.get((rule, limit), BUILT_IN[rule].limits[limit].usual)

    def over(self, other: "Tuning") -> "Tuning":
        """This one, and what only another one names."""
        return Tuning({**other.on, **self.on}, {**other.limits, **self.limits})

    def names(self, rule: str) -> bool:
        """Whether it says anything of a rule."""
        return rule in self.on or any(name == rule for name, _ in self.limits)


USUAL = Tuning()


def tuning_of(tables: Mapping[str, Any]) -> Tuning:
    """Understands a table for each rule: ``on`` and its limits.

    Raises:
        KarnViewError: One of them is none; the message names it.
    """
    on: dict[str, bool] = {}
    limits: dict[tuple[str, str], float] = {}
    for rule, table in tables.items():
        if rule not in BUILT_IN:
            raise KarnViewError(f"no rule {rule[:60]} is built in; there are {', '.join(BUILT_IN)}")
        if not isinstance(table, Mapping):
            raise KarnViewError(f"{rule}: a table is wanted, such as on = false")
        for key, value in table.items():
            if key == "on" and isinstance(value, bool):
                on[rule] = value
            else:
                limits[rule, key] = _limit(rule, key, value)
    return Tuning(on, limits)


def _limit(rule: str, key: str, value: Any) -> float:
    known = BUILT_IN[rule].limits
    if key not in known:
        there = ", ".join(["on (true or false)", *known])
        raise KarnViewError(f"{rule}: {key[:60]} cannot be set; there are {there}")
    limit, number = known[key], isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not limit.least <= value <= limit.most:
        span = f"{limit.least:.10g} to {limit.most:.10g}"
        raise KarnViewError(f"{rule}: {key} is a number from {span}, not {str(value)[:60]}")
    if limit.is_whole and value != int(value):
        raise KarnViewError(f"{rule}: {key} is a whole number, not {value}")
    return float(value)
