"""The runs this viewer knows: all are listed, and those that are looked at or grow are read."""

import gc
import hashlib
import resource
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from karn_view.cache import Cache
from karn_view.describe import describe
from karn_view.errors import TooManyRuns, UnknownRun
from karn_view.finding import Found, files_below, files_beside, is_one_of, is_run, shown
from karn_view.folder import Changes, Folder
from karn_view.followed import Asked, Followed, Notice
from karn_view.formats.rows import Overrides
from karn_view.glance import Glance, glance_at, unread
from karn_view.pieces import Info, continued
from karn_view.rounds import Rounds
from karn_view.run import Run
from karn_view.sources import open_source
from karn_view.store.column import Allocate, anonymous
from karn_view.tail import Tail
from karn_view.watch import Watch

FOLLOWED_MOST = 128
"""So many runs are followed though nobody looks at them, the youngest ones."""
UNASKED_BYTES = 256 << 20
"""And so much is read of them, all told, before somebody asks."""
WANTED_MOST = 1_000
"""More runs are never followed at a time."""
DESCRIPTORS_A_RUN = 8
"""Fewer are followed where few are granted: each run has its file open, and older ones."""
SILENT_S = 60.0
"""A run that is silent for so long makes room for one that grows."""
OPEN_S = 2.0
"""A path gets so long to say what it is before the viewer goes on without it."""
READ_S = 0.5
"""And so long for its runs to be read or glanced at before somebody can ask, if they are few."""
SHOWN_S = 1.0
"""Many are listed before any is read: the list is waited for, but no longer than this."""
BETWEEN_S = 0.002
"""One run begins to be followed so long after another: a hundred threads that begin at once would
have the event loop wait for the interpreter."""
TELL_S = 0.5
CLOCK_S = 1.0
MANY_RUNS = 500
"""So many at once are listed before they are read, and kept from the collector."""
YOUNG, OLD = 1, 2
"""When files are listed, all that was found of them is old: to look at it would take 10 ms."""
SUFFIXES = (".gz", ".zst", ".jsonl", ".ndjson", ".json", ".log", ".txt")


@dataclass
class Entry:
    """A run of the list; what was glanced of it while it is not followed.

    Attributes:
        within: The folder that it must not lead out of; None for a path that the user gave.
    """

    id: str
    name: str
    path: Path
    within: str | None = None
    found: Found | None = None
    glance: Glance | None = None

    @property
    def seen(self) -> Info | None:
        """The run as it was when it was glanced at last."""
        return self.glance.seen if self.glance is not None else None

    def info(self) -> dict[str, Any]:
        """The run as ``api/runs`` lists it while it is not followed."""
        if self.glance is not None:
            return self.glance.info()
        return unread(self.id, self.name, self.path, self.found)


