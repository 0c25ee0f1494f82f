"""A table as CSV: what was never measured is empty, what is not finite has its name. Pure."""

import csv
import io
import math
from collections.abc import Iterator

from karn_view.export.table import Block, Table


def as_csv(table: Table) -> Iterator[bytes]:
    """The head, then block after block, in UTF-8; every digit of a number is kept."""
    yield _lines([table.heads])
    for block in table.blocks():
        yield _lines(_rows(block))


def _rows(block: Block) -> Iterator[tuple[object, ...]]:
    places = (
        [_place(value) for value in block.x.tolist()],
        [_place(value) for value in block.walls.tolist()],
        block.offsets.tolist(),
    )
    metrics = [
        [_value(value) if known else "" for value, known in zip(*both, strict=True)]
        for both in ((values.tolist(), known.tolist()) for values, known in block.metrics)
    ]
    return zip(*places, *metrics, strict=True)


def _place(value: float) -> float | int | str:
    if not math.isfinite(value):
        return ""
    return int(value) if value.is_integer() else value


def _value(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _lines(rows: Iterator[tuple[object, ...]] | list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode(errors="replace")
