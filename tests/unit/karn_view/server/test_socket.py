import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from karn_view.server.socket import Client
from karn_view.server.turns import Turns


class Library(dict[str, Any]):
    """One run that is followed."""

    def __init__(self) -> None:
        self.runs = [SimpleNamespace(id="run")]
        super().__init__(run=SimpleNamespace(run=self.runs[0]))

    def describe(self) -> list[dict[str, Any]]:
        return []


class Socket:
    async def send(self, message: dict[str, Any]) -> None:
        pass


@pytest.mark.parametrize("slow", ["_connected", "_listed"])
def test_a_list_that_changes_around_a_greeting_begins_no_feed_twice(
    slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    may_answer = asyncio.Event()

    async def pull(client: Client, feed: object) -> None:
        begun.append(feed)

    async def tell(call: Callable[[], bytes]) -> bytes:
        if call.__name__ == slow:
            await may_answer.wait()
        return call()

    monkeypatch.setattr(Client, "_pull_for_ever", pull)

    async def greet() -> None:
        hub = SimpleNamespace(library=Library(), tell_of_all=tell, turns=Turns(16))
        client = Client(cast(Any, Socket()), cast(Any, hub))
        async with client.tasks:
            tasks = [
                client.tasks.create_task(task())
                for task in (client._subscribe_for_ever, client._relist_for_ever)
            ]
            client.hello = SimpleNamespace(  # type: ignore[assignment]
                runs=None, cursors={}, checks={}, wants=[], replay={}
            )
            events = (client.asked, client.listed)
            for happens in events if slow == "_connected" else reversed(events):
                happens.set()
                await asyncio.sleep(0.05)
            may_answer.set()
            await asyncio.sleep(0.05)
            for task in tasks:
                task.cancel()

    asyncio.run(greet())
    assert len(begun) == 1
