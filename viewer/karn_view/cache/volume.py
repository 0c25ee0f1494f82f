"""One file of the cache: data and columns, and what vouches for every byte of them."""

import hmac
import mmap
import os
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from hashlib import blake2b, sha256
from itertools import cycle
from typing import IO, Any, NamedTuple, TypeVar

import msgspec
import numpy as np

from karn_view.cache.codec import DTYPES, NAMES, Kept
from karn_view.store.column import Allocate, Column
from karn_view.worker import Worker

MAGIC = b"karn-view cache\n"
DIGEST_BYTES = 32
LENGTH_BYTES = 8
BEGIN_BYTES = len(MAGIC) + DIGEST_BYTES + LENGTH_BYTES
PAGE_BYTES = 4_096
THREADS_MOST = 4
SPARE = 4
"""A column has room for this part of its length, so that it does not move when it grows again."""


T = TypeVar("T")


class Damaged(ValueError):
    """A file of the cache is not what this user's viewer once wrote."""


class Place(NamedTuple):
    """A column of the file: what it holds, how many of them, and the digest of its bytes."""

    dtype: str
    length: int
    digest: bytes

    @property
    def room(self) -> int:
        """How many values there is room for."""
        return self.length + self.length // SPARE


class Head(NamedTuple):
    """What stands before the columns, which follow in the same order.

    Attributes:
        label: Who wrote the file, and of what.
        bookmark: Where in the run file it belongs.
        state: What is known, but for the columns.
    """

    label: bytes
    bookmark: bytes
    state: bytes
    places: list[Place]


def write(file: IO[bytes], secret: bytes, label: bytes, bookmark: bytes, kept: Kept) -> None:
    """Writes a whole file. Costs some 2 s a GB. Raises `OSError`."""
    columns = [array.view(np.uint8).data for array in kept.arrays]
    places = [
        Place(NAMES[array.dtype], len(array), _digest(column))
        for array, column in zip(kept.arrays, columns, strict=True)
    ]
    head = msgspec.msgpack.encode(Head(label, bookmark, kept.data, places))
    file.write(MAGIC + _seal(head, secret) + len(head).to_bytes(LENGTH_BYTES, "little"))
    file.write(head)
    spans = _spans(file.tell(), places)
    for column, (begin, _) in zip(columns, spans, strict=True):
        file.seek(begin)
        file.write(column)
    if spans:
        file.truncate(spans[-1][1])


def read(file: IO[bytes], secret: bytes) -> Head:
    """Reads what stands before the columns.

    Raises:
        Damaged: It is not as it was written.
        OSError: It cannot be read.
    """
    begin = file.read(BEGIN_BYTES)
    seal = begin[len(MAGIC) : -LENGTH_BYTES]
    length = int.from_bytes(begin[-LENGTH_BYTES:], "little")
    if not begin.startswith(MAGIC) or length > os.fstat(file.fileno()).st_size:
        raise Damaged("it does not begin as it should")
    head = file.read(length)
    if not hmac.compare_digest(seal, _seal(head, secret)):
        raise Damaged("its first part was changed")
    return msgspec.msgpack.decode(head, type=Head)


def columns(file: IO[bytes], head: Head, allocate: Allocate, *, is_mapped: bool) -> list[Column]:
    """The columns, each of them checked; of a file that was read up to behind its head.

    Costs the time of a hash of all bytes, divided among threads.

    Args:
        file: It may be closed afterwards.
        head: Of the file.
        allocate: Makes room for them.
        is_mapped: The file itself is their room, until they have grown beyond it.

    Raises:
        Damaged: One is not as it was written.
        OSError, ValueError: They cannot be read or mapped.
    """
    spans = _spans(file.tell(), head.places)
    if spans and spans[-1][1] > os.fstat(file.fileno()).st_size:
        raise Damaged("it is shorter than it was")
    if is_mapped:
        memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        rooms = [
            np.frombuffer(memory, DTYPES[place.dtype], place.room, begin)
            for place, (begin, _) in zip(head.places, spans, strict=True)
        ]
    else:
        rooms = [allocate(place.room, DTYPES[place.dtype]) for place in head.places]
    parts = [room[: place.length] for room, place in zip(rooms, head.places, strict=True)]

    def check(number: int) -> bool:
        part = parts[number].view(np.uint8).data
        if not is_mapped:
            _fill(part, file.fileno(), spans[number][0])
        return _digest(part) == head.places[number].digest

    if not all(_together(check, len(parts))):
        raise Damaged("a column was changed")
    return [Column.over(room, len(part), allocate) for room, part in zip(rooms, parts, strict=True)]


def _spans(end: int, places: Sequence[Place]) -> list[tuple[int, int]]:
    """Where each column begins, and where its room ends, in a file whose head ends at ``end``.

    Room is a hole of the file, which takes no place on the disk.
    """
    spans = []
    for place in places:
        begin = -(-end // PAGE_BYTES) * PAGE_BYTES
        end = begin + place.room * DTYPES[place.dtype].itemsize
        spans.append((begin, end))
    return spans


def _fill(room: memoryview, fd: int, begin: int) -> None:
    filled = 0
    while part := os.preadv(fd, [room[filled:]], begin + filled):
        filled += part


def _together(call: Callable[[int], T], count: int) -> list[T]:
    """What a call gives for each number below ``count``, by several threads."""
    workers = [Worker("cache") for _ in range(min(len(os.sched_getaffinity(0)), THREADS_MOST))]
    try:
        asked = [
            worker.submit(call, number) for number, worker in zip(range(count), cycle(workers))
        ]
        wait(asked)
        return [future.result() for future in asked]
    finally:
        for worker in workers:
            worker.shutdown()


def _digest(data: Any) -> bytes:
    """SHA-256, as most processors have instructions for it: twice as fast as blake2b there."""
    return sha256(data).digest()


def _seal(head: bytes, secret: bytes) -> bytes:
    """Only who knows the secret can make one."""
    return blake2b(head, digest_size=DIGEST_BYTES, key=secret).digest()
