"""A file that takes whole lines and is appended to by one process."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from pathlib import Path
from typing import Self

from karn.mount import writes_behind

if sys.platform != "win32":
    import fcntl

_NAME_TRIES = 100


class LineFile:
    """Appends lines to a file, each with one write and nothing kept in the process.

    Whatever happens to one line, the next one starts a line of its own: after a short or failed
    write, and when the file did not end in LF, it begins with LF. An empty line is no record and
    no fault for a reader, so an LF too many costs nothing.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        status = os.fstat(descriptor)
        self.resumed = status.st_size > 0
        self.written_behind = writes_behind(status.st_dev)
        self._torn = self.resumed and _ends_torn(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file at the path, or a file beside it when another writer has that one.

        Raises:
            OSError: If it cannot be opened, or is not a regular file.
        """
        descriptor = _opened(path)
        if claim(descriptor):
            return cls(path, descriptor)
        os.close(descriptor)
        return cls.open_beside(path)

    @classmethod
    def open_beside(cls, path: Path) -> Self:
        """Open a new file named after the path and this process: `run.jsonl`, `run.4711.jsonl`.

        Raises:
            OSError: If it cannot be created.
        """
        name = str(os.getpid())
        for _ in range(_NAME_TRIES):
            beside = path.with_name(f"{path.stem}.{name}{path.suffix}")
            with contextlib.suppress(FileExistsError):
                descriptor = _opened(beside, os.O_EXCL)
                claim(descriptor)
                return cls(beside, descriptor)
            name = f"{os.getpid()}-{os.urandom(3).hex()}"
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))

    def append(self, line: bytes) -> None:
        """Append one line, which ends in LF.

        Raises:
            OSError: If the line is not in the file as a whole.
        """
        data = b"\n" + line if self._torn else line
        self._torn = True
        written = os.write(self._descriptor, data)
        if written < len(data):
            written = self._finish(data, written)
        self._torn = written < len(data)

    def _finish(self, data: bytes, written: int) -> int:
        """Write the rest of a short write: nobody else appends to this file in between."""
        try:
            written += os.write(self._descriptor, data[written:])
        except OSError:
            if written < len(data) - 1:
                raise
        if written < len(data) - 1:
            raise OSError(errno.ENOSPC, "Short write")
        return written  # when only the LF is missing the next line brings it, so nothing is lost

    def doubt(self) -> None:
        """Take note that the last lines may not be there as a whole, though they were written."""
        self._torn = True

    def vanished(self) -> bool:
        """Tell whether the file was deleted while it was open: its lines would go nowhere."""
        return os.fstat(self._descriptor).st_nlink == 0

    def duplicate(self) -> int:
        """Return a new descriptor of the same open file, for the caller to sync and close."""
        return os.dup(self._descriptor)

    def close(self) -> None:
        """Close the descriptor. Errors of the file system may come out here, too.

        Raises:
            OSError: If the system reports one.
        """
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)


def _opened(path: Path, flags: int = 0) -> int:
    """Open a regular file for appending; its folders are made.

    Not blocking: a FIFO that nobody reads must not stop training. Python opens
    every descriptor with O_CLOEXEC (PEP 446): child programs do not inherit it.
    """
    with contextlib.suppress(FileExistsError):  # a file in place of a folder: open() says it best
        path.parent.mkdir(parents=True, exist_ok=True)
    flags |= os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o666)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "Not a regular file", str(path))


def claim(descriptor: int) -> bool:
    """Mark the open file as having a writer, and tell whether it had no other before.

    The mark is advisory, goes with the process however it ends, and is asked for without waiting.
    Where the file system has no such marks the answer is yes. An NFS client asks its server about
    the file anew whenever it is marked, and learns by this alone of a deletion elsewhere.
    """
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _ends_torn(path: Path) -> bool:
    """Tell whether the file's last byte is not LF; yes when it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:
        return True
