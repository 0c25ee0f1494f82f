"""A regular file on this machine or on a mount, read by offset."""

import errno
import os
import stat
from collections.abc import Hashable
from pathlib import Path
from typing import IO, Self

from karn_view.sources.source import Source

# O_NONBLOCK: opening a FIFO must not wait for its writer. Regular files ignore it.
FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class File:
    """An open regular file; nothing else is ever read (a device may have no end).

    Args:
        fd: A descriptor that it closes in the end.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        status = os.fstat(fd)
        self.identity: Hashable = (status.st_dev, status.st_ino)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens `path` for reading. Raises `OSError`, also for what is not a regular file."""
        fd = os.open(path, FLAGS)
        try:
            _check_regular(os.fstat(fd).st_mode, path)
            return cls(fd)
        except BaseException:
            os.close(fd)
            raise

    def is_within(self, folder: str) -> bool:
        """Tells whether the open file itself lies in a folder, whatever its path means by now."""
        place, top = os.readlink(f"/proc/self/fd/{self._fd}"), os.path.realpath(folder)
        return os.path.commonpath([place, top]) == top

    def size(self) -> int:
        """Returns the size now."""
        return os.fstat(self._fd).st_size

    def stamp(self) -> tuple[int, int, int]:
        """Returns size, and when content and entry last changed: equal while nobody writes."""
        status = os.fstat(self._fd)
        return status.st_size, status.st_mtime_ns, status.st_ctime_ns

    def read(self, offset: int, length: int) -> bytes:
        """Returns `length` bytes from `offset`, fewer only at the end of the file."""
        parts = []
        while length > 0 and (part := os.pread(self._fd, length, offset)):
            parts.append(part)
            offset, length = offset + len(part), length - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def stream(self) -> IO[bytes]:
        """Returns a stream over the whole file; a read of it that fails may be made again."""
        return os.fdopen(os.dup(self._fd), "rb", buffering=0)

    def twin(self) -> Source:
        """Returns the same file with a descriptor of its own."""
        return File(os.dup(self._fd))

    def renewed(self, fresh: Self) -> Self:
        """Goes on with `fresh`: on a mount only a new descriptor sees what others wrote."""
        self.close()
        return fresh

    def close(self) -> None:
        """Gives the descriptor back. Closing twice is harmless."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def _check_regular(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, f"not a regular file ({stat.filemode(mode)})", str(path))
