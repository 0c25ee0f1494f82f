"""Wake-ups: "look again", when the file system says that something changed.

A hint and no more: inotify overflows without a word, goes deaf on a replaced folder and knows
nothing of other machines. So whoever is woken looks from time to time anyway.
"""

import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

# Its documented lower half: https://watchfiles.helpmanual.io/api/rust_backend/
from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

log = logging.getLogger(__name__)

STEP_MS = 20
DEBOUNCE_MS = 20
"""A change is told after 30 ms as a rule; a burst of new names delays it no longer than this."""
BUSY_STEP_MS = 1
BUSY_S = 2.0
"""After a change the next ones are told within 2 ms for so long. For ever, that would cost a
hundredth of a core more with nothing to tell."""
REVIEW_S = 5.0
"""How often it is asked whether the watched folders are still the same ones."""
RETRY_S = 5.0
RETRY_MOST_S = 60.0

Wake = Callable[[], None]


class Watch:
    """Watches the folders of many paths with one watcher, from a thread of its own.

    `add` and `remove` do no I/O. Wake-ups come from the thread, must return at once, and may still
    come shortly after `remove` or `close`.

    Attributes:
        degraded: Why there are no wake-ups at the moment; None when there are.
    """

    def __init__(self) -> None:
        self.degraded: str | None = None
        self._wakes: dict[str, set[Wake]] = {}
        self._names: dict[str, set[str]] = {}
        self._lock = threading.Lock()
        self._review = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def add(self, path: Path, wake: Wake) -> None:
        """Has `wake` called when something changes at `path`, and once when watching begins.

        Nothing needs to be there yet.
        """
        with self._lock:
            if self._thread.ident is None:
                self._thread.start()
            self._wakes.setdefault(os.path.abspath(path), set()).add(wake)
        self._review.set()

    def remove(self, path: Path, wake: Wake) -> None:
        """Undoes `add`."""
        name = os.path.abspath(path)
        with self._lock:
            self._wakes.get(name, set()).discard(wake)
            if not self._wakes.get(name):
                self._wakes.pop(name, None)
        self._review.set()

    def close(self) -> None:
        """Ends the thread."""
        self._closed = True
        self._review.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    # ---- in the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        """Tries again at once what fails once, as a change of a name that is no UTF-8 makes it."""
        retry_s = 0.0
        while not self._closed:
            began = time.monotonic()
            try:
                self._watch(self._survey())
            except (OSError, WatchfilesRustInternalError) as error:
                self._degrade(f"watching folders failed: {error}")
                if time.monotonic() - began > RETRY_MOST_S:
                    retry_s = 0.0
                self._review.wait(retry_s)
                retry_s = min(max(2 * retry_s, RETRY_S), RETRY_MOST_S)

    def _watch(self, folders: dict[str, int]) -> None:
        """Passes wake-ups on until the folders to watch are other ones."""
        if not folders:
            self._review.wait(REVIEW_S)
            return
        with RustNotify(list(folders), False, False, 0, False, False) as watcher:
            self.degraded = None
            self._wake(self._names)
            review_at = time.monotonic() + REVIEW_S
            busy_until = 0.0
            while not self._closed:
                busy = time.monotonic() < busy_until
                step_ms, wait_s = (BUSY_STEP_MS, BUSY_S) if busy else (STEP_MS, REVIEW_S)
                changes = watcher.watch(DEBOUNCE_MS, step_ms, int(wait_s * 1_000), self._review)
                places = {path for _, path in changes} if isinstance(changes, set) else set()
                self._wake(places)
                if places:
                    busy_until = time.monotonic() + BUSY_S
                if not places.isdisjoint(folders):
                    return  # one of them went away; another may have its name by now
                if places and time.monotonic() < review_at:
                    continue
                review_at = time.monotonic() + REVIEW_S
                if self._review.is_set() or self._survey() != folders:
                    return  # called off by `_review`, it forgets what it has seen

    def _survey(self) -> dict[str, int]:
        """Returns the folders to watch with their inodes, and notes whom which name wakes.

        Only real paths are watched: one inode under two names is one watch to inotify, and tells
        of one of them only. A link is watched where it stands and where it leads.
        """
        self._review.clear()
        with self._lock:
            registered = list(self._wakes)
        names: dict[str, set[str]] = defaultdict(set)
        folders: dict[str, int] = {}
        real, inode_of = cache(os.path.realpath), cache(_inode_of)
        for name in registered:
            beside = os.path.join(real(os.path.dirname(name)), os.path.basename(name))
            for place in {beside, os.path.realpath(beside) if os.path.islink(beside) else beside}:
                names[place].add(name)
                folders |= inode_of(os.path.dirname(place))
        self._names = names
        return folders

    def _wake(self, places: Iterable[str]) -> None:
        names = self._names
        woken = {name for place in places for name in names.get(place, ())}
        with self._lock:
            wakes = {wake for name in woken for wake in self._wakes.get(name, ())}
        for wake in wakes:
            wake()

    def _degrade(self, reason: str) -> None:
        if reason != self.degraded:
            log.warning("%s; files are looked at from time to time instead", reason)
        self.degraded = reason


def _inode_of(folder: str) -> dict[str, int]:
    """A folder with its inode; {} where none is, or one that watchfiles cannot watch."""
    try:
        folder.encode()
        inode = os.stat(folder).st_ino
    except (OSError, UnicodeEncodeError):
        return {}  # not there yet: the next survey sees it; no UTF-8: nobody is woken
    return {folder: inode} if os.access(folder, os.R_OK) else {}  # or all would go without
