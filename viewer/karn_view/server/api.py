"""The HTTP interface: questions about runs, answered as JSON or binary columns."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from karn_view import __version__
from karn_view.cursor import START, Cursor
from karn_view.describe import curve, dashboard, describe_whole, metrics, timeline
from karn_view.errors import UnknownRun
from karn_view.followed import Followed
from karn_view.pages import PAGE_LINES, PAGE_LINES_MOST, Wanted, read_page
from karn_view.search import Filter, find
from karn_view.server import exports
from karn_view.server.encode import (
    Encoded,
    curves_as_binary,
    curves_as_json,
    each,
    encode_json,
    in_parts,
    parts_of,
)
from karn_view.server.hub import Hub
from karn_view.server.openapi import Question, describe
from karn_view.server.query import axis, condition, cursor, number, read, text, whole
from karn_view.store.store import AXES, BY

JSON = "application/json"
BINARY = "application/octet-stream"
POINTS_MOST = 1_000_000
BINS_MOST = 10_000
SERIES_MOST = 500
LINES_MOST = 1_000

Asked = dict[str, Any]
"""The value of each parameter of a question."""
Teller = Callable[[Followed, Asked], Any]


class Answer(Response):
    """A response that is sent in parts, so that a long one leaves the event loop to others."""

    def __init__(self, message: Encoded, media_type: str) -> None:
        self._parts = parts_of(message)
        length = sum(map(len, self._parts))
        super().__init__(headers={"content-length": str(length)}, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {"type": "http.response.start", "status": self.status_code}
        await send({**head, "headers": self.raw_headers})
        for left, part in zip(reversed(range(len(self._parts))), self._parts, strict=True):
            body = {"type": "http.response.body", "body": bytes(part), "more_body": left > 0}
            await send(body)
            await asyncio.sleep(0)


def _json(content: Any) -> Answer:
    return Answer(encode_json(content), media_type=JSON)


async def health(request: Request) -> Response:
    """That the server answers, and for how many."""
    read((), request.query_params.multi_items())
    hub: Hub = request.app.state.hub
    return _json(
        {
            "status": "ok",
            "version": __version__,
            "clients": hub.clients,
            "runs": len(hub.library),
            "uptime_s": time.monotonic() - request.app.state.started,
        }
    )


async def runs(request: Request) -> Response:
    """Every run of this viewer, described."""
    read((), request.query_params.multi_items())
    hub: Hub = request.app.state.hub
    described = await hub.tell_of_all(lambda: in_parts({}, "runs", hub.library.describe()))
    return Answer(described, JSON)


async def openapi(request: Request) -> Response:
    """This interface, described."""
    read((), request.query_params.multi_items())
    return _json(describe(QUESTIONS))


def _about_run(
    question: Question, answer: Teller, *, reads: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint about one run; one that reads the file is answered on that run's own thread."""

    async def endpoint(request: Request) -> Response:
        hub: Hub = request.app.state.hub
        asked = read(question.parameters, request.query_params.multi_items())
        asked["accept"] = request.headers.get("accept", "")
        followed = hub.library[request.path_params["id"]]

        def reply() -> Answer:
            followed.run.wait_for_first_pass()
            content = answer(followed, asked)
            return content if isinstance(content, Answer) else _json(content)

        with followed.wanted():
            return await (hub.ask(followed, reply) if reads else hub.tell(reply))

    return endpoint


def _run(followed: Followed, asked: Asked) -> Any:
    return describe_whole(followed.run)


def _metrics(followed: Followed, asked: Asked) -> Any:
    names = frozenset(asked["name"])
    told = metrics(followed.run)
    return {"metrics": each(metric for metric in told if not names or metric["name"] in names)}


def _series(followed: Followed, asked: Asked) -> Any:
    run = followed.run
    names = asked["name"] or [metric["name"] for metric in metrics(run)]
    with run.lock:
        head = {
            "cursor": str(run.cursor),
            "revision": run.current.store.revision,
            "generation": run.current.id,
        }
        curves = [
            curve(
                run,
                name,
                axis=asked["x"],
                first=asked["from"],
                last=asked["to"],
                points=asked["points"],
                until=asked["until"],
            )
            for name in names[:SERIES_MOST]
        ]
    if BINARY in asked["accept"]:
        return Answer(curves_as_binary(curves, head), media_type=BINARY)
    return Answer(curves_as_json(curves, head), media_type=JSON)


def _events(followed: Followed, asked: Asked) -> Any:
    run = followed.run
    after, generation = asked["after"] or START, asked["generation"]
    if generation is not None and generation != after.generation:
        if generation not in run.ends:
            raise UnknownRun("this generation of the file is not at hand")
        after = Cursor(generation, 0)
    wanted = Wanted(
        types=_set(asked["type"]),
        severities=_set(asked["severity"]),
        text=asked["q"] or "",
        limit=asked["limit"],
    )
    page = read_page(run, after, wanted)
    return {
        "events": each(page.items),
        "after": str(page.after),
        "cursor": str(page.cursor),
        "end": page.end,
        "reset": page.reset,
    }


