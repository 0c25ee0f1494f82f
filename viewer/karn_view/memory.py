"""Where columns of numbers are kept: in memory up to a ceiling, beyond it in files."""

import errno
import logging
import mmap
import os
import resource
import tempfile
import weakref
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

SPILLED_BYTES = 256 << 10
"""A smaller column is not worth a file."""
FILES_SHARE = 2
"""A file keeps a descriptor as long as it is mapped: this part of them is left to runs and clients.

https://docs.python.org/3/library/mmap.html#mmap.mmap (trackfd, from Python 3.13 on)
"""


class Memory:
    """Makes room for columns, of which no more than a ceiling is memory of this process.

    What is beyond it is mapped from files without a name, so that the system takes it out of
    memory when it needs to, and the files go with the process however it ends.
    """

    def __init__(self, ceiling_bytes: int, folder: Path) -> None:
        self._ceiling_bytes = ceiling_bytes
        self._folder = folder
        self._sizes: dict[int, int] = {}
        self._files: set[int] = set()
        self._keys = count()
        self._told = False

    @property
    def used_bytes(self) -> int:
        """How much is memory of the process now."""
        return sum(list(self._sizes.values()))

    def allocate(self, length: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Room for so many values, not filled."""
        size = length * dtype.itemsize
        if size >= SPILLED_BYTES and self.used_bytes + size > self._ceiling_bytes:
            try:
                return self._spilled(size).view(dtype)
            except OSError as error:
                self._tell(error)
        return self._anonymous(length, dtype, size)

    def _anonymous(self, length: int, dtype: np.dtype[Any], size: int) -> NDArray[Any]:
        room, key = np.empty(length, dtype), next(self._keys)
        self._sizes[key] = size
        weakref.finalize(room, self._sizes.pop, key).atexit = False
        return room

    def _spilled(self, size: int) -> NDArray[np.uint8]:
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if len(self._files) >= descriptors // FILES_SHARE:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            # Without space of its own a file that meets a full disk would kill the process.
            os.posix_fallocate(file.fileno(), 0, size)
            room, key = mmap.mmap(file.fileno(), size), next(self._keys)
        self._files.add(key)
        weakref.finalize(room, self._files.discard, key).atexit = False
        return np.frombuffer(room, np.uint8)

    def _tell(self, error: OSError) -> None:
        if not self._told:
            log.warning("--memory is exceeded: no file in %s: %s", self._folder, error.strerror)
        self._told = True
