"""The command ``karn-view check``: run files in, a linter's report out."""

import argparse
import dataclasses
import json
import math
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from karn_view.errors import KarnViewError
from karn_view.finding import files_below, is_run
from karn_view.formats import Overrides
from karn_view.inspection import Inspection, Report
from karn_view.lines import Line, split
from karn_view.record import Fault
from karn_view.tail import Committed, NewGeneration, Skipped, Tail
from karn_view.terminal import Progress, printable

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2
SHOWN_PER_KIND = 100
STDIN = "-"


def check(
    paths: Sequence[str], overrides: Overrides, *, as_json: bool, out: TextIO = sys.stdout
) -> int:
    """Reports on files, on the runs of folders, and for ``-`` on standard input.

    Returns:
        0 when nothing is odd, 1 with findings, 2 when something could not be read.
    """
    reports: list[dict[str, Any]] = []
    code = CLEAN
    for name, path in _files(paths):
        report, trouble = _inspect(path, overrides)
        code = max(code, UNREADABLE if trouble else FINDINGS if report.findings else CLEAN)
        if as_json:
            reports.append(_as_data(name, report))
        else:
            print("\n".join(_as_text(name, report)), file=out)
    if as_json:
        json.dump({"files": reports, "exit_code": code}, out, indent=1, ensure_ascii=False)
        print(file=out)
    return code


def _files(paths: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Names and places of what is to be read.

    Raises:
        KarnViewError: Nothing is there, or a folder without a run.
    """
    for text in paths:
        path = Path(text)
        if text == STDIN:
            with tempfile.NamedTemporaryFile(prefix="karn-view-") as spooled:
                shutil.copyfileobj(sys.stdin.buffer, spooled)
                spooled.flush()
                yield "standard input", Path(spooled.name)
        elif path.is_dir():
            runs = [found.path for found in files_below(path) if is_run(found)]
            if not runs:
                raise KarnViewError(f"no run file in {text!r}")
            yield from ((str(run), run) for run in runs)
        else:
            yield text, path


def _inspect(path: Path, overrides: Overrides) -> tuple[Report, str]:
    """The report, and why the file could not be read to its end."""
    tail, inspection, trouble = Tail(path), Inspection(overrides), ""
    progress = Progress(path.name, path.stat().st_size if path.is_file() else 0)
    try:
        for item in tail.poll():
            inspection.take(*_lines(item))
            progress.show(tail.offset)
    except OSError as error:
        trouble = error.strerror or str(error)
    finally:
        tail.close()
        progress.clear()
    return inspection.report(tail.size, tail.torn, trouble), trouble


def _lines(item: Committed | Skipped | NewGeneration) -> tuple[Sequence[Line | Fault], int]:
    """The lines of what a tail hands on, and where they end."""
    match item:
        case Committed():
            return split(item.data, item.offset), item.offset + len(item.data)
        case Skipped():
            fault = Fault(item.offset, item.reason, item.length)
            return [fault], item.offset + item.length
        case NewGeneration():
            return [], 0


def _as_text(name: str, report: Report) -> Iterator[str]:
    name = printable(name)
    total = sum(report.found.values())
    yield f"{name}: {total:,} findings" if total != 1 else f"{name}: 1 finding"
    if report.counts.lines or "unreadable" not in report.found:
        yield from (f"  {title:8} {printable(told)}" for title, told in _told(report))
    shown: dict[str, int] = {}
    for kind, offset, line, message in report.findings:
        shown[kind] = shown.get(kind, 0) + 1
        if shown[kind] <= SHOWN_PER_KIND:
            yield f"{name}:{line}: {kind}: {printable(message)} (offset {offset:,})"
    for kind, count in report.found.items():
        if count > SHOWN_PER_KIND:
            yield f"{name}: {kind}: {count - SHOWN_PER_KIND:,} more"


def _told(report: Report) -> Iterator[tuple[str, str]]:
    """The report's head, a title and a sentence a line."""
    counts, axis = report.counts, report.axis
    yield "format", f"{report.format}: {report.format_reason}"
    first, last = report.span
    span = f", {first:.10g} to {last:.10g}" if math.isfinite(first) else ""
    yield "axis", f"{axis.name}{span}; {axis.reason.removeprefix(axis.name).lstrip(': ')}"
    for candidate in axis.candidates:
        yield "", f"or {candidate.name}: {candidate.reason}"
    if report.timed:
        keys = ", ".join(report.clocks) or "the envelope"
        span = f"{_moment(report.first_wall)} to {_moment(report.last_wall)}"
        yield "clock", f"{keys}, {span}; in {report.timed:,} of {report.rows:,} rows"
    else:
        yield "clock", "none"
    kinds = [("records", counts.records), ("faults", counts.faults), ("text", counts.text)]
    kinds += [("blank", counts.blank), ("within a document", counts.within)]
    parts = " + ".join(f"{count:,} {kind}" for kind, count in kinds if count)
    yield "lines", f"{counts.lines:,} = {parts}" if parts else "0"
    yield "bytes", f"{report.size_bytes:,}, {report.torn_bytes:,} of them torn"
    odd = sum(metric.non_finite > 0 for metric in report.metrics)
    points = sum(metric.points for metric in report.metrics)
    yield "metrics", f"{len(report.metrics):,} with {points:,} values, {odd:,} not always finite"


def _as_data(name: str, report: Report) -> dict[str, Any]:
    axis, counts = report.axis, report.counts
    return {
        "path": name,
        "format": report.format,
        "format_reason": report.format_reason,
        "axis": {
            "name": axis.name,
            "reason": axis.reason,
            "first": _known(report.span[0]),
            "last": _known(report.span[1]),
            "candidates": [candidate._asdict() for candidate in axis.candidates],
        },
        "clock": {
            "keys": report.clocks,
            "rows": report.timed,
            "first": _known(report.first_wall),
            "last": _known(report.last_wall),
        },
        "lines": dataclasses.asdict(counts),
        "rows": report.rows,
        "size_bytes": report.size_bytes,
        "torn_bytes": report.torn_bytes,
        "metrics": [metric._asdict() for metric in report.metrics],
        "found": report.found,
        "findings": [finding._asdict() for finding in report.findings],
    }


def _moment(wall: float) -> str:
    return datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def run(arguments: argparse.Namespace) -> int:
    """Runs the command."""
    overrides = Overrides(arguments.x, arguments.time)
    return check(arguments.paths, overrides, as_json=arguments.json)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog="karn-view check",
        description="Report on run files as a linter would: what they were recognised as and why, "
        "and every line that is odd.",
        epilog="Exits with 0 when nothing is odd, 1 with findings, 2 when a file cannot be read.",
    )
    made.add_argument(
        "paths",
        nargs="*",
        default=["."],
        metavar="PATH",
        help="a run file, compressed or not, a folder of them, or - for standard input "
        "(default: this folder)",
    )
    made.add_argument("--x", metavar="KEY", help="the key that is the step axis of a file")
    made.add_argument("--time", metavar="KEY", help="the key that is the clock of a file")
    made.add_argument("--json", action="store_true", help="one JSON object instead of text")
    return made