class Library:
    """Run files and folders of them. New files of a folder appear, removed ones go.

    Args:
        paths: What to show; a path that does not exist yet is waited for as a run file.
        overrides: How to read them, where the user knows better.
        notice: Called from other threads after a run changed.
        listed: Called from other threads after the list changed, or more became known of its runs.
        asked: By what the runs are to be followed.
        allocate: Makes room for their numbers.
        cache: Where what is known of large ones is kept for the next time.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        *,
        overrides: Overrides,
        notice: Notice,
        listed: Callable[[], None],
        asked: Asked = "auto",
        allocate: Allocate = anonymous,
        cache: Cache | None = None,
    ) -> None:
        self._overrides = overrides
        self._notice = notice
        self._listed = listed
        self._asked = asked
        self._allocate = allocate
        self._cache = cache
        self._watch = Watch()
        self._rounds = Rounds()
        self._entries: dict[str, Entry] = {}
        self._followed: dict[str, Followed] = {}
        self._folders: list[Folder] = []
        self._given: dict[Path, set[str]] = {}
        """The files that were given, by their folders."""
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._shown = threading.Event()
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = min(FOLLOWED_MOST, descriptors // DESCRIPTORS_A_RUN)
        self._wanted_most = min(WANTED_MOST, descriptors // DESCRIPTORS_A_RUN)
        threading.Thread(target=self._look_at_the_clock, name="clock", daemon=True).start()
        opened = {path: self._open(path) for path in paths}
        _wait(opened.values(), OPEN_S)
        for path in [path for path, event in opened.items() if not event.is_set()]:
            self._follow_once(self._entries.get(id_of(path)))  # its run tells what it waits for
        if len(self) < MANY_RUNS:
            _wait([folder.listed for folder in self._folders], READ_S)

    # ---- asked by others -------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def runs(self) -> list[Run]:
        """The runs that are followed."""
        with self._lock:
            return [followed.run for followed in self._followed.values()]

    def __contains__(self, id: str) -> bool:
        return id in self._entries

    def __getitem__(self, id: str) -> Followed:
        """A run with its threads; it is followed from now on if it was not. No I/O.

        It is given up when others are asked for, unless it is used as `Followed.wanted`.

        Raises:
            UnknownRun: This viewer has no run of this id.
            TooManyRuns: Others ask for more runs than can be followed.
        """
        with self._lock:
            if id not in self._entries:
                raise UnknownRun("no such run: it was removed, or belongs to another viewer")
            if id not in self._followed:
                if not self._make_room(0.0) and len(self._followed) >= self._wanted_most:
                    raise TooManyRuns(
                        f"{len(self._followed)} runs are looked at already; try again later"
                    )
                self._follow(self._entries[id])
                self._listed()
            return self._followed[id]

    def describe(self) -> Iterator[dict[str, Any]]:
        """Every run, and which is part of which or goes on with it. Takes each run's lock.

        One by one, each let go before the next is made: thousands that are there at a time are
        looked at for cycles again and again, which holds the interpreter for 10 ms each time.
        """
        with self._lock:
            entries, followed = dict(self._entries), dict(self._followed)
        read = {id: describe(each.run) for id, each in followed.items()}
        known = {id: info for id in entries if (info := read.get(id) or entries[id].seen)}
        part_of = {
            id: whole
            for id, info in known.items()
            if info["asked_for"]
            and (whole := id_of(entries[id].path.with_name(info["asked_for"]))) in entries
        }
        before = continued(known.values(), part_of)
        for id, entry in entries.items():
            info = read.get(id) or entry.info()
            yield {**info, "part_of": part_of.get(id), "continues": before.get(id)}
        self._shown.set()

    def close(self) -> None:
        """Stops following; returns at once even when a file system hangs."""
        self._ending.set()
        for folder in self._folders:
            folder.stop()
        self._watch.close()
        self._rounds.close()
        with self._lock:
            followed, self._followed, self._entries = self._followed, {}, {}
        for each in followed.values():
            each.stop()

    # ---- opening paths ---------------------------------------------------------------------

    def _open(self, path: Path) -> threading.Event:
        """Shows what is at a path, from a thread of its own, as asking may take for ever."""
        opened = threading.Event()
        entry = Entry(id_of(path), name_of(path, None), path)
        self._entries[entry.id] = entry

        def open_path() -> None:
            if path.is_dir():
                with self._lock:
                    self._entries.pop(entry.id, None)
                    self._unfollow(entry.id)
                folder = Folder(path, partial(files_below, path), is_run, partial(take, path))
                self._start(folder)
                return
            with self._lock:
                given = self._given.setdefault(path.parent, set())
                is_listed = bool(given)
                given.add(path.name)
                if len(self._followed) < self._most:
                    self._follow_once(entry)
            if not is_listed:
                files, wanted = partial(files_beside, given, path.parent), partial(is_one_of, given)
                self._start(Folder(path.parent, files, wanted, partial(take, None)))
            opened.set()

        def take(top: Path | None, changes: Changes) -> None:
            self._list(changes, top)
            opened.set()
            self._read(changes)

        threading.Thread(target=open_path, name="open", daemon=True).start()
        return opened

    def _start(self, folder: Folder) -> None:
        with self._lock:
            self._folders.append(folder)
        folder.start()

    # ---- told by folders -------------------------------------------------------------------

    def _list(self, changes: Changes, top: Path | None) -> None:
        came = list[Entry]()
        for file in _kept_out_of_collections(changes.came, YOUNG):
            path = file.path
            came.append(Entry(id_of(path), name_of(path, top), path, file.within, file))
        gone = [
            id_of(path)
            for path in changes.gone
            if path.name not in self._given.get(path.parent, ())  # or it is waited for
        ]
        with self._lock:  # the event loop waits for it: nothing is computed here
            for entry in came:
                self._entries.setdefault(entry.id, entry).found = entry.found
            for id in gone:
                self._entries.pop(id, None)
                self._unfollow(id)
        self._listed()

    def _read(self, changes: Changes) -> None:
        """Follows what there is room for and glances at the rest, telling from time to time."""
        if len(changes.came) >= MANY_RUNS:
            self._shown.wait(SHOWN_S)
        grown = {file.path for file in changes.grown}
        told_at, news = time.monotonic(), False
        for file in _kept_out_of_collections((*changes.grown, *changes.came)):
            followed = len(self._followed)
            news |= self._read_one(file, grown=file.path in grown)
            if len(self._followed) > followed:
                self._ending.wait(BETWEEN_S)
            if news and time.monotonic() > told_at + TELL_S:
                told_at, news = time.monotonic(), False
                self._listed()
            if self._ending.is_set():
                return
        if news:
            self._listed()

    def _read_one(self, file: Found, *, grown: bool) -> bool:
        """Follows a run or glances at it; tells whether there is something new to list."""
        with self._lock:
            entry = self._entries.get(id_of(file.path))
            if entry is None:
                return False
            entry.found = file
            if entry.id in self._followed:
                return False
            if self._has_room(file) or (grown and self._make_room(SILENT_S)):
                self._follow(entry)
                return True
        if file.reachable:
            entry.glance = glance_at(
                entry.id, entry.name, entry.path, self._overrides, entry.within
            )
        return True

    # ---- which runs are followed -----------------------------------------------------------

    def _has_room(self, file: Found) -> bool:
        if len(self._followed) >= self._most:
            return False
        found = [self._entries[id].found for id in self._followed]
        return sum(each.size for each in found if each) + file.size <= UNASKED_BYTES

    def _make_room(self, silent_s: float) -> bool:
        """Tells whether one more run may be followed; one that nobody wants is given up for it.

        Args:
            silent_s: For how long that one has been silent and unwanted at least.
        """
        if len(self._followed) < self._most:
            return True
        free = [
            followed
            for followed in self._followed.values()
            if not followed.users and min(followed.unwanted_s, followed.run.silence_s) >= silent_s
        ]
        if not free:
            return False
        longest = max(free, key=lambda followed: (followed.unwanted_s, followed.run.silence_s))
        seen = Glance(longest.run) if longest.run.is_read() else None
        self._entries[longest.run.id].glance = seen
        self._unfollow(longest.run.id)
        return True

    def _follow_once(self, entry: Entry | None) -> None:
        with self._lock:
            if entry is not None and entry.id not in self._followed:
                self._follow(entry)

    def _follow(self, entry: Entry) -> None:
        opening = partial(open_source, within=entry.within)
        tail = Tail(entry.path, open_source=opening)
        run = Run(
            entry.id,
            entry.name,
            entry.path,
            tail,
            overrides=self._overrides,
            allocate=self._allocate,
            cache=self._cache,
        )
        self._followed[entry.id] = Followed(
            run, self._notice, self._watch, self._rounds, self._asked
        )
        entry.glance = None

    def _unfollow(self, id: str) -> None:
        followed = self._followed.pop(id, None)
        if followed is not None:
            followed.stop()

    def _look_at_the_clock(self) -> None:
        """Tells of silence and of file systems that hang, of which no line and no wake-up tells."""
        while not self._ending.wait(CLOCK_S):
            self._tell_the_time()  # whose variables hold no run from one look to the next

    def _tell_the_time(self) -> None:
        for run in self.runs:
            if run.look_at_the_clock():
                self._notice(run)


def _wait(events: Iterable[threading.Event], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    for event in events:
        event.wait(max(0.0, deadline - time.monotonic()))


def _kept_out_of_collections(files: Iterable[Found], generation: int = OLD) -> Iterator[Found]:
    """The files; what is made of each so many of them is not looked at for cycles any more.

    It has none, and each look at 10,000 runs would hold the interpreter for 70 ms. One at what is
    new takes 2 ms, and without it garbage would be kept for good.

    Args:
        files: Of a folder.
        generation: Of Python's collector; the oldest that is looked at before.
    """
    for number, file in enumerate(files, 1):
        yield file
        if number % MANY_RUNS == 0:
            gc.collect(generation)
            gc.freeze()


def id_of(path: Path) -> str:
    """The run's id: opaque, and the same for the same path in every viewer of this machine."""
    return hashlib.blake2b(
        str(path.absolute()).encode(errors="surrogateescape"), digest_size=6
    ).hexdigest()


def name_of(path: Path, folder: Path | None) -> str:
    """What people call the run: its place in the folder that was opened, without suffixes."""
    name = shown(path.relative_to(folder) if folder is not None else path.name)
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name or shown(path.name)
