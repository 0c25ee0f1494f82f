"""Which clients are told that a run changed, and the messages made once for all of them."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from karn_view.alerting import Alerting
from karn_view.followed import Followed
from karn_view.library import Library
from karn_view.run import Run
from karn_view.server.limits import ARRIVAL_S, ARRIVALS_A_SECOND
from karn_view.server.pace import Pace
from karn_view.server.turns import Turns

T = TypeVar("T")

ASK_S = 10.0
"""A file system gets this long to answer before a request says that it does not."""
TELLING_THREADS = 4
TOLD_A_ROUND = 4
"""Each takes the event loop 0.1 ms, and several times that while other threads want to compute: it
gives the interpreter away with each message that it sends."""
ALERTING = ""
"""Stands for the id of a run when what is known of alerts has changed."""
FRAMES_KEPT = 64
"""Messages kept for clients at the same place; each covers a MiB of lines at most."""


class Hub:
    """Carries changes from the threads that read to the event loop, and shares encoded messages.

    A message is a function of what it covers, so clients that are owed the same share its bytes.
    """

    def __init__(self) -> None:
        self.library: Library
        self.alerting = Alerting()
        self.arrivals = Pace(ARRIVALS_A_SECOND, ARRIVAL_S)
        self.turns = Turns(TOLD_A_ROUND)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._telling = ThreadPoolExecutor(TELLING_THREADS, thread_name_prefix="tell")
        self._listing = ThreadPoolExecutor(1, thread_name_prefix="list")
        self._listeners: set[Callable[[str | None], None]] = set()
        self._changed: set[str | None] = set()
        self._changing = threading.Lock()
        self._frames: OrderedDict[Hashable, asyncio.Task[Any]] = OrderedDict()

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    @property
    def clients(self) -> int:
        return len(self._listeners)

    def add(self, listener: Callable[[str | None], None]) -> None:
        """Tells ``listener`` the id of a run that changed, None for the list, or ``ALERTING``."""
        self._listeners.add(listener)

    def remove(self, listener: Callable[[str | None], None]) -> None:
        self._listeners.discard(listener)

    def notice(self, run: Run) -> None:
        """A run changed. From any thread; changes that nobody saw yet are one."""
        self.alerting.look(run)
        self._tell(run.id)

    def look_again(self) -> None:
        """Lets every run that is followed be looked at with the rules of now."""
        for run in self.library.runs:
            run.version += 1
            self.notice(run)

    def alerting_changed(self) -> None:
        """Rules, silences or outlets changed. From any thread."""
        self._tell(ALERTING)

    def listed(self) -> None:
        """The list of runs changed. From any thread."""
        self._tell(None)

    def _tell(self, change: str | None) -> None:
        loop = self._loop
        if loop is None or loop.is_closed() or not self._listeners:
            return
        with self._changing:
            first = not self._changed
            self._changed.add(change)
        if first:
            loop.call_soon_threadsafe(self._spread)

    def _spread(self) -> None:
        with self._changing:
            changed, self._changed = self._changed, set()
        for listener in list(self._listeners):
            for change in changed:
                listener(change)

    async def ask(self, followed: Followed, answer: Callable[[], T]) -> T:
        """Answers on the run's own thread, where waiting for a file system hurts nobody else.

        Raises:
            TimeoutError: The file system did not answer within ``ASK_S``.
        """
        with followed.wanted():
            future = asyncio.get_running_loop().run_in_executor(followed.asking, answer)
            async with asyncio.timeout(ASK_S):  # wait_for may forget that it is cancelled
                answered = await future
        await self.turns.wait()
        return answered

    async def tell(self, answer: Callable[[], T]) -> T:
        """Answers from memory, on a thread of its own, as a run's lock may be waited for."""
        return await self._answered(self._telling, answer)

    async def tell_of_all(self, answer: Callable[[], T]) -> T:
        """The same of all runs, one answer after another: thousands of runs take 0.1 s and more.

        Of two threads that compute for long the event loop gets the interpreter back much later
        than of one.
        """
        return await self._answered(self._listing, answer)

    async def _answered(self, threads: ThreadPoolExecutor, answer: Callable[[], T]) -> T:
        answered = await asyncio.get_running_loop().run_in_executor(threads, answer)
        await self.turns.wait()
        return answered

    async def frame(
        self, run: Run, key: Hashable, make: Callable[[], T], ask: Followed | None = None
    ) -> T:
        """What ``make`` gives, made once for everybody who asks with the same key.

        Args:
            run: What it is about.
            key: What it covers of the run.
            make: Makes it, from memory alone unless ``ask`` is given.
            ask: The run's threads, when the file has to be read.
        """
        key = (run.id, key)
        task = self._frames.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.ensure_future(self.ask(ask, make) if ask else self.tell(make))
            self._frames[key] = task
            if len(self._frames) > FRAMES_KEPT:
                self._frames.popitem(last=False)
        answered: T = await asyncio.shield(task)
        await self.turns.wait()
        return answered
