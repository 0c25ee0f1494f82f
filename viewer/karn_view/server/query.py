"""What may stand behind the ? of a question: read and described in one place. Pure."""

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from karn_view.cursor import Cursor
from karn_view.errors import KarnViewError
from karn_view.where import where

TOKEN = "token"
SHOWN = 40
"""So much of a wrong value is repeated to who sent it."""


class Parameter(NamedTuple):
    """One name of a query.

    Attributes:
        schema: What values it takes, in the words of JSON Schema.
        read: Makes a value of a text; it raises ``ValueError`` with what it takes instead.
        repeated: It may be given more than once, and is a tuple.
    """

    name: str
    description: str
    schema: dict[str, Any]
    read: Callable[[str], Any]
    default: Any = None
    repeated: bool = False

    def value(self, texts: list[str]) -> Any:
        """The value of what was sent.

        Raises:
            KarnViewError: It is not what the parameter takes.
        """
        if len(texts) > 1 and not self.repeated:
            raise KarnViewError(f"{self.name} is given once")
        try:
            values = tuple(map(self.read, texts))
        except ValueError as error:
            raise KarnViewError(f"{self.name} is {error}") from error
        return values if self.repeated else values[0] if values else self.default

    def described(self) -> dict[str, Any]:
        """The parameter as OpenAPI describes it."""
        default = {} if self.default is None else {"default": self.default}
        schema = {**self.schema, **default}
        if self.repeated:
            schema = {"type": "array", "items": schema}
        return {
            "name": self.name,
            "in": "query",
            "description": self.description,
            "schema": schema,
        }


def read(parameters: Iterable[Parameter], query: list[tuple[str, str]]) -> dict[str, Any]:
    """The value of every parameter.

    Raises:
        KarnViewError: A name is unknown, or a value is not what its parameter takes.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name, _ in query:
        if name not in known and name != TOKEN:
            takes = f"takes {', '.join(known)}" if known else "takes none"
            raise KarnViewError(f"no such parameter: {name[:SHOWN]!r}; this question {takes}")
    return {
        name: parameter.value([text for key, text in query if key == name])
        for name, parameter in known.items()
    }


def whole(
    name: str, description: str, *, default: int | None = None, least: int = 0, most: int = 2**53
) -> Parameter:
    """A whole number in a range."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise ValueError(f"a whole number from {least} to {most}, not {text[:SHOWN]!r}")
        if not least <= int(text) <= most:
            raise ValueError(f"from {least} to {most}, not {text}")
        return int(text)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Parameter(name, description, schema, number, default)


def number(name: str, description: str) -> Parameter:
    """A finite number."""

    def finite(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ValueError(f"a number, not {text[:SHOWN]!r}")
        return value

    return Parameter(name, description, {"type": "number"}, finite)


def one_of(name: str, description: str, among: tuple[str, ...]) -> Parameter:
    """One of a few words; the first one unless another is given."""

    def word(text: str) -> str:
        if text not in among:
            raise ValueError(f"one of {', '.join(among)}, not {text[:SHOWN]!r}")
        return text

    return Parameter(name, description, {"type": "string", "enum": list(among)}, word, among[0])


def axis(name: str, description: str, among: tuple[str, ...], by: str) -> Parameter:
    """One of a few words, the first one unless another is given, or any metric behind ``by``."""

    def word(text: str) -> str:
        if text not in among and not text.startswith(by):
            raise ValueError(f"one of {', '.join(among)} or {by}METRIC, not {text[:SHOWN]!r}")
        return text

    pattern = f"^({'|'.join(among)}|{by}.*)$"
    return Parameter(name, description, {"type": "string", "pattern": pattern}, word, among[0])


def text(name: str, description: str, *, repeated: bool = False) -> Parameter:
    """Any text."""
    return Parameter(name, description, {"type": "string"}, str, repeated=repeated)


def condition(name: str, description: str) -> Parameter:
    """What a field of a record must be; may be repeated."""
    schema = {"type": "string", "pattern": r"^[\w./@:\[\]-]+([<>]=?-?\d+(\.\d+)?|(!=|=|~).+)$"}
    return Parameter(name, description, schema, where, repeated=True)


def cursor(name: str, description: str) -> Parameter:
    """A place between two lines."""

    def place(text: str) -> Cursor:
        try:
            return Cursor.parse(text)
        except KarnViewError as error:
            raise ValueError(str(error)) from error

    return Parameter(name, description, {"type": "string", "pattern": r"^.+:\d{1,18}$"}, place)
