"""A condition over metrics, such as ``mean(loss, 20) > 3 and grad_norm > 10 for 5 steps``. Pure.

Python's own parser reads it and nothing is evaluated by Python: only the kinds of nodes named here
are understood, so a condition can compare numbers and do nothing else.
"""

import ast
import math
import operator
import re
import statistics
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from karn_view.errors import KarnViewError

LONGEST = 500
WINDOW_MOST = 10_000
STEPS_MOST = 1_000_000


class Kept:
    """What a condition can ask of one metric: its newest values, and figures of all of them."""

    def __init__(self, window: int) -> None:
        self.newest: deque[float] = deque(maxlen=window)
        self.low = math.inf
        self.high = -math.inf
        self._sum = 0.0
        self._finite = 0

    def add(self, value: float) -> None:
        self.newest.append(value)
        if math.isfinite(value):
            self.low, self.high = min(self.low, value), max(self.high, value)
            self._sum, self._finite = self._sum + value, self._finite + 1

    def last(self, length: int) -> list[float]:
        newest = list(self.newest)
        return newest if len(newest) == length else newest[-length:]

    @property
    def mean(self) -> float:
        return self._sum / self._finite if self._finite else math.nan


Values = Mapping[str, Kept]
Number = Callable[[Values], float]

_FOR = re.compile(r"(.*\S)\s+for\s+(\d+)\s+(?:steps?|points?|times)\s*", re.S)
# A name with a slash, a dot or a colon in it is one word here; division has spaces around it.
_WORD = re.compile(r"""("[^"]*"|'[^']*')|([A-Za-z_]\w*(?:[/.:@]\w+)+)""")
_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda a, b: a / b if b else math.nan,
}
_OVER: dict[str, Callable[[Sequence[float]], float]] = {
    "mean": lambda values: sum(values) / len(values),
    "median": lambda values: statistics.median(values),
    "std": lambda values: float(np.std(values)),
    "min": min,
    "max": max,
    "change": lambda values: values[-1] - values[0],
}
_OF_ALL: dict[str, Callable[[Kept], float]] = {
    "last": lambda kept: kept.newest[-1],
    "mean": lambda kept: kept.mean,
    "min": lambda kept: kept.low,
    "max": lambda kept: kept.high,
}
"""What needs no window: these are over everything measured so far, finite values only."""
FUNCTIONS = ("last", *_OVER, "abs", "isnan")


@dataclass(frozen=True)
class Condition:
    """When to alert; two of the same text are equal.

    Attributes:
        text: As it was given.
        windows: How many newest values it needs of each metric.
        steps: So many times running it must hold.
        test: Whether it holds for values that are all there.
    """

    text: str
    windows: Mapping[str, int] = field(compare=False)
    steps: int = field(compare=False)
    test: Callable[[Values], bool] = field(compare=False)

    def holds(self, values: Values) -> bool:
        """Whether it is so now; never while a metric it names was not measured often enough."""
        if any(len(values[name].newest) < window for name, window in self.windows.items()):
            return False
        with np.errstate(all="ignore"):
            return self.test(values)


def parse(text: str) -> Condition:
    """Understands a condition.

    Raises:
        KarnViewError: It is none; the message says why in one line.
    """
    if len(text) > LONGEST:
        raise KarnViewError(f"a condition is {LONGEST} characters long at most")
    whole = _FOR.fullmatch(text)
    body, steps = (whole[1], int(whole[2])) if whole else (text, 1)
    if not 1 <= steps <= STEPS_MOST:
        raise KarnViewError(f"for 1 to {STEPS_MOST} steps, not {steps}")
    reading = _Reading()
    try:
        tree = ast.parse(_WORD.sub(_as_name, body.strip()), mode="eval")
        holds = reading.truth(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise KarnViewError(
            f"{_short(text)!r} is no condition; one looks like: loss > 3 for 5 steps"
        ) from None
    if not reading.windows:
        raise KarnViewError(f"{_short(text)!r} names no metric")
    return Condition(text, reading.windows, steps, holds)


def _as_name(word: re.Match[str]) -> str:
    return word[1] or repr(word[2])


class _Reading:
    """Turns a tree into functions, and notes which metrics they need."""

    def __init__(self) -> None:
        self.windows: dict[str, int] = {}

    def truth(self, node: ast.expr) -> Callable[[Values], bool]:
        match node:
            case ast.BoolOp(op=op, values=nodes):
                parts = [self.truth(one) for one in nodes]
                together = all if isinstance(op, ast.And) else any
                return lambda values: together(part(values) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.truth(operand)
                return lambda values: not inner(values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison([left, *others], ops)
            case ast.Call(func=ast.Name(id="isnan"), args=[what], keywords=[]):
                value = self.number(what)
                return lambda values: math.isnan(value(values))
            case _:
                raise KarnViewError(
                    f"{_said(node)} is neither true nor false: compare it, as in loss > 3"
                )

    def _comparison(self, nodes: list[ast.expr], ops: list[ast.cmpop]) -> Callable[[Values], bool]:
        for op in ops:
            if type(op) not in _COMPARE:
                raise KarnViewError("values are compared by < <= > >= == != only")
        terms = [self.number(one) for one in nodes]
        tests = [_COMPARE[type(op)] for op in ops]

        def compare(values: Values) -> bool:
            said = [term(values) for term in terms]
            return all(test(said[i], said[i + 1]) for i, test in enumerate(tests))

        return compare

    def number(self, node: ast.expr) -> Number:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                constant = _constant(value)
                return lambda values: constant
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.number(operand)
                return lambda values: -inner(values)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                a, b, apply = self.number(left), self.number(right), _ARITHMETIC[type(op)]
                return lambda values: apply(a(values), b(values))
            case ast.Call(func=ast.Name(id="abs"), args=[what], keywords=[]):
                inner = self.number(what)
                return lambda values: abs(inner(values))
            case ast.Call(func=ast.Name(id=function), args=[what, *window], keywords=[]):
                return self._over(function, what, window)
            case ast.Name() | ast.Constant(value=str()):
                return self._over("last", node, [])
            case _:
                raise KarnViewError(f"{_said(node)} is not understood; functions: {_listed()}")

    def _over(self, function: str, what: ast.expr, window: list[ast.expr]) -> Number:
        """A function over the newest values of a metric."""
        if function not in FUNCTIONS or function in ("abs", "isnan"):
            raise KarnViewError(f"there is no function {_short(function)}; there are {_listed()}")
        name, length = _metric(what), _window(function, window)
        self.windows[name] = max(self.windows.get(name, 1), length)
        if not window:
            of_all = _OF_ALL[function]
            return lambda values: of_all(values[name])
        apply = _OVER[function]
        return lambda values: apply(values[name].last(length))


def _constant(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise KarnViewError("too large a number") from None


def _metric(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=str() as name):
            return name
        case _:
            raise KarnViewError(f"a function takes the name of a metric, not {_said(node)}")


def _window(function: str, given: list[ast.expr]) -> int:
    match given:
        case [] if function in _OF_ALL:
            return 1
        case [ast.Constant(value=int() as length)] if function in _OVER:
            if 1 <= length <= WINDOW_MOST:
                return length
    raise KarnViewError(
        f"{function} looks at 1 to {WINDOW_MOST} values, as in {function}(loss, 20)"
        if function in _OVER
        else f"{function} takes the name of a metric and nothing more"
    )


def _listed() -> str:
    return ", ".join(FUNCTIONS)


def _said(node: ast.expr) -> str:
    return _short(ast.unparse(node))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
