"""What one client is owed of one run: messages, each made when it can be sent."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import msgspec

from karn_view.cursor import START, UNNAMED, Cursor
from karn_view.describe import dashboard, describe, metrics
from karn_view.follow import Follower
from karn_view.followed import Followed
from karn_view.pages import Page, strict
from karn_view.server.encode import each, encode_json
from karn_view.server.hub import Hub
from karn_view.server.layouts import Told, in_brief
from karn_view.store.store import Store

POINT_ROWS_MOST = 2_000
"""A client further behind than this gets a snapshot, and draws thinned curves instead."""
POINT_ROWS_A_SECOND = 20_000
"""A client is told points no faster, so where more lines come for long it gets snapshots."""
SLOW_S = 0.25
"""Least time between two snapshots, and between two descriptions, of one run for one client."""
DASHBOARD_S = 0.1
CLIENT_S = 0.0005
"""Both times are this long for each client at least, so that many leave room for lines."""
PAGE_LINES = 1_000
FAULTS_TOLD = 20
AGAIN_S = 1.0
"""When to ask again for the place of a cursor: the file does not answer, or is not read so far."""

UNKNOWN = Cursor("unknown", 1)
At = tuple[str, int, int, int, int]
"""Generation, revision, rows, metrics and faults that a snapshot covers."""

Stand = dict[str, str | None]
"""Cursor and check: where a client stands."""

WANTS = ("state", "points", "layout", "events", "dashboard")


class Feed:
    """Pulls for one client, so that a slow one falls behind alone and queues nothing.

    ``messages`` gives what is due; ``again_in_s`` says when to ask again though nothing changed,
    and ``wake`` is set when something did.

    Args:
        hub: Where messages are shared.
        followed: The run.
        wants: Some of ``WANTS``.
        cursor: Everything before it is there already.
        check: Evidence for the cursor, as an earlier message gave it.
        laid: Ids of the layouts that the client was told, by whichever of its feeds.
    """

    def __init__(
        self,
        hub: Hub,
        followed: Followed,
        wants: frozenset[str],
        cursor: Cursor,
        check: str = "",
        laid: set[str] | None = None,
    ) -> None:
        self.run = followed.run
        self.wake = asyncio.Event()
        self.again_in_s: float | None = None
        self._hub = hub
        self.followed = followed
        self._wants = wants
        self._laid = set[str]() if laid is None else laid
        self._cursor, self._check = cursor, check
        self._follower: Follower | None = None
        self._stand: Stand = {}
        """Cursor and check of the lines that were sent; empty for who wants none."""
        self._generation = ""
        self._revision = -1
        self._row = 0
        self._metrics = 0
        self._faults = 0
        self._dashboard_version = -1
        self._told_dashboard = b""
        self._state_version = -1
        self._state = ""
        self._due: dict[str, float] = {}

    async def messages(self) -> AsyncIterator[bytes]:
        """Everything that is due now; at most one page of lines, so that runs take turns."""
        self.again_in_s = None
        if self._follower is None:
            if self._cursor != START and (self.run.hang or self._is_early()):
                self.again_in_s = AGAIN_S
                if self._is_due("state", self._state_version, SLOW_S):
                    yield await self._described()
                return
            if self._cursor == START:
                self._follower = await self._hub.tell(self._begin)
            else:
                self._follower = await self._hub.ask(self.followed, self._begin)
            if "events" in self._wants:
                self._stand = self._first_stand(self._follower)
            async for message in self._snapshot(reset=self._follower.reset):
                yield message
        if "events" in self._wants:
            read = await self._next_page()
            if read is not None:
                page, at, lines = read
                if self._generation != page.cursor.generation == self.run.current.id:
                    self._stand = {"cursor": str(page.after), "check": None}
                    async for message in self._announce():
                        yield message
                if not self._is_late(page.cursor.generation):
                    self._stand = at
                self._follower.saw(page)
                yield lines
            if self._follower.owed():
                self.again_in_s = 0.0
        if self.again_in_s is None and self._generation != self.run.current.id:
            async for message in self._announce():
                yield message
        async for message in self._points():
            yield message
        for message in self._told_faults():
            yield message
        if self._is_due("dashboard", self._dashboard_version, DASHBOARD_S):
            message = await self._dashboard()
            if message != self._told_dashboard:
                self._told_dashboard = message
                yield message
        turned = self._state != self.run.judgement.state
        if self._is_due("state", self._state_version, 0.0 if turned else SLOW_S):
            yield await self._described()

    def _is_early(self) -> bool:
        """Whether nobody can tell yet which lines come next; curves need not wait for that."""
        return "events" in self._wants and not self.run.can_tell(self._cursor)

    def _begin(self) -> Follower:
        """Where following begins; a cursor whose evidence fails is none. Reads the file.

        Evidence that cannot be had, as while the file is replaced, is none against the cursor.
        """
        follower = Follower(self.run, self._cursor)
        if self._check and not follower.reset:
            evidence = self.run.tail.check(self._cursor.offset, self._cursor.generation)
            if evidence not in (None, self._check):
                return Follower(self.run, UNKNOWN)
        return follower

    def _first_stand(self, follower: Follower) -> Stand:
        is_known = follower.start == self._cursor
        return {"cursor": str(follower.start), "check": self._check if is_known else None}

    async def _announce(self) -> AsyncIterator[bytes]:
        """Another generation: says why, then starts anew."""
        if self._generation not in ("", UNNAMED):
            yield encode_json(
                {
                    "type": "generation",
                    "run": self.run.id,
                    "generation": self.run.current.id,
                    "reason": self.run.reasons.get(self.run.current.id, ""),
                }
            )
        async for message in self._snapshot(reset=True):
            yield message

    def _measured(self) -> Told:
        """The metrics as they are told: all of each, or in brief."""
        if "points" not in self._wants:
            return Told()
        measured = metrics(self.run)
        return in_brief(measured) if "layout" in self._wants else Told(own=each(measured))

    def _layout(self, measured: Told) -> list[bytes]:
        """The layout of metrics in brief, unless the client has it."""
        if not measured.layout or measured.layout in self._laid:
            return []
        self._laid.add(measured.layout)
        return [measured.message]

    async def _snapshot(self, *, reset: bool) -> AsyncIterator[bytes]:
        def make() -> tuple[dict[str, Any], Told, At, str]:
            with self.run.lock:
                store = self.run.current.store
                at = (
                    self.run.current.id,
                    store.revision,
                    len(store),
                    len(store.series),
                    store.fault_count,
                )
                cursor = self.run.cursor
                info = describe(self.run)
            shown = dashboard(self.run) if "dashboard" in self._wants else None
            return (
                {
                    "type": "snapshot",
                    "run": self.run.id,
                    "generation": cursor.generation,
                    "cursor": str(cursor),
                    "check": self.run.tail.check(cursor.offset),
                    "revision": info["revision"],
                    "info": msgspec.Raw(encode_json(info)),
                    "dashboard": msgspec.Raw(encode_json(shown)),
                },
                self._measured(),
                at,
                info["state"],
            )

        version = self.run.version
        key = ("snapshot", version, self._wants & {"points", "layout", "dashboard"})
        message, measured, at, self._state = await self._hub.frame(self.run, key, make)
        self._generation, self._revision, self._row, self._metrics, self._faults = at
        self._dashboard_version = self._state_version = version
        self._may("snapshot", SLOW_S)
        for layout in self._layout(measured):
            yield layout
        yield encode_json({**message, "metrics": measured.own, **self._stand, "reset": reset})

    async def _next_page(self) -> tuple[Page, Stand, bytes] | None:
        follower = self._follower
        assert follower is not None
        owed = follower.owed()
        if not owed:
            return None
        ends = self.run.ends.get(owed[0].generation)
        page, at, lines = await self._hub.frame(
            self.run, ("page", owed[0], ends), lambda: self._read(follower), self.followed
        )
        if lines:
            return page, at, lines
        follower.saw(page)
        return None

    def _read(self, follower: Follower) -> tuple[Page, Stand, bytes]:
        """A page, where it ends, and its lines as a message, which is all that is kept of them."""
        page = follower.read(PAGE_LINES)
        check = self.run.tail.check(page.cursor.offset, page.cursor.generation)
        at: Stand = {"cursor": str(page.cursor), "check": check}
        return page._replace(items=[]), at, self._records(page, at) if page.items else b""

    def _is_late(self, generation: str) -> bool:
        """Whether lines belong to a file that the client has left behind: they lead nowhere."""
        stood = str(self._stand["cursor"]).partition(":")[0]
        order = list(self.run.ends)
        return stood in order and order.index(generation) < order.index(stood)

    def _records(self, page: Page, at: Stand) -> bytes:
        return encode_json(
            {
                "type": "append",
                "run": self.run.id,
                "generation": page.cursor.generation,
                "after": str(page.after),
                **at,
                "records": each(page.items),
            }
        )

    async def _points(self) -> AsyncIterator[bytes]:
        if "points" not in self._wants:
            return
        store = self.run.current.store
        rows, revision, metric_count = len(store), store.revision, len(store.series)
        if (rows, revision) == (self._row, self._revision):
            return
        is_sketched = self.run.current.sketch is not None  # points belong before what is shown
        behind = rows - self._row
        if is_sketched or revision != self._revision or behind > POINT_ROWS_MOST:
            if self._may("snapshot", SLOW_S):
                async for message in self._snapshot(reset=False):
                    yield message
            return
        if not self._may("points", behind / POINT_ROWS_A_SECOND, alone=True):
            return
        with_metrics = metric_count != self._metrics
        brief = "layout" in self._wants
        covered = (self._row, rows, with_metrics, brief, *self._stand.values())
        key = ("points", self.run.current.id, revision, *covered)
        make = partial(self._new_points, self._row, rows, self._stand, with_metrics=with_metrics)
        message, measured = await self._hub.frame(self.run, key, make)
        self._metrics, self._row = metric_count, rows
        for layout in self._layout(measured):
            yield layout
        yield message

    def _new_points(
        self, first: int, end: int, at: Stand, *, with_metrics: bool
    ) -> tuple[bytes, Told]:
        """New points as a message, and the metrics that it tells anew."""
        with self.run.lock:
            store = self.run.current.store
            cursor = self.run.cursor
            points = dict(_told_points(store, first, end))
            message: dict[str, Any] = {
                "type": "append",
                "run": self.run.id,
                "generation": cursor.generation,
                "cursor": str(cursor),
                "check": self.run.tail.check(cursor.offset, cursor.generation),
                **at,
                "revision": store.revision,
                "lines": len(store),
                "faults": store.fault_count,
                "points": points,
            }
        if not with_metrics:
            return encode_json(message), Told()
        measured = self._measured()
        return encode_json({**message, "metrics": measured.own}), measured

    def _told_faults(self) -> list[bytes]:
        store = self.run.current.store
        new = store.faults[self._faults :]
        self._faults += len(new)
        return [
            encode_json(
                {
                    "type": "fault",
                    "run": self.run.id,
                    "offset": row.offset,
                    "reason": row.text,
                    "faults": store.fault_count,
                }
            )
            for row in new[-FAULTS_TOLD:]
        ]

    async def _dashboard(self) -> bytes:
        version = self._dashboard_version = self.run.version
        cursor = self.run.cursor
        stand = self._stand or {"cursor": str(cursor)}

        def make() -> bytes:
            return encode_json(
                {
                    "type": "append",
                    "run": self.run.id,
                    "generation": cursor.generation,
                    **stand,
                    "dashboard": dashboard(self.run),
                }
            )

        return await self._hub.frame(self.run, ("dashboard", version, stand["cursor"]), make)

    async def _described(self) -> bytes:
        version = self._state_version = self.run.version
        self._state = self.run.judgement.state
        return await self._hub.frame(
            self.run,
            ("state", version),
            lambda: encode_json({"type": "state", "run": describe(self.run)}),
        )

    def _is_due(self, want: str, told_version: int, every_s: float) -> bool:
        stale = want in self._wants and told_version != self.run.version
        return stale and self._may(want, every_s)

    def _may(self, what: str, every_s: float, *, alone: bool = False) -> bool:
        """Whether enough time has passed since the last one; if not, asks to be called again.

        Unless it is ``alone``, the time is longer the more clients there are.
        """
        now = time.monotonic()
        wait = self._due.get(what, 0.0) - now
        if wait > 0:
            self.again_in_s = wait if self.again_in_s is None else min(wait, self.again_in_s)
            return False
        self._due[what] = now + max(every_s, 0.0 if alone else CLIENT_S * self._hub.clients)
        return True


def _told_points(store: Store, first: int, end: int) -> Iterator[tuple[str, msgspec.Raw]]:
    """The points of each metric between two rows, each encoded by itself as `each` does it."""
    of, where = None, dict[str, msgspec.Raw]()
    for name, start, rows, values in store.points_between(first, end):
        if rows is not of:
            columns = {"x": store.x, "wall": store.walls, "offset": store.offsets}
            where = {
                key: msgspec.Raw(encode_json(column.view[rows].tolist()))
                for key, column in columns.items()
            }
            of = rows
        told = {"start": start, "y": [strict(value) for value in values.tolist()], **where}
        yield name, msgspec.Raw(encode_json(told))


def begin_at(cursor: str | None) -> Cursor:
    """A client's cursor, or the start for one that has none.

    Raises:
        KarnViewError: It is not a cursor.
    """
    return START if cursor is None else Cursor.parse(cursor)
