"""A folder of files, of which those that were not used for longest go when it is full."""

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

BLOCK_BYTES = 512
"""Of `stat`, on any file system."""
BEGUN = ".begun"


class Shelf:
    """Files by name, of this user, and written by nobody else.

    Args:
        folder: Made when it is first needed.
        most_bytes: How much all files may hold together.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self._most_bytes = most_bytes
        self._begun = ""

    def check(self) -> None:
        """Raises `OSError` where there is no folder, or others may write to it."""
        _check_ours(self.folder.stat())

    def open(self, name: str) -> IO[bytes]:
        """Opens a file for reading, which counts as its use. Raises `OSError`."""
        fd = os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "not a regular file")
            _check_ours(status)
            with suppress(OSError):
                os.utime(fd)
            return os.fdopen(fd, "rb")
        except BaseException:
            os.close(fd)
            raise

    def put(self, name: str, size: int, write: Callable[[IO[bytes]], object]) -> None:
        """Replaces a file, whole or not at all.

        Args:
            name: Of the file.
            size: About how many bytes it will have.
            write: Writes it.

        Raises:
            OSError: There is no room, or it cannot be written.
        """
        self.make()
        self._make_room(name, size)
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=BEGUN, delete=False) as file:
            self._begun = file.name
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                write(file)
                file.flush()
                os.replace(file.name, self.folder / name)
            except BaseException:
                self.remove(file.name)
                raise
            finally:
                self._begun = ""

    def close(self) -> None:
        """Removes what another thread has begun to write: nobody will wait for its end."""
        if self._begun:
            self.remove(self._begun)

    def make(self) -> None:
        """Makes the folder if there is none. Raises `OSError`, also when others may write to it."""
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.check()

    def remove(self, name: str) -> None:
        """Removes a file that is of no use, if it can be."""
        with suppress(OSError):
            os.unlink(self.folder / name)

    def _make_room(self, name: str, size: int) -> None:
        if size > self._most_bytes:
            raise OSError(errno.EFBIG, f"{size / 1e6:.1f} MB are more than --cache-size allows")
        total, _, free = shutil.disk_usage(self.folder)
        if total and 2 * size > free:  # FUSE may tell neither
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left = self._most_bytes - size
        for _, bytes_of, path in sorted(self._files(), reverse=True):
            left -= bytes_of if path.name != name else 0
            if left < 0 or _is_left(path):
                self.remove(path.name)

    def _files(self) -> list[tuple[float, int, Path]]:
        """When each was last used, and how much of the disk it takes."""
        found = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                status = path.lstat()
                size = BLOCK_BYTES * status.st_blocks or status.st_size  # FUSE may tell no blocks
                found.append((status.st_mtime, size, path))
        return found


def _is_left(path: Path) -> bool:
    """Whether whoever began to write a file is gone."""
    if path.suffix != BEGUN:
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _check_ours(status: os.stat_result) -> None:
    if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EACCES, "it belongs to another user, or others may write it")
