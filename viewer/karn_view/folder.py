"""The run files in and below a folder, listed again and again by a thread of its own."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from karn_view.finding import Found, files_below
from karn_view.mounts import remote_mounts_beside

log = logging.getLogger(__name__)

SCAN_S = 1.0
SCAN_SHARE = 20
"""A listing that took long is made more rarely: it may take one part in so many of the time."""
GONE_S = 1.5
"""A run leaves the list after its file was away for so long: a rotation is no removal."""


class Changes(NamedTuple):
    """What is different since the last listing, the youngest files first."""

    came: list[Found]
    grown: list[Found]
    gone: list[Path]


class Folder:
    """Lists one folder from `start` to `stop`, which return at once.

    A file system that hangs holds up this thread and nobody else: mounts of other machines below
    the folder get a thread of their own, and links into them are not followed.

    Args:
        root: The folder.
        files: Lists its files; see `files_below` for what it is given.
        is_run: Which of them are wanted. Reads their heads.
        tell: Called from the thread with what changed, once at least.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        root: Path,
        files: Callable[[frozenset[str], list[Path]], Iterable[Found]],
        is_run: Callable[[Found], bool],
        tell: Callable[[Changes], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root = root
        self.listed = threading.Event()
        self._files = files
        self._is_run = is_run
        self._tell = tell
        self._clock = clock
        self._ending = threading.Event()
        self._looked_at: dict[str, Found] = {}
        self._runs: dict[str, Found] = {}
        self._gone_since: dict[str, float] = {}
        self._mounts: dict[str, Folder] = {}
        self._thread = threading.Thread(target=self._list_for_ever, name="folder", daemon=True)

    def start(self) -> Self:
        """Begins to list."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Asks the thread to end; does not wait for a file system that hangs."""
        self._ending.set()
        for folder in self._mounts.values():
            folder.stop()

    # ---- in the thread ---------------------------------------------------------------------

    def _list_for_ever(self) -> None:
        while not self._ending.is_set():
            began = ended = time.monotonic()
            try:
                changes = self.list()
                ended = time.monotonic()
                if any(changes) or not self.listed.is_set():
                    self._tell(changes)
            except Exception:
                log.exception("%s cannot be listed", self.root)
            self.listed.set()
            self._ending.wait(max(SCAN_S, SCAN_SHARE * (ended - began)))

    def list(self) -> Changes:
        """Looks through the folder once. Reads it, and the heads of files that are new to it."""
        apart = self._mounts_below()
        unlisted: list[Path] = []
        found = {file.place: file for file in self._files(apart, unlisted)}
        came, grown = [], []
        changed = [file for file in found.values() if self._looked_at.get(file.place) != file]
        for file in sorted(changed, key=lambda file: -file.mtime_ns):
            self._looked_at[file.place] = file
            if file.place in self._runs:
                grown.append(file)
            elif self._is_run(file):
                came.append(file)
        self._runs |= {file.place: file for file in (*came, *grown)}
        return Changes(came, grown, list(self._gone(found, unlisted)))

    def _gone(self, found: dict[str, Found], unlisted: Iterable[Path]) -> Iterator[Path]:
        """Runs that were away long enough; none from a folder that cannot be listed now."""
        for place in self._looked_at.keys() - found.keys():
            if any(Path(place).is_relative_to(folder) for folder in unlisted):
                continue
            if self._clock() - self._gone_since.setdefault(place, self._clock()) > GONE_S:
                del self._looked_at[place], self._gone_since[place]
                if self._runs.pop(place, None):
                    yield Path(place)
        for place in self._gone_since.keys() & found.keys():
            del self._gone_since[place]

    def _mounts_below(self) -> frozenset[str]:
        """Mounts to leave alone; those below the folder are listed by threads of their own."""
        real = os.path.realpath(self.root)
        apart = remote_mounts_beside(real)
        for place in apart - self._mounts.keys():
            if place.startswith(f"{real}/"):
                root = self.root / os.path.relpath(place, real)
                below = Folder(root, partial(files_below, root), self._is_run, self._tell)
                self._mounts[place] = below.start()
        return apart
