"""Which files of a folder are runs: told by their content, never by their names alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from karn_view.sources import open_source

DEPTH_MOST = 6
FILES_MOST = 20_000
HEAD_BYTES = 8 << 10
RUN_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")
"""Files that are runs before their first line is there."""


class Found(NamedTuple):
    """A file of a folder, as a listing shows it. Compare two to see whether it changed."""

    path: Path
    inode: int
    size: int
    mtime_ns: int


def files_below(folder: Path) -> Iterator[Found]:
    """Regular files at and below a folder, hidden ones left out; no more than ``FILES_MOST``.

    Links to folders are not followed. A folder that cannot be listed is passed over.
    """
    left = FILES_MOST
    pending = [(folder, 0)]
    while pending and left > 0:
        here, depth = pending.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < DEPTH_MOST:
                    pending.append((Path(entry.path), depth + 1))
                continue
            found = _found(entry)
            if found is not None and left > 0:
                left -= 1
                yield found


def _found(entry: os.DirEntry[str]) -> Found | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Found(Path(entry.path), status.st_ino, status.st_size, status.st_mtime_ns)


def is_run(path: Path) -> bool:
    """Whether a file looks like JSON lines, by its name's promise or by one of its first lines."""
    if path.name.endswith(RUN_SUFFIXES):
        return True
    try:
        source = open_source(path)
        try:
            head = source.read(0, HEAD_BYTES)
        finally:
            source.close()
    except (OSError, ValueError):
        return False
    return _shows_an_object(head)


def _shows_an_object(head: bytes) -> bool:
    whole = head.split(b"\n")[:-1]
    return b'"log_history"' in head or any(
        b'{"' in line and line.rstrip().endswith(b"}") for line in whole
    )
