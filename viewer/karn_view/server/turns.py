"""Who goes on first when many could at once."""

import asyncio
from collections import deque


class Turns:
    """Lets so many tasks go on in one round of the event loop, and the next ones in the next.

    All tasks that wait for one thing go on in one round, and whatever else comes waits for them
    all: a hundred clients that are told of a change would hold everything for 10 ms.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Returns once it is this task's turn, in the order of asking; at once when few ask."""
        loop = asyncio.get_running_loop()
        if not self._taken:
            loop.call_soon(self._begin, loop)
        if self._taken < self._most:
            self._taken += 1
            return
        turn = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins a round: those that have waited longest have it."""
        self._taken = 0
        while self._waiting and self._taken < self._most:
            turn = self._waiting.popleft()
            if not turn.done():  # or its task was cancelled
                turn.set_result(None)
                self._taken += 1
        if self._taken:
            loop.call_soon(self._begin, loop)
