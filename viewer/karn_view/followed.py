"""A run with the thread that reads it and the thread that answers for it."""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Literal, NamedTuple

from karn_view.gate import Gate
from karn_view.mounts import mount_of
from karn_view.rounds import Rounds
from karn_view.run import Run
from karn_view.watch import Watch
from karn_view.worker import Worker

log = logging.getLogger(__name__)

LOCAL_PASS_S = 30.0
"""The own pass under inotify while `Rounds` looks at the file: for what a look does not tell."""
UNSETTLED_PASS_S = 1.0
"""And while a replaced file may still get lines, or the file cannot be read."""
MOUNT_PASS_S = 0.5
UNWANTED_PASS_S = 2.0
UNWANTED_PASS_MOST_S = 5.0
"""On a mount a run that nobody looks at is polled this often, and less the longer it is silent."""
REST = 2.0
REST_MOST_S = 0.02
"""After a pass that read so many times what it computed is left to others, no longer than this:
lines that come fast are read together, most of whose cost is that of a pass."""
WANTED_S = 60.0
"""Whoever asked for a run is taken to ask again within this time."""
AT_A_TIME = Gate(2, 0.5)
"""All local files of a folder are looked at in the same moment, as when a round saw them first."""

Notice = Callable[[Run], None]
Asked = Literal["auto", "inotify", "polling"]


class How(NamedTuple):
    """By what a run is followed, why, and whether other machines may write it."""

    by: str
    why: str
    remote: bool

    @property
    def is_local(self) -> bool:
        """Whether a look at the file tells of every write to it."""
        return self.by == "inotify" and not self.remote


class Followed:
    """Follows a run until it is stopped.

    A file system that hangs holds these two threads and nobody else: the constructor and every
    method return at once.

    Attributes:
        users: How many there are who do something with it. Counted on the event loop.

    Args:
        run: The run.
        notice: Called from other threads after the run changed.
        watch: Where wake-ups come from.
        rounds: Finds what they missed, of a file that only this machine writes.
        asked: By what the user wants it to be followed.
    """

    def __init__(
        self, run: Run, notice: Notice, watch: Watch, rounds: Rounds, asked: Asked = "auto"
    ) -> None:
        self.run = run
        self.asking = Worker(f"ask-{run.id}")
        self.users = 0
        self.wanted_at = -math.inf
        self._notice = notice
        self._watch = watch
        self._rounds = rounds
        self._asked = asked
        self._silent_passes = 0
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"follow-{run.id}", daemon=True)
        self._thread.start()

    @contextmanager
    def wanted(self) -> Iterator[None]:
        """Around everything that somebody does with this run: it is followed all the while."""
        self.users += 1
        try:
            yield
        finally:
            self.users -= 1
            self.wanted_at = time.monotonic()

    @property
    def unwanted_s(self) -> float:
        """For how long nobody has wanted it; infinite when nobody ever did."""
        return 0.0 if self.users else time.monotonic() - self.wanted_at

    def wake(self) -> None:
        """Look again. Cheap, from any thread, as often as one likes."""
        self._wake.set()

    def stop(self) -> None:
        """Asks both threads to end; does not wait for a file system that hangs."""
        self._ending.set()
        self._wake.set()
        self._sleep_on()
        self.asking.shutdown()

    # ---- in the thread ---------------------------------------------------------------------

    def _follow(self) -> None:
        try:
            with self.run.asking():
                how = how_to_follow(self.run, self._asked)
            self.run.tail.patient = how.remote
            if how.by == "inotify":
                self._watch.add(self.run.path, self.wake)
            if how.is_local:
                self._rounds.add(self.run.path, self.wake)
            while not self._ending.is_set():
                self._wake.clear()
                self.run.followed_by = self._followed_by(how)
                began_s = time.thread_time()
                self._look(how)
                if not self._silent_passes:
                    self._ending.wait(min(REST * (time.thread_time() - began_s), REST_MOST_S))
                self._wake.wait(self._rest_s(how))
        except Exception as error:
            log.exception("run %s: reading stopped", self.run.name)
            self.run.give_up(f"reading stopped by an error of the viewer: {error}")
            self._notice(self.run)
        finally:
            self.run.close()
            self._sleep_on()

    def _sleep_on(self) -> None:
        self._watch.remove(self.run.path, self.wake)
        self._rounds.remove(self.wake)

    def _look(self, how: How) -> None:
        """One pass. A block and its end are read at the gate; a longer pass goes on beside it."""
        self._silent_passes += 1
        steps = self.run.advance()
        with AT_A_TIME.passing() if how.is_local else nullcontext():
            goes_on = self._step(steps) and self._step(steps)
        while goes_on and not self._ending.is_set():
            goes_on = self._step(steps)

    def _step(self, steps: Iterator[None]) -> bool:
        """Reads the next block of a pass; False when there is none."""
        for _ in steps:
            self._silent_passes = 0
            self._notice(self.run)
            return True
        return False

    def _followed_by(self, how: How) -> tuple[str, str]:
        degraded = self._watch.degraded if how.by == "inotify" else None
        return ("polling", degraded) if degraded else (how.by, how.why)

    def _rest_s(self, how: How) -> float:
        if how.is_local:
            settled = self.run.tail.is_settled and not self.run.trouble
            return LOCAL_PASS_S if settled else UNSETTLED_PASS_S
        if self.unwanted_s < WANTED_S:
            return MOUNT_PASS_S
        return min(UNWANTED_PASS_S * (1 << min(self._silent_passes, 8)), UNWANTED_PASS_MOST_S)


def how_to_follow(run: Run, asked: Asked) -> How:
    """Chooses by the kind of mount that holds a run, unless the user did. May block."""
    mount = mount_of(run.path)
    if asked != "auto":
        return How(asked, f"as asked for; the file is on {mount.kind}", mount.remote)
    if mount.remote:
        return How("polling", f"{mount.kind} does not tell of other machines' writes", True)
    return How("inotify", f"{mount.kind} is a local file system", False)
