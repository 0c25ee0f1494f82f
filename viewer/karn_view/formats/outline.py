"""What lines of one shape have in common, as a form that these lines have and no others. Pure."""

from typing import Any, Literal

from karn_view.formats import words
from karn_view.formats.clock import is_clock_name
from karn_view.formats.foreign import Meaning
from karn_view.formats.head import Head, decisive
from karn_view.formats.looks import Elements, Spelling
from karn_view.formats.shape import Shape
from karn_view.formats.shapes import Shapes
from karn_view.formats.steps import StepName
from karn_view.formats.taker import LONG, MESSAGE, NO_MOMENT, SPELLED, Fields, Form, Taker
from karn_view.formats.values import LIST_MOST, are_numbers
from karn_view.record import Record

MOST_FIELDS = 1_000
_WRAPPED = ("jsonPayload", "record")


class Unlike(Exception):
    """Records of this shape may differ in ways that a type cannot tell."""


class Outline:
    """The form of a shape's lines, and what its parts mean.

    Attributes:
        form: Lines of this form are understood alike.
        shown: Which of their numbers are metrics.
        steps: Which of their numbers are positions.
        totals: Where the run is to end, by name: the same in all lines.
        run: The run that all lines say they belong to, or None.
        spellings: What reads text that is a number in these lines, one by one.
    """

    def __init__(self, record: Record, shape: Shape, head: Head, meaning: Meaning) -> None:
        self.steps: list[tuple[int, StepName]] = []
        self.totals: list[tuple[str, float]] = []
        self.spellings: list[Spelling] = []
        self._numbers: list[str] = []
        self._clocks: list[str] = []
        self._percent: str | None = None
        self.run = str(record[head.runs[0]]) if head.runs else None
        self._fields = 0
        self._has_lists = False
        self._decisive = decisive(head)
        is_wrapped = any(type(record.get(key)) is dict for key in _WRAPPED) or "stream" in record
        if is_wrapped or head.contexts:
            raise Unlike
        try:
            fields = self._fields_of(record, shape, "")
            self.form = Form(fields, (*self._numbers,), (*self._clocks,), self._percent)
            Taker(self.form)
        except (TypeError, ValueError, NotImplementedError) as error:
            raise Unlike from error  # a key or a value that a type cannot have
        self.shown = self._shown(shape, head, len(meaning.points))

    def _shown(self, shape: Shape, head: Head, points: int) -> slice | list[int]:
        if points == len(self._numbers):
            return slice(None)
        if self.spellings or self._has_lists:
            raise Unlike
        if not points:
            return []
        if head.long_value not in shape.keys:
            raise Unlike
        return [shape.keys.index(head.long_value)]

    def _fields_of(self, record: Record, shape: Shape, prefix: str) -> Fields:
        """What an object holds; its parts are noted, outermost first as a look would find them."""
        self._fields += len(record)
        if self._fields > MOST_FIELDS:
            raise Unlike
        attributes = {key: f"f{index}" for index, key in enumerate(record)}
        first = len(self._numbers)
        self._numbers += [prefix + attributes[key] for key in shape.keys]
        self.steps += [(first + index, step) for index, step in shape.steps]
        self._clocks += [prefix + attributes[key] for key in shape.clocks]
        if shape.percent:
            self._percent = attributes[shape.percent]
        looks = dict(shape.looks)
        return tuple(
            (key, self._type_of(key, value, prefix + attributes[key], shape, looks))
            for key, value in record.items()
        )

    def _type_of(self, key: str, value: Any, path: str, shape: Shape, looks: dict[str, Any]) -> Any:
        is_outer, look = "." not in path, looks.get(key)
        if is_outer and key in self._decisive:
            return _exactly(value)
        match value:
            case bool() | None:
                return type(value)
            case int() | float():
                return self._number_type(key, value, shape, is_outer=is_outer)
            case str():
                if isinstance(look, Spelling) and not look.is_text:
                    return self._spelled_type(look, path)
                return MESSAGE if is_outer and key in words.SHIPPED else str
            case dict() if isinstance(look, Shapes):
                return self._fields_of(value, look.of(value), f"{path}.")
            case list() if isinstance(look, Elements):
                return self._list_type(value, path)
            case dict() | list() if look is None and key not in shape.configs:
                return type(value)
        raise Unlike

    def _spelled_type(self, look: Spelling, path: str) -> Any:
        if not look.is_plain:
            raise Unlike
        if look.step:
            self.steps.append((len(self._numbers), look.step))
        self._numbers.append(f"{path}.text")
        self.spellings.append(look)
        return SPELLED

    def _list_type(self, value: list[Any], path: str) -> Any:
        if not value or not are_numbers(value):
            raise Unlike
        if len(value) > LIST_MOST:
            return LONG
        self._numbers += [f"{path}.{index}" for index in range(len(value))]
        self._has_lists = True
        return len(value)

    def _number_type(self, key: str, value: float, shape: Shape, *, is_outer: bool) -> Any:
        if key in shape.keys:
            if key in words.LEVELS:
                raise Unlike
            return NO_MOMENT if is_clock_name(key) else float
        if key in shape.totals:
            if not is_outer:
                raise Unlike
            self.totals.append((key, value))
            return _exactly(value)
        return float if key == shape.percent else type(value)


def _exactly(value: Any) -> Any:
    """The type of this value only."""
    if type(value) not in (str, int):
        raise Unlike
    return Literal[value]
