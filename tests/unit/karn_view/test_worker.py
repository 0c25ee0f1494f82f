import threading
from concurrent.futures import CancelledError

import pytest
from karn_view.worker import Worker


def test_calls_are_made_in_order_by_one_thread() -> None:
    worker = Worker("answers")
    names = [worker.submit(lambda: threading.current_thread().name) for _ in range(3)]
    assert [name.result(10) for name in names] == ["answers"] * 3
    assert worker.submit(divmod, 7, 2).result(10) == (3, 1)
    worker.shutdown()


def test_what_a_call_raises_is_told_to_whoever_asked() -> None:
    worker = Worker("answers")
    with pytest.raises(ZeroDivisionError):
        worker.submit(divmod, 7, 0).result(10)
    assert worker.submit(len, "ab").result(10) == 2
    worker.shutdown()


def test_a_call_that_is_held_up_is_not_waited_for_and_what_comes_after_it_is_called_off() -> None:
    worker, held = Worker("answers"), threading.Event()
    first, second = worker.submit(held.wait, 30), worker.submit(len, "ab")
    worker.shutdown(wait=True)
    with pytest.raises(CancelledError):
        second.result(10)
    held.set()
    assert first.result(10) is True
    worker._thread.join(10)
    assert not worker._thread.is_alive()
