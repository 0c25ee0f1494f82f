"""A table as Parquet: null was never measured, NaN was measured as such."""

from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

from karn_view.errors import CannotServe
from karn_view.export.table import Block, Table

if TYPE_CHECKING:
    from arro3.core import RecordBatch, Schema

OFFSET = 2
"""Which of a table's columns holds whole numbers."""
EXTRA = 'Parquet needs the package arro3-io: pip install "karn[export]"'


def write_parquet(
    table: Table, file: IO[bytes], told: Callable[[int], None] = lambda rows: None
) -> None:
    """Writes the table, block after block; ``told`` hears how many rows are written.

    Raises:
        CannotServe: The package that writes Parquet is not installed.
    """
    try:
        from arro3.core import RecordBatchReader
        from arro3.io import write_parquet
    except ModuleNotFoundError:
        raise CannotServe(EXTRA) from None
    schema = _schema(table)
    batches = RecordBatchReader.from_batches(schema, _batches(table, schema, told))
    write_parquet(batches, file, compression="zstd(3)")


def _schema(table: Table) -> "Schema":
    from arro3.core import DataType, Field, Schema

    return Schema(
        [
            Field(head, DataType.int64() if place == OFFSET else DataType.float64(), nullable=True)
            for place, head in enumerate(table.heads)
        ]
    )


def _batches(
    table: Table, schema: "Schema", told: Callable[[int], None]
) -> "Iterator[RecordBatch]":
    from arro3.core import Array, DataType, RecordBatch

    def floats(values: list[float], known: list[bool]) -> Array:
        kept = [value if has else None for value, has in zip(values, known, strict=True)]
        return Array(kept, DataType.float64())

    def batch(block: Block) -> RecordBatch:
        places = [
            floats(column.tolist(), (column == column).tolist()) for column in block[1:3][::-1]
        ]
        metrics = [floats(values.tolist(), known.tolist()) for values, known in block.metrics]
        return RecordBatch.from_arrays(
            [*places, Array(block.offsets.tolist(), DataType.int64()), *metrics], schema=schema
        )

    written = 0
    for block in table.blocks():
        yield batch(block)
        written += len(block.offsets)
        told(written)
