"""The command ``karn-view export``: a run file in, a file to take away out."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from karn_view.errors import KarnViewError
from karn_view.export.csv import as_csv
from karn_view.export.page import as_page
from karn_view.export.parquet import write_parquet
from karn_view.export.table import BLOCK_ROWS, Table
from karn_view.finding import shown
from karn_view.formats.rows import Overrides
from karn_view.run import Run
from karn_view.tail import Tail
from karn_view.terminal import Progress

STDOUT = "-"
SHARES = 1_000
"""Steps of a progress that is told as a share."""


def run(arguments: argparse.Namespace) -> int:
    """Reads the run and writes what was asked for, whole or not at all.

    Raises:
        KarnViewError: There is no such run, or it has nothing to be exported.
        CannotServe: A package is missing.
    """
    path = Path(arguments.path)
    if not path.is_file():
        raise KarnViewError(f"no such run file: {str(path)!r}")
    out = arguments.out or f"{path.name.split('.')[0]}.{arguments.format}"
    if out != STDOUT and Path(out).exists() and Path(out).samefile(path):
        raise KarnViewError("the run itself cannot be the file to write: -o names another")
    read = _read(path, Overrides(arguments.x, arguments.time))
    try:
        with _writing(out) as file:
            _WRITERS[arguments.format](read, file, arguments)
    finally:
        read.close()
    if out != STDOUT:
        print(out)
    return 0


def _read(path: Path, overrides: Overrides) -> Run:
    run = Run("run", shown(path.name).removesuffix(".jsonl"), path, Tail(path), overrides=overrides)
    progress = Progress(f"reading {path.name}", path.stat().st_size)
    for _ in run.advance():
        progress.show(run.current.end)
    progress.clear()
    if run.trouble:
        raise KarnViewError(f"{path}: {run.trouble}")
    if not len(run.current.store):
        raise KarnViewError(f"{path}: there is no line in it")
    while run.current.look(run.name):
        continue
    return run


@contextmanager
def _writing(out: str) -> Iterator[IO[bytes]]:
    """A file that is at its place once it is whole."""
    if out == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = Path(f"{out}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise KarnViewError(f"{out}: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)


def _csv(run: Run, file: IO[bytes], arguments: argparse.Namespace) -> None:
    table = Table(run)
    progress = Progress("writing CSV", table.rows)
    for done, block in enumerate(as_csv(table)):
        file.write(block)
        progress.show(done * BLOCK_ROWS)
    progress.clear()


def _parquet(run: Run, file: IO[bytes], arguments: argparse.Namespace) -> None:
    table = Table(run)
    progress = Progress("writing Parquet", table.rows)
    write_parquet(table, file, progress.show)
    progress.clear()


def _html(run: Run, file: IO[bytes], arguments: argparse.Namespace) -> None:
    progress = Progress("packing", SHARES)

    def told(share: float) -> None:
        progress.show(round(share * SHARES))

    file.write(as_page(run, lines=arguments.lines, told=told))
    progress.clear()


_WRITERS: dict[str, Callable[[Run, IO[bytes], argparse.Namespace], None]] = {
    "html": _html,
    "csv": _csv,
    "parquet": _parquet,
}


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="karn-view export",
        description="Take a run away: as one HTML file that replays it offline, as CSV or as "
        "Parquet. Numbers are complete, never thinned.",
    )
    made.add_argument("path", metavar="RUN", help="a run file, compressed or not")
    what = made.add_mutually_exclusive_group()
    for name, help in (
        ("html", "one page with the run in it, which needs no viewer and no network (default)"),
        ("csv", "a row for each record that measured something, a column for each metric"),
        ("parquet", "the same as Parquet; needs karn[export]"),
    ):
        what.add_argument(
            f"--{name}", dest="format", action="store_const", const=name, default="html", help=help
        )
    made.add_argument(
        "-o",
        dest="out",
        metavar="FILE",
        help="where to, - for standard output (default: the run's name in this folder)",
    )
    made.add_argument(
        "--no-lines",
        dest="lines",
        action="store_false",
        help="leave the lines out of an HTML file: smaller, without an event log",
    )
    made.add_argument("--x", metavar="KEY", help="the key that is the step axis of the file")
    made.add_argument("--time", metavar="KEY", help="the key that is the clock of the file")
    return made
