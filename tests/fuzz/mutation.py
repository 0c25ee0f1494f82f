"""Makes one run file into another that still looks like one. Pure.

Bytes changed at random are no JSON any more and reach the front door of the reader only. Here a
line stays a line and an object an object; what keys and values are made of comes from the corpus.
"""

import json
import random
from collections.abc import Callable, Iterable
from typing import Any

ODD: tuple[Any, ...] = (
    *(0, -1, 1 << 53, 1 << 64, -(10**30), 0.5, 1e300, -0.0, float("nan"), float("inf")),
    *(None, True, "", "NaN", "12", "5/400", "65.6%", "0:00:05", "1h 2m 3s", "text", "\0", "\ud800"),
    *("2026-01-01T00:00:00Z", 1.8e9, 1_800_000_000_000, [], {}, [1, 2, 3], [{}], {"a": {"b": 1}}),
)


class Mutation:
    """Draws changes; the words and values it changes to are those of some files."""

    def __init__(self, files: Iterable[bytes]) -> None:
        self._words: list[str] = []
        self._values: list[Any] = list(ODD)
        for line in (line for file in files for line in file.split(b"\n")):
            self._learn(_object_in(line))

    def _learn(self, value: object) -> None:
        self._values.append(value)
        if isinstance(value, dict):
            self._words += value
            for member in value.values():
                self._learn(member)
        elif isinstance(value, list):
            for member in value:
                self._learn(member)

    def apply(self, data: bytes, draw: random.Random) -> bytes:
        """The file with one of its lines changed, repeated, moved or taken away."""
        lines = data.split(b"\n")
        at = draw.randrange(len(lines))
        change: Callable[[list[bytes], int, random.Random], list[bytes]] = draw.choice(
            (self._edited, self._edited, self._edited, _repeated, _counted, _moved, _taken_away)
        )
        lines[at:] = change(lines, at, draw)
        return b"\n".join(lines)

    def _edited(self, lines: list[bytes], at: int, draw: random.Random) -> list[bytes]:
        value = _object_in(lines[at])
        if value is None:
            value = draw.choice(self._values)
        else:
            self._edit(value, draw)
        return [_as_line(value), *lines[at + 1 :]]

    def _edit(self, record: dict[str, Any], draw: random.Random) -> None:
        """Changes one member, at any depth."""
        members = [*record.values(), *(one for many in _lists(record) for one in many)]
        inner = [member for member in members if isinstance(member, dict)]
        if inner and draw.random() < 0.5:
            return self._edit(draw.choice(inner), draw)
        key = draw.choice([*record, draw.choice(self._words)])
        match draw.randrange(4):
            case 0:
                record.pop(key, None)
            case 1:
                record[draw.choice(self._words)] = record.pop(key, 1)
            case 2:
                record[key] = {draw.choice(self._words): record.get(key)}
            case _:
                record[key] = draw.choice(self._values)
        return None


def _repeated(lines: list[bytes], at: int, draw: random.Random) -> list[bytes]:
    stop = at + draw.choice((1, 2, 5))
    return [*lines[at:stop] * draw.choice((2, 10, 60)), *lines[stop:]]


def _counted(lines: list[bytes], at: int, draw: random.Random) -> list[bytes]:
    """A line again and again, its integers growing: a training goes on."""
    value = _object_in(lines[at])
    if value is None:
        return lines[at:]
    grown = [{key: _grown(value[key], n) for key in value} for n in range(draw.choice((2, 9, 60)))]
    return [*map(_as_line, grown), *lines[at + 1 :]]


def _moved(lines: list[bytes], at: int, draw: random.Random) -> list[bytes]:
    rest = lines[at:]
    draw.shuffle(rest)
    return rest


def _taken_away(lines: list[bytes], at: int, draw: random.Random) -> list[bytes]:
    return lines[at + draw.choice((1, 3)) :]


def _lists(record: dict[str, Any]) -> list[list[Any]]:
    return [member for member in record.values() if isinstance(member, list)]


def _grown(value: Any, by: int) -> Any:
    return value + by if type(value) is int else value


def _object_in(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _as_line(value: object) -> bytes:
    return json.dumps(value).encode()
