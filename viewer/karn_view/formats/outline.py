"""What lines of one shape have in common, as a type that takes these lines and no others. Pure."""

from typing import Annotated, Any, Literal

import msgspec

from karn_view.formats import words
from karn_view.formats.clock import EARLIEST_S, is_clock_name
from karn_view.formats.foreign import Meaning
from karn_view.formats.head import Head, decisive
from karn_view.formats.looks import Spelling
from karn_view.formats.shape import Shape
from karn_view.formats.shapes import Shapes
from karn_view.formats.steps import StepName
from karn_view.record import Record

MOST_FIELDS = 1_000
# A message to a human; one that begins with a bracket may be a wrapped record.
_Message = Annotated[str, msgspec.Meta(pattern=r"^\s*(?:[^{\s]|$)")]
_NoMoment = Annotated[float, msgspec.Meta(lt=EARLIEST_S)]
_WRAPPED = ("jsonPayload", "record")


class Unlike(Exception):
    """Records of this shape may differ in ways that a type cannot tell."""


class Outline:
    """The type of a shape's lines, and where in it things are.

    Attributes:
        decode: Makes a struct of a line. Lines that it can decode are understood alike.
        numbers: Paths of all numbers that are metrics or positions.
        shown: Which of them are metrics.
        steps: Which of them are positions.
        clocks: Paths of what may be wall time, the first that is one counts.
        totals: Where the run is to end, by name: the same in all lines.
        percent: The path of how much is done, or None.
        run: The run that all lines say they belong to, or None.
    """

    def __init__(self, record: Record, shape: Shape, head: Head, meaning: Meaning) -> None:
        self.numbers: list[str] = []
        self.steps: list[tuple[int, StepName]] = []
        self.clocks: list[str] = []
        self.totals: list[tuple[str, float]] = []
        self.percent: str | None = None
        self.run = str(record[head.runs[0]]) if head.runs else None
        self._fields = 0
        self._decisive = decisive(head)
        is_wrapped = any(type(record.get(key)) is dict for key in _WRAPPED) or "stream" in record
        if is_wrapped or head.contexts:
            raise Unlike
        try:
            self.decode = msgspec.json.Decoder(self._struct(record, shape, "")).decode
        except (TypeError, ValueError, NotImplementedError) as error:
            raise Unlike from error  # a key or a value that a type cannot have
        self.shown = self._shown(shape, head, len(meaning.points))

    def _shown(self, shape: Shape, head: Head, points: int) -> slice | list[int]:
        if not points:
            return []
        if points == len(self.numbers):
            return slice(None)
        if head.long_value not in shape.keys:
            raise Unlike
        return [shape.keys.index(head.long_value)]

    def _struct(self, record: Record, shape: Shape, prefix: str) -> Any:
        """The type of an object; its parts are noted, outermost first as a look would find them."""
        self._fields += len(record)
        if self._fields > MOST_FIELDS:
            raise Unlike
        attributes = {key: f"f{index}" for index, key in enumerate(record)}
        first = len(self.numbers)
        self.numbers += [prefix + attributes[key] for key in shape.keys]
        self.steps += [(first + index, step) for index, step in shape.steps]
        self.clocks += [prefix + attributes[key] for key in shape.clocks]
        if shape.percent:
            self.percent = attributes[shape.percent]
        looks = dict(shape.looks)
        fields = [
            (attributes[key], self._type_of(key, value, prefix + attributes[key], shape, looks))
            for key, value in record.items()
        ]
        return msgspec.defstruct(
            "Line",
            fields,
            rename={attribute: key for key, attribute in attributes.items()},
            forbid_unknown_fields=True,
            gc=False,
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
                    raise Unlike
                return _Message if is_outer and key in words.SHIPPED else str
            case dict() if isinstance(look, Shapes):
                return self._struct(value, look.of(value), f"{path}.")
            case dict() | list() if look is None and key not in shape.configs:
                return type(value)
        raise Unlike

    def _number_type(self, key: str, value: float, shape: Shape, *, is_outer: bool) -> Any:
        if key in shape.keys:
            if key in words.LEVELS:
                raise Unlike
            return _NoMoment if is_clock_name(key) else float
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
