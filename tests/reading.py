"""A reader's answer as a whole, and the same file read by a plain script of its own."""

import json
import math
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from karn_view.cache.known import CODEC
from karn_view.formats import Batch, Mark, Overrides, Reader, Row
from karn_view.formats.ahead import Ahead, Block, Scout
from karn_view.formats.points import Points
from karn_view.formats.taker import Form
from karn_view.lines import Line, split
from karn_view.record import Fault
from karn_view.store.column import Column, anonymous
from msgspec.structs import replace

T = TypeVar("T")
Record = dict[str, Any]


@dataclass
class Reading:
    """Everything a reader said, with x as it is at the end."""

    rows: list[Row]
    marks: list[Mark]
    reader: Reader

    @property
    def kinds(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.rows:
            found[row.kind] = found.get(row.kind, 0) + 1
        return found

    @property
    def measured(self) -> list[Row]:
        return [row for row in self.rows if row.kind in ("metric", "summary")]

    @property
    def x(self) -> list[float]:
        return [row.x for row in self.measured]

    @property
    def own_x(self) -> list[float]:
        return [row.x for row in self.measured if row.own_x]

    @property
    def names(self) -> set[str]:
        return {name for row in self.rows for name, _ in row.points}

    def series(self, name: str) -> list[tuple[float, float]]:
        """x and value of one metric, in file order."""
        return [(row.x, value) for row in self.rows for n, value in row.points if n == name]

    def values(self, name: str) -> list[float]:
        return [value for _, value in self.series(name)]


def read_portions(
    portions: Iterable[Iterable[Line | Fault]], overrides: Overrides | None = None
) -> Reading:
    """Reads lines in the given portions, following every revision of x."""
    reader = Reader(overrides or Overrides())
    return _gather(reader, map(reader.read, portions))


def read_restored(portions: Iterable[Iterable[Line | Fault]]) -> Reading:
    """Reads lines by readers of which each was restored from what the one before had kept."""
    readers, batches = [Reader()], []
    for portion in portions:
        batches.append(readers[-1].read(portion))
        readers.append(restored(readers[-1]))
    return _gather(readers[-1], batches)


def restored(value: T) -> T:
    """What comes out of a cache again."""
    data, arrays = CODEC.keep(value)
    columns = [Column.over(array.copy(), len(array), anonymous) for array in arrays]
    found: T = CODEC.restore(data, columns, anonymous)
    return found


def read_ahead(blocks: Sequence[Block], lag: int | None) -> Reading:
    """Reads blocks of which another read ahead, with the forms known so many blocks before.

    Without a lag there is no other.
    """
    reader = Reader()
    if lag is None:
        return _gather(reader, (reader.take_over(block, None) for block in blocks))
    scouts = Scouts(reader, lag)
    return _gather(reader, (reader.take_over(block, scouts.read(block)) for block in blocks))


class Scouts:
    """What another process would read of each block, knowing what this one knew a while ago."""

    def __init__(self, reader: Reader, lag: int) -> None:
        self.reader = reader
        self._known: list[tuple[int, list[Form]]] = [(0, [])] * lag
        self._scout = Scout(0)

    def read(self, block: Block) -> Ahead:
        """What was read ahead of a block."""
        self._known.append(pickle.loads(pickle.dumps(self.reader.forms)))
        era, forms = self._known.pop(0)
        if era != self._scout.era:
            self._scout = Scout(era)
        self._scout.learn(forms[self._scout.learnt :])
        return self._scout.read(block.data)


def _gather(reader: Reader, batches: Iterable[Batch]) -> Reading:
    rows: list[Row] = []
    marks: list[Mark] = []
    for batch in batches:
        if batch.rekeyed is not None:
            assert len(batch.rekeyed) == len(rows)
            rows = [replace(row, x=x) for row, x in zip(rows, batch.rekeyed, strict=True)]
            marks = []
        rows += rows_of(batch)
        marks += batch.marks
    return Reading(rows, marks, reader)


def answer(reading: Reading) -> tuple[str, ...]:
    """All that a reader says, NaN being equal to itself."""
    reader = reading.reader
    return tuple(
        map(
            repr,
            (
                [_essence(row) for row in reading.rows],
                reading.marks,
                reader.counts,
                reader.axis,
                reader.format,
                reader.config,
                reader.progress,
                reader.units,
                sorted(reader.summaries),
            ),
        )
    )


def _essence(row: Row) -> Row:
    """The row without what a sheet does not keep: its text, and the order of its keys."""
    points = Points.of(sorted(row.points, key=lambda point: point[0]))
    return replace(row, own_x=False, event=None, text="", points=points)


def rows_of(batch: Batch) -> list[Row]:
    """All rows of a batch, those of its sheets looked at again."""
    rows = dict(zip(batch.places().tolist(), batch.rows, strict=True))
    for sheet in batch.sheets:
        for index, at in enumerate(sheet.at.tolist()):
            rows[at] = Row(
                int(sheet.offsets[index]),
                sheet.kind,
                sheet.type,
                sheet.severity,
                float(sheet.walls[index]),
                float(sheet.x[index]),
                True,
                Points(sheet.names, sheet.values[index].tolist()),
                None,
                "",
            )
    return [rows[at] for at in range(batch.size)]


def read_lines(lines: Iterable[str | bytes | Mapping[str, Any]], **overrides: str) -> Reading:
    """Reads lines given as text, as bytes or as the objects they are to spell."""
    data = b"".join(_bytes(line) + b"\n" for line in lines)
    return read_portions([split(data, 0)], Overrides(**overrides))


def read_file(path: Path) -> Reading:
    """Reads the committed lines of a file in one portion."""
    return read_portions([committed(path)])


def committed(path: Path) -> list[Line]:
    """The lines of a file that end in LF."""
    data = path.read_bytes()
    return split(data[: data.rfind(b"\n") + 1], 0)


def _bytes(line: str | bytes | Mapping[str, Any]) -> bytes:
    if isinstance(line, bytes):
        return line
    return line.encode() if isinstance(line, str) else json.dumps(line).encode()


def plain_records(path: Path) -> list[Record]:
    """Every object in the committed lines of a file, by `json` and nothing else."""
    lines = path.read_text().split("\n")[:-1]
    return [json.loads(line) for line in lines if line.startswith('{"')]


def plain_numbers(record: Record, prefix: str = "") -> Iterator[tuple[str, float]]:
    """Every number in an object by its path, by a plain loop."""
    for key, value in record.items():
        if isinstance(value, dict):
            yield from plain_numbers(value, f"{prefix}{key}/")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield prefix + key, float(value)


def same(left: Iterable[float], right: Iterable[float]) -> bool:
    """Whether two columns are equal, NaN being equal to itself."""
    return [_key(value) for value in left] == [_key(value) for value in right]


def _key(value: float) -> float | str:
    return "NaN" if math.isnan(value) else value
