"""The runs this viewer knows, each followed by a thread of its own."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from karn_view.errors import UnknownRun
from karn_view.finding import Found, files_below, is_run
from karn_view.formats.rows import Overrides
from karn_view.mounts import mount_of
from karn_view.run import Run
from karn_view.tail import Tail
from karn_view.watch import Watch

log = logging.getLogger(__name__)

LOCAL_PASS_S = 1.0
"""The own pass under inotify: the truth when a wake-up was lost."""
MOUNT_PASS_S = 0.5
SCAN_S = 1.0
GONE_S = 1.5
"""A run leaves the list after its file was away for so long: a rotation is no removal."""
SUFFIXES = (".gz", ".zst", ".jsonl", ".ndjson", ".json", ".log", ".txt")

Notice = Callable[[Run], None]


class Followed:
    """A run with the thread that reads it and the thread that answers for it.

    A file system that hangs holds these two threads and nobody else.
    """

    def __init__(self, run: Run, notice: Notice, pass_s: float) -> None:
        self.run = run
        self.asking = ThreadPoolExecutor(1, thread_name_prefix=f"ask-{run.id}")
        self._notice = notice
        self._pass_s = pass_s
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"follow-{run.id}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look again. Cheap, from any thread, as often as one likes."""
        self._wake.set()

    def _follow(self) -> None:
        try:
            while not self._ending.is_set():
                self._wake.clear()
                for _ in self.run.advance():
                    self._notice(self.run)
                    if self._ending.is_set():
                        break
                self._wake.wait(self._pass_s)
        except Exception as error:
            log.exception("run %s: reading stopped", self.run.name)
            self.run.trouble = f"reading stopped by an error of the viewer: {error}"
            self._notice(self.run)
        finally:
            self.run.close()

    def stop(self) -> None:
        """Asks both threads to end; does not wait for a file system that hangs."""
        self._ending.set()
        self._wake.set()
        self.asking.shutdown(wait=False, cancel_futures=True)


class Library:
    """Run files and folders of them. New files of a folder appear, removed ones go.

    Args:
        paths: What to show; a path that does not exist yet is waited for as a run file.
        overrides: How to read them, where the user knows better.
        notice: Called from other threads after a run changed.
        listed: Called from another thread after a run appeared or went.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        *,
        overrides: Overrides,
        notice: Notice,
        listed: Callable[[], None],
    ) -> None:
        self._overrides = overrides
        self._notice = notice
        self._listed = listed
        self._watch = Watch()
        self._followed: dict[str, Followed] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._scan_wake = threading.Event()
        self._seen: dict[Path, Found] = {}
        self._gone: dict[Path, float] = {}
        paths = list(paths)
        self._folders = [path for path in paths if path.is_dir()]
        for path in paths:
            if path not in self._folders:
                self._follow(path, name_of(path, None))
        for folder in self._folders:
            self._scan(folder)
            self._watch.add(folder, self._scan_wake.set)
        self._scanner = threading.Thread(target=self._scan_for_ever, name="scan", daemon=True)
        if self._folders:
            self._scanner.start()

    @property
    def runs(self) -> list[Run]:
        """All runs, in the order in which they were named or found."""
        with self._lock:
            return [followed.run for followed in self._followed.values()]

    def __getitem__(self, id: str) -> Followed:
        """A run with its threads.

        Raises:
            UnknownRun: This viewer has no run of this id.
        """
        with self._lock:
            followed = self._followed.get(id)
        if followed is None:
            raise UnknownRun("no such run: it was removed, or belongs to another viewer")
        return followed

    def _follow(self, path: Path, name: str) -> None:
        remote = mount_of(path).remote
        run = Run(id_of(path), name, path, Tail(path, reopen=remote), overrides=self._overrides)
        run.followed_by = _how(path, self._watch.degraded)
        followed = Followed(run, self._notice, MOUNT_PASS_S if remote else LOCAL_PASS_S)
        with self._lock:
            self._followed[run.id] = followed
        if not remote:
            self._watch.add(path, followed.wake)

    def _forget(self, path: Path) -> None:
        with self._lock:
            followed = self._followed.pop(id_of(path), None)
        if followed is not None:
            self._watch.remove(path, followed.wake)
            followed.stop()

    def _scan_for_ever(self) -> None:
        while not self._stopping.is_set():
            self._scan_wake.wait(SCAN_S)
            self._scan_wake.clear()
            try:
                changed = [self._scan(folder) for folder in self._folders]
            except Exception:
                log.exception("a folder could not be scanned")
                continue
            if any(changed):
                self._listed()

    def _scan(self, folder: Path) -> bool:
        """Brings the runs of a folder up to date; returns whether one came or went."""
        found = {file.path: file for file in files_below(folder)}
        removed = self._remove_gone(folder, found)
        came = False
        for file in sorted(found.values(), key=lambda file: -file.mtime_ns):
            if self._seen.get(file.path) == file:
                continue
            self._seen[file.path] = file
            if not self._knows(file.path) and is_run(file.path):
                self._follow(file.path, name_of(file.path, folder))
                came = True
        return came or removed

    def _remove_gone(self, folder: Path, found: Collection[Path]) -> bool:
        now, removed = time.monotonic(), False
        for path in [path for path in self._seen if path.is_relative_to(folder)]:
            if path in found:
                self._gone.pop(path, None)
            elif now - self._gone.setdefault(path, now) > GONE_S:
                del self._seen[path], self._gone[path]
                self._forget(path)
                removed = True
        return removed

    def _knows(self, path: Path) -> bool:
        with self._lock:
            return id_of(path) in self._followed

    def close(self) -> None:
        """Stops following; returns at once even when a file system hangs."""
        self._stopping.set()
        self._scan_wake.set()
        self._watch.close()
        with self._lock:
            followed, self._followed = list(self._followed.values()), {}
        for each in followed:
            each.stop()


def id_of(path: Path) -> str:
    """The run's id: opaque, and the same for the same path in every viewer of this machine."""
    return hashlib.blake2b(
        str(path.absolute()).encode(errors="surrogateescape"), digest_size=6
    ).hexdigest()


def name_of(path: Path, folder: Path | None) -> str:
    """What people call the run: its place in the folder that was opened, without suffixes."""
    shown = str(path.relative_to(folder) if folder is not None else path.name)
    for suffix in SUFFIXES:
        shown = shown.removesuffix(suffix)
    return (shown or path.name).encode(errors="surrogateescape").decode(errors="replace")


def _how(path: Path, degraded: str | None) -> tuple[str, str]:
    mount = mount_of(path)
    if mount.remote:
        return "polling", f"{mount.kind} does not tell of other machines' writes"
    if degraded:
        return "polling", degraded
    return "inotify", f"{mount.kind} is a local file system"