def _lines(followed: Followed, asked: Asked) -> Any:
    wanted = Filter(
        types=_set(asked["type"]),
        severities=_set(asked["severity"]),
        text=asked["q"] or "",
        where=asked["where"],
    )
    found = find(
        followed.run,
        wanted,
        first=asked["first"],
        limit=asked["limit"],
        until=asked["until"],
        near=asked["near"],
        x=asked["x"],
    )
    return {**vars(found), "generation": followed.run.current.id}


def _dashboard(followed: Followed, asked: Asked) -> Any:
    return dashboard(followed.run, asked["at"])


def _timeline(followed: Followed, asked: Asked) -> Any:
    return timeline(followed.run, asked["bins"])


def _faults(followed: Followed, asked: Asked) -> Any:
    with followed.run.lock:
        store = followed.run.current.store
        faults = store.faults[: asked["limit"]]
        return {
            "faults": [{"offset": row.offset, "reason": row.text} for row in faults],
            "count": store.fault_count,
        }


def _set(values: Iterable[str]) -> frozenset[str]:
    return frozenset(part for value in values for part in value.split(",") if part)


LIMIT = whole("limit", "lines at most", default=PAGE_LINES, least=1, most=PAGE_LINES_MOST)
UNTIL = "as it was when the file ended at this byte"

ALL = (
    (Question("/api/health", "whether it works", ("status", "version", "uptime_s")), health),
    (Question("/api/runs", "every run", ("runs",)), runs),
    (exports.QUESTION, exports.export),
    (Question("/api/openapi.json", "this description", ("openapi", "paths")), openapi),
)
ONE: tuple[tuple[Question, Teller, bool], ...] = (
    (Question("/api/runs/{id}", "a run, with its configuration", ("id", "state")), _run, False),
    (
        Question(
            "/api/runs/{id}/metrics",
            "its metrics",
            ("metrics",),
            (text("name", "a metric; all of them without one", repeated=True),),
        ),
        _metrics,
        False,
    ),
    (
        Question(
            "/api/runs/{id}/series",
            "curves, thinned with every extreme kept",
            ("series", "cursor", "revision", "generation"),
            (
                text("name", "a metric; all of them without one", repeated=True),
                axis("x", "what stands on the axis", AXES, BY),
                number("from", "where the window begins"),
                number("to", "where it ends"),
                whole("points", "of a curve", default=1000, least=1, most=POINTS_MOST),
                whole("until", UNTIL),
            ),
            binary=True,
        ),
        _series,
        False,
    ),
    (
        Question(
            "/api/runs/{id}/events",
            "a page of lines",
            ("events", "after", "cursor", "end", "reset"),
            (
                cursor("after", "the cursor of the page before"),
                text("generation", "another file that this path has meant"),
                LIMIT,
                text("type", "of event; may be repeated or joined by commas", repeated=True),
                text("severity", "of event; may be repeated or joined by commas", repeated=True),
                text("q", "what the raw line contains"),
            ),
        ),
        _events,
        True,
    ),
    (
        Question(
            "/api/runs/{id}/lines",
            "lines by their number among those that fit",
            ("lines", "count", "searched", "total", "near", "generation"),
            (
                whole("first", "the number of the first, from 0; without it, those around near"),
                whole("limit", "how many", default=100, most=LINES_MOST),
                text("type", "of event; may be repeated or joined by commas", repeated=True),
                text("severity", "of event; may be repeated or joined by commas", repeated=True),
                text("q", "what the raw line contains"),
                condition("where", "a field that fits, such as loss>3; may be repeated"),
                whole("near", "a byte"),
                number("x", "near is the first line from that byte on that stands here or beyond"),
                whole("until", UNTIL),
            ),
        ),
        _lines,
        True,
    ),
    (
        Question("/api/runs/{id}/dashboard", "the dashboard", (), (whole("at", UNTIL),)),
        _dashboard,
        True,
    ),
    (
        Question(
            "/api/runs/{id}/timeline",
            "the whole run in bins of time",
            ("bins", "marks", "end"),
            (whole("bins", "how many", default=200, least=1, most=BINS_MOST),),
        ),
        _timeline,
        False,
    ),
    (
        Question("/api/runs/{id}/faults", "lines that are none", ("faults", "count"), (LIMIT,)),
        _faults,
        False,
    ),
)
QUESTIONS = (*(question for question, _ in ALL), *(question for question, _, _ in ONE))

routes: list[BaseRoute] = [
    *(Route(question.path, endpoint) for question, endpoint in ALL),
    *(
        Route(question.path, _about_run(question, answer, reads=reads))
        for question, answer, reads in ONE
    ),
]
