import asyncio
import threading
from concurrent.futures import Future
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest
from karn_view.server.hub import Hub


def test_who_is_cancelled_in_the_moment_of_its_answer_is_cancelled() -> None:
    answer: Future[None] = Future()
    asking = SimpleNamespace(submit=lambda _: answer)
    followed = cast(Any, SimpleNamespace(wanted=nullcontext, asking=asking))

    async def cancel() -> None:
        asked = asyncio.create_task(Hub().ask(followed, lambda: None))
        await asyncio.sleep(0)
        answer.set_result(None)
        asyncio.get_running_loop().call_soon(asked.cancel)
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(cancel())


def test_what_is_told_of_all_runs_is_made_one_after_another() -> None:
    asked = threading.Event()

    def answer() -> int:
        assert asked.wait(10)
        return threading.get_ident()

    async def ask() -> None:
        hub = Hub()
        answers = [asyncio.create_task(hub.tell_of_all(answer)) for _ in range(2)]
        await asyncio.sleep(0)
        asked.set()
        one, other = await asyncio.gather(*answers)
        assert one == other

    asyncio.run(ask())
