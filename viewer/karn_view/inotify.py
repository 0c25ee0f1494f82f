"""What changes in folders, as Linux tells it: inotify(7), of which Python has no module."""

import ctypes
import os
import struct
from collections.abc import Iterator
from typing import NamedTuple

READ_BYTES = 64 << 10
_HEAD = struct.Struct("iIII")

# <sys/inotify.h>
_MODIFY, _ATTRIB, _CLOSE_WRITE, _MOVED, _CREATE, _DELETE = 0x2, 0x4, 0x8, 0xC0, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF, _UNMOUNT, _OVERFLOW, _IGNORED = 0x400, 0x800, 0x2000, 0x4000, 0x8000
_ONLY_FOLDERS = 0x1000000
_OF_FILES = _MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED | _CREATE | _DELETE
_WATCHED = _OF_FILES | _DELETE_SELF | _MOVE_SELF | _ONLY_FOLDERS
_GONE = _DELETE_SELF | _MOVE_SELF | _UNMOUNT | _IGNORED

_libc = ctypes.CDLL(None, use_errno=True)


Place = tuple[int, str]
"""A name in a folder, which is known by its watch; "" is the folder itself."""


class Change(NamedTuple):
    """Something happened.

    Attributes:
        place: Where.
        is_gone: The folder has another place now, or none.
        is_lost: More happened, anywhere, than the system kept.
    """

    place: Place
    is_gone: bool
    is_lost: bool


class Inotify:
    """Watches folders, until it is closed. Everything raises `OSError`."""

    def __init__(self) -> None:
        self.fd = _checked(_libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))

    def add(self, folder: str) -> int:
        """Begins to watch a folder; the same watch for one that is watched already."""
        return _checked(_libc.inotify_add_watch(self.fd, os.fsencode(folder), _WATCHED))

    def remove(self, watch: int) -> None:
        """Ends a watch, which may have ended with its folder."""
        _libc.inotify_rm_watch(self.fd, watch)

    def read(self) -> list[Change]:
        """What has changed since; does not wait."""
        try:
            return list(_changes(os.read(self.fd, READ_BYTES)))
        except BlockingIOError:
            return []

    def close(self) -> None:
        os.close(self.fd)


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def _changes(data: bytes) -> Iterator[Change]:
    offset = 0
    while offset < len(data):
        watch, mask, _, length = _HEAD.unpack_from(data, offset)
        offset += _HEAD.size + length
        name = os.fsdecode(data[offset - length : offset].rstrip(b"\0"))
        yield Change((watch, name), bool(mask & _GONE), bool(mask & _OVERFLOW))
