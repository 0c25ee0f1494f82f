"""Wake-ups: "look again", when the file system says that something changed.

A hint and no more: inotify overflows, goes deaf on a replaced folder and knows nothing of other
machines. So whoever is woken looks from time to time anyway.
"""

import logging
import os
import select
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from karn_view.inotify import Inotify, Place

log = logging.getLogger(__name__)

REST_S = 0.001
"""So long after a change the next ones are gathered: lines that come fast wake once for many."""
SETTLE_S = 0.02
"""And paths that are added one after another."""
REVIEW_S = 5.0
"""How often it is asked whether the watched folders are still the same ones."""

Wake = Callable[[], None]


class Watch:
    """Watches the folders of many paths with one watcher, from a thread of its own.

    `add` and `remove` ask no file system. Wake-ups come from the thread, must return at once, and
    may still come shortly after `remove` or `close`.

    Attributes:
        degraded: Why some wake-ups do not come at the moment; None when all do.
    """

    def __init__(self) -> None:
        self.degraded: str | None = None
        self._wakes: dict[str, set[Wake]] = {}
        self._lock = threading.Lock()
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def add(self, path: Path, wake: Wake) -> None:
        """Has `wake` called when something changes at `path`, and once when watching begins.

        Nothing needs to be there yet.
        """
        with self._lock:
            self._wakes.setdefault(os.path.abspath(path), set()).add(wake)
            self._ring()

    def remove(self, path: Path, wake: Wake) -> None:
        """Undoes `add`."""
        name = os.path.abspath(path)
        with self._lock:
            self._wakes.get(name, set()).discard(wake)
            if not self._wakes.get(name):
                self._wakes.pop(name, None)
            self._ring()

    def close(self) -> None:
        """Ends the thread."""
        with self._lock:
            self._ring()
            self._closed = True
        self._thread.join(timeout=1.0)

    def _ring(self) -> None:
        if not self._closed:  # after that the thread closes the descriptor
            os.eventfd_write(self._bell, 1)

    # ---- in the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        self._is_rung(None)
        while not self._closed:
            try:
                with closing(Inotify()) as inotify:
                    self._watch(inotify)
            except OSError as error:
                self._tell([error])
                self._is_rung(REVIEW_S)
        os.close(self._bell)

    def _watch(self, inotify: Inotify) -> None:
        """Passes wake-ups on, and looks from time to time where the paths are now."""
        places: dict[str, set[Place]] = {}
        names: dict[Place, set[str]] = {}
        survey_at = 0.0
        while not self._closed:
            if (left_s := survey_at - time.monotonic()) <= 0.0:
                before, places = places, self._survey(inotify)
                for watch in _watches(before) - _watches(places):
                    inotify.remove(watch)
                names = _turned(places)
                self._wake(name for name in places if places[name] != before.get(name))
                survey_at = time.monotonic() + REVIEW_S
            elif self._is_rung(left_s, inotify.fd):
                survey_at = min(survey_at, time.monotonic() + SETTLE_S)
            else:
                for change in (changes := inotify.read()):
                    self._wake(places if change.is_lost else names.get(change.place, ()))
                if any(change.is_gone for change in changes):
                    survey_at = 0.0  # another folder may have its name by now
                time.sleep(REST_S)

    def _survey(self, inotify: Inotify) -> dict[str, set[Place]]:
        """Watches the folders of all paths; returns where each path is.

        A link is watched where it stands and where it leads.
        """
        failures = list[OSError]()

        @cache
        def watch_of(folder: str) -> int | None:
            try:
                return inotify.add(folder)
            except (FileNotFoundError, NotADirectoryError):
                return None  # not there yet; the next survey sees it
            except OSError as error:
                failures.append(error)
                return None

        with self._lock:
            registered = list(self._wakes)
        places: dict[str, set[Place]] = {}
        for name in registered:
            links = {name, os.path.realpath(name)} if os.path.islink(name) else {name}
            split = map(os.path.split, links)
            places[name] = {
                (watch, base) for folder, base in split if (watch := watch_of(folder)) is not None
            }
        self._tell(failures)
        return places

    def _wake(self, names: Iterable[str]) -> None:
        with self._lock:
            wakes = {wake for name in names for wake in self._wakes.get(name, ())}
        for wake in wakes:
            wake()

    def _is_rung(self, within_s: float | None, *fds: int) -> bool:
        """Waits for something to read, or for paths that are added or removed, which it tells."""
        poll = select.poll()
        for fd in (self._bell, *fds):
            poll.register(fd, select.POLLIN)
        poll.poll(None if within_s is None else 1_000 * within_s)
        try:
            return os.eventfd_read(self._bell) > 0
        except BlockingIOError:
            return False

    def _tell(self, failures: Sequence[OSError]) -> None:
        reason = f"watching folders failed: {failures[0]}" if failures else None
        if reason not in (None, self.degraded):
            log.warning("%s; files are looked at from time to time instead", reason)
        self.degraded = reason


def _watches(places: Mapping[str, Iterable[Place]]) -> set[int]:
    return {watch for found in places.values() for watch, _ in found}


def _turned(places: Mapping[str, Iterable[Place]]) -> dict[Place, set[str]]:
    """Which names are told of by what happens at a place."""
    names: dict[Place, set[str]] = defaultdict(set)
    for name, found in places.items():
        for place in found:
            names[place].add(name)
    return names
