"""A thread that answers, and that nobody waits for at the end."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Worker(Executor):
    """Makes calls one after another in a thread of its own, begun with the first.

    The interpreter joins the threads of a ``ThreadPoolExecutor`` before it ends, so one that a file
    system holds would keep the whole process.
    """

    def __init__(self, name: str) -> None:
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._answer, name=name, daemon=True)

    def submit(self, call: Callable[..., T], /, *given: Any, **named: Any) -> Future[T]:
        """Returns the call's future at once. Not safe from several threads."""
        future: Future[T] = Future()
        self._calls.put((future, partial(call, *given, **named)))
        if self._thread.ident is None:
            self._thread.start()
        return future

    def _answer(self) -> None:
        while (asked := self._calls.get()) is not None:
            future, call = asked
            if not future.set_running_or_notify_cancel():
                continue
            try:
                answer = call()
            except BaseException as error:  # noqa: BLE001  # whoever asked is told
                future.set_exception(error)
            else:
                future.set_result(answer)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Has the thread end after the call that it makes now; it is never waited for."""
        try:
            while (asked := self._calls.get_nowait()) is not None:
                asked[0].cancel()
        except Empty:
            pass
        self._calls.put(None)
