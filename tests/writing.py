"""A run file read back line by line, and real processes that write one."""

import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

Record = dict[str, Any]


def records(path: Path) -> list[Record]:
    """Every committed record, by a strict parser; empty lines are none. A torn tail is left out."""
    committed = path.read_bytes().rpartition(b"\n")[0]
    return [msgspec.json.decode(line, type=Record) for line in committed.split(b"\n") if line]


def readable(path: Path) -> tuple[list[Record], list[bytes]]:
    """The records of a file in which some lines may be broken, and those broken lines.

    Where a page was lost, NULs stand beside a record that is whole.
    """
    good: list[Record] = []
    broken: list[bytes] = []
    for line in filter(None, (line.strip(b"\0") for line in path.read_bytes().split(b"\n"))):
        try:
            good.append(msgspec.json.decode(line, type=Record))
        except msgspec.DecodeError:
            broken.append(line)
    return good, broken


def types(found: Iterable[Record]) -> list[str]:
    """The event types, `-` for a record that is not an event."""
    return [record.get("event_type", "-") for record in found]


def seqs_said_lost(found: Iterable[Record]) -> list[int]:
    """Every seq that an EVENTS_DROPPED record accounts for."""
    gaps = [record["data"] for record in found if record.get("event_type") == "EVENTS_DROPPED"]
    return [seq for gap in gaps for first, last in gap["ranges"] for seq in range(first, last + 1)]


def steps(found: Iterable[Record]) -> list[int]:
    """The steps of the METRICS records."""
    return [record["data"]["step"] for record in found if record.get("event_type") == "METRICS"]


@contextmanager
def python(
    script: str, *given: object, prefix: Sequence[str] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Start Python on a script, its arguments in `sys.argv`, its ends in pipes; kill it at last.

    `prefix` is a command that runs it, such as `strace`.
    """
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", script, *map(str, given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run_python(
    script: str, *given: object, within_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run Python on a script to its end."""
    with python(script, *given) as process:
        out, err = process.communicate(timeout=within_s)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def said(process: subprocess.Popen[str]) -> str:
    """The next line that a process prints."""
    assert process.stdout
    return process.stdout.readline()


def tell(process: subprocess.Popen[str], line: str) -> None:
    """Give a process one line to read."""
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def died_of(done: subprocess.CompletedProcess[str]) -> signal.Signals | int:
    """The signal that ended a process, or its exit code."""
    return signal.Signals(-done.returncode) if done.returncode < 0 else done.returncode
