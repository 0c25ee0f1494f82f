"""Which files of a folder are runs: told by their content, never by their names alone."""

import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from karn_view.lines import LF, Line
from karn_view.record import decode, decode_text
from karn_view.sources import open_source

DEPTH_MOST = 6
FILES_MOST = 20_000
HEAD_BYTES = 8 << 10
RUN_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")
"""Files that are runs before their first line is there."""

_DOT = re.compile(r"\.")
_OBJECT = re.compile(rb'\{\s*"')


class Found(NamedTuple):
    """A file of a folder, as a listing shows it. Compare two to see whether it changed.

    Attributes:
        reachable: False for a link into one of the places that are left alone: whether a file is
            there, and which, was not looked at.
        within: The folder that was listed; the file is read only if it lies there.
    """

    place: str
    inode: int
    size: int
    mtime_ns: int
    reachable: bool = True
    within: str | None = None

    @property
    def path(self) -> Path:
        """Where it is. Made when it is asked for: ten times the cost of the rest of a listing."""
        return Path(self.place)


def files_below(
    folder: Path, apart: Collection[str] = (), unlisted: list[Path] | None = None
) -> Iterator[Found]:
    """Regular files at and below a folder, hidden ones left out; no more than ``FILES_MOST``.

    Links to folders are not followed.

    Args:
        folder: Where to look.
        apart: Real paths of folders that are left alone, as asking them may take for ever.
        unlisted: Takes the folders that are there and could not be listed.
    """
    left = FILES_MOST
    top = str(folder)
    pending = [(top, os.path.realpath(folder), 0)]
    while pending and left > 0:
        here, real, depth = pending.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except FileNotFoundError:
            continue
        except OSError:
            if unlisted is not None:
                unlisted.append(Path(here))
            continue
        for entry in entries:
            if entry.name.startswith(".") or (apart and os.path.join(real, entry.name) in apart):
                continue
            if entry.is_dir(follow_symlinks=False):
                if depth < DEPTH_MOST:
                    pending.append((entry.path, os.path.join(real, entry.name), depth + 1))
                continue
            found = _found(entry, real, apart, top)
            if found is not None and left > 0:
                left -= 1
                yield found


def _found(entry: os.DirEntry[str], real: str, apart: Collection[str], within: str) -> Found | None:
    if apart and entry.is_symlink() and _leads_into(os.path.join(real, entry.name), apart):
        return Found(entry.path, entry.inode(), 0, 0, reachable=False, within=within)
    try:
        status = entry.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    mtime_ns = status.st_mtime_ns
    return Found(entry.path, status.st_ino, status.st_size, mtime_ns, within=within)


def _leads_into(link: str, folders: Collection[str]) -> bool:
    """Tells by its words alone whether a link leads into one of the folders."""
    target = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))
    return any(target.startswith(f"{folder}/") for folder in folders)


def files_beside(
    names: Collection[str],
    folder: Path,
    apart: Collection[str] = (),
    unlisted: list[Path] | None = None,
) -> Iterator[Found]:
    """Regular files of these names, and those that their writers may have made beside them.

    Such as `run.4711.jsonl` beside `run.jsonl`.

    Args:
        names: Their names.
        folder: Where they are.
        apart: As for `files_below`.
        unlisted: As for `files_below`.
    """
    real = os.path.realpath(folder)
    try:
        entries = list(os.scandir(folder))
    except OSError:
        if unlisted is not None:
            unlisted.append(folder)
        return
    for entry in entries:
        if entry.name in names or not _wholes(entry.name).isdisjoint(names):
            found = _found(entry, real, apart, str(folder))
            if found is not None:
                yield found


def _wholes(name: str) -> set[str]:
    """The names of which it could be a part: with something left out before the suffix."""
    stem, suffix = os.path.splitext(name)
    return {stem[: dot.start()] + suffix for dot in _DOT.finditer(stem)}


def is_run(file: Found) -> bool:
    """Whether a file looks like JSON lines, by its name's promise or by one of its first lines."""
    if file.path.name.endswith(RUN_SUFFIXES):
        return True
    return file.reachable and _shows_an_object(_head(file))


def is_one_of(names: Collection[str], file: Found) -> bool:
    """Whether a file has one of these names, or says in its first line that it was to have it.

    So does a writer that found another one there, or that was forked or spawned.
    """
    if file.path.name in names:
        return True
    first, lf, _ = _head(file).partition(b"\n") if file.reachable else (b"", b"", b"")
    record = decode(Line(0, first)) if lf else None
    data = record.get("data") if isinstance(record, dict) else None
    asked_for = data.get("asked_for") if isinstance(data, dict) else None
    return isinstance(asked_for, str) and asked_for in names


def _head(file: Found) -> bytes:
    try:
        with closing(open_source(file.path, within=file.within)) as source:
            return source.read(0, HEAD_BYTES)
    except (OSError, ValueError):
        return b""


def _shows_an_object(head: bytes) -> bool:
    if LF not in head and len(head) == HEAD_BYTES:
        return _OBJECT.match(head) is not None  # a first line longer than was looked at
    return b'"log_history"' in head or any(map(_ends_in_an_object, head.split(LF)[:-1]))


def _ends_in_an_object(line: bytes) -> bool:
    """Whether JSON stands at the end of a line, and is no value in a program or a document."""
    begun = _OBJECT.search(line)
    return (
        begun is not None
        and not line[: begun.start()].rstrip().endswith((b"=", b'":'))
        and decode_text(line[begun.start() :].decode(errors="replace")) is not None
    )


def shown(path: str | Path) -> str:
    """A path as text: bytes of it that are no UTF-8 are told as U+FFFD."""
    return os.fsencode(path).decode(errors="replace")
