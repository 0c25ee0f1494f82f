"""What is known of large run files, from one viewer to the next."""

import errno
import logging
import os
import sys
import threading
from concurrent.futures import Future, wait
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

import msgspec

from karn_view import __version__
from karn_view.cache import volume
from karn_view.cache.codec import Kept
from karn_view.cache.known import CODEC
from karn_view.cache.shelf import Shelf
from karn_view.errors import KarnViewError
from karn_view.formats.rows import Overrides
from karn_view.kept import shelf_folder, shelf_name, told
from karn_view.mounts import mount_of
from karn_view.secret import kept_token
from karn_view.store.column import Allocate, anonymous
from karn_view.tail import Bookmark
from karn_view.worker import Worker

log = logging.getLogger(__name__)

NICE = 5
"""So far the thread that writes stands back behind all others."""
ANSWER_S = 2.0
CLOSE_S = 0.5
SECRET_BYTES = 64
WRONG = (ValueError, TypeError, LookupError, AttributeError, RecursionError, msgspec.MsgspecError)
"""What reading raises of data that is not what it should be."""


class Found:
    """What was kept of a run file, of which only the beginning was looked at.

    Attributes:
        bookmark: Where in the run file it belongs.
        size: About how many bytes are left to look at.
    """

    def __init__(self, path: Path, file: IO[bytes], head: volume.Head, *, is_mapped: bool) -> None:
        self.bookmark: Bookmark = CODEC.restore(head.bookmark, (), anonymous)
        self.size = os.fstat(file.fileno()).st_size
        self._path = path
        self._file = file
        self._head = head
        self._is_mapped = is_mapped

    def known(self, allocate: Allocate) -> Any:
        """What `Cache.keep` was given; None when it is damaged. Takes 0.3 s a GB and more."""
        try:
            columns = volume.columns(self._file, self._head, allocate, is_mapped=self._is_mapped)
            return CODEC.restore(self._head.state, columns, allocate)
        except (OSError, *WRONG) as error:
            _tell_of_loss(self._path, error)
            return None

    def close(self) -> None:
        """Gives the descriptor back; what is known stays."""
        self._file.close()


class Cache:
    """A file for each large run file, in a folder of this user; without it everything works.

    Nothing is taken from it but what a viewer of this version and this user wrote, every byte of
    it, of a run file that is still the same. Safe from any thread.

    Args:
        folder: Where the files are, and the secret that they are sealed with.
        most_bytes: How large they may be together.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._shelf = Shelf(shelf_folder(folder), most_bytes)
        self._secret_at = folder / "secret"
        self._writer = Worker("cache")
        self._lock = threading.Lock()
        self._is_told = self._is_closed = False

    def prepare(self) -> None:
        """Does now what `find` does once: a thousand system calls, which are slow beside others."""
        _code()

    def find(self, path: Path, overrides: Overrides) -> Found | None:
        """What was kept of a run file; None when that is nothing, or not to be believed.

        A folder that does not answer is not waited for, as that of the run file may be another.
        """
        asking = Worker("cache")
        found = asking.submit(self._find, path, overrides)
        try:
            return found.result(ANSWER_S)
        except TimeoutError:
            found.add_done_callback(_let_go)
            self._tell(OSError(errno.ETIMEDOUT, f"no answer for {ANSWER_S:g} s"))
            return None
        finally:
            asking.shutdown()

    def _find(self, path: Path, overrides: Overrides) -> Found | None:
        try:
            self._shelf.check()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._tell(error)
            return None
        try:
            file = self._shelf.open(shelf_name(path, overrides))
        except FileNotFoundError:
            return None
        except OSError as error:
            _tell_of_loss(path, error)
            return None
        try:
            head = volume.read(file, self._secret())
            if head.label == _label(path, overrides):
                # On a mount another machine may remove it, and what is mapped would go with it.
                is_mapped = not mount_of(self._shelf.folder).remote
                return Found(path, file, head, is_mapped=is_mapped)
            log.info("%s: the cache is of another version", path)
        except (OSError, KarnViewError, *WRONG) as error:
            _tell_of_loss(path, error)
        file.close()
        return None

    def keep(self, path: Path, overrides: Overrides, bookmark: Bookmark, known: Any) -> None:
        """Has what is known written, by a thread that stands back behind all others.

        What is known may change once this returns, which takes a moment.

        Args:
            path: Of the run file.
            overrides: How it is read.
            bookmark: Where in it.
            known: Everything before the bookmark.
        """
        try:
            kept = CODEC.keep(known)
            place = CODEC.keep(bookmark).data
        except (TypeError, RecursionError) as error:
            log.warning("%s is not kept in the cache: %s", path, error)
            return
        with self._lock:
            self._writer.submit(self._write, path, overrides, place, kept)

    def _write(self, path: Path, overrides: Overrides, bookmark: bytes, kept: Kept) -> None:
        others = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), others + NICE)
        size = len(kept.data) + sum(array.nbytes for array in kept.arrays)
        try:
            self._shelf.make()
            secret, label = self._secret(), _label(path, overrides)
            self._shelf.put(
                shelf_name(path, overrides),
                size,
                lambda file: volume.write(file, secret, label, bookmark, kept),
            )
        except (OSError, KarnViewError) as error:
            self._tell(error)
        except Exception:
            log.exception("%s is not kept in the cache", path)

    def _secret(self) -> bytes:
        return kept_token(self._secret_at).encode()[:SECRET_BYTES]

    def _tell(self, error: Exception) -> None:
        """Says once that there is no cache, and why."""
        if not self._is_told:
            log.warning("no cache in %s: %s", self._shelf.folder, _words(error))
        self._is_told = True

    def close(self) -> None:
        """Has nothing more written, and what was begun removed if the folder answers."""
        if self._is_closed:
            return
        self._is_told = self._is_closed = True
        with self._lock:
            self._writer.shutdown()
        asking = Worker("cache")
        wait([asking.submit(self._shelf.close)], CLOSE_S)
        asking.shutdown()


def _let_go(late: "Future[Found | None]") -> None:
    """Closes what came too late; who had not begun to look by then does not look at all."""
    if not late.cancelled() and (found := late.result()):
        found.close()


def _tell_of_loss(path: Path, error: Exception) -> None:
    words = _words(error)
    log.warning("%s is read from its beginning, as its cache cannot be used: %s", path, words)


def _words(error: Exception) -> object:
    return getattr(error, "strerror", None) or error


def _label(path: Path, overrides: Overrides) -> bytes:
    """Another one for another file, another reading of it, or another version of the code."""
    version = f"{__version__} {sys.version_info[:2]} {sys.byteorder} ".encode()
    return blake2b(version + _code() + told(path, overrides)).digest()


@cache
def _code() -> bytes:
    """Stands for the code of the viewer, as a class may change where a version does not."""
    code = blake2b()
    for folder, _, names in sorted(os.walk(Path(__file__).parents[1])):
        for name in sorted(names):
            if name.endswith(".py"):
                with open(os.path.join(folder, name), "rb", buffering=0) as file:
                    code.update(file.read())
    return code.digest()
