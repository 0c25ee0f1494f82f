"""The HTTP interface: questions about runs, answered as JSON or binary columns."""

import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from karn_view import __version__
from karn_view.cursor import START, Cursor
from karn_view.describe import curve, dashboard, describe_whole, metrics, timeline
from karn_view.errors import KarnViewError, UnknownRun
from karn_view.followed import Followed
from karn_view.pages import PAGE_LINES, PAGE_LINES_MOST, Wanted, read_page
from karn_view.server.encode import curves_as_binary, curves_as_json, encode_json
from karn_view.server.hub import Hub

BINARY = "application/octet-stream"
POINTS_MOST = 1_000_000
BINS_MOST = 10_000
SERIES_MOST = 500

Answer = Callable[[Followed, Request], Any]


def _json(content: Any, status: int = 200) -> Response:
    return Response(encode_json(content), status, media_type="application/json")


async def health(request: Request) -> Response:
    """That the server answers, and for how many."""
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
    hub: Hub = request.app.state.hub
    content = await hub.tell(lambda: encode_json({"runs": hub.library.describe()}))
    return Response(content, media_type="application/json")


def _about_run(answer: Answer, *, reads: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint about one run; one that reads the file is answered on that run's own thread."""

    async def endpoint(request: Request) -> Response:
        hub: Hub = request.app.state.hub
        followed = hub.library[request.path_params["id"]]

        def reply() -> Any:
            followed.run.wait_for_first_pass()
            return answer(followed, request)

        with followed.wanted():
            content = await (hub.ask(followed, reply) if reads else hub.tell(reply))
        return content if isinstance(content, Response) else _json(content)

    return endpoint


def _run(followed: Followed, request: Request) -> Any:
    return describe_whole(followed.run)


def _metrics(followed: Followed, request: Request) -> Any:
    return {"metrics": metrics(followed.run)}


def _series(followed: Followed, request: Request) -> Any:
    query, run = request.query_params, followed.run
    names = query.getlist("name") or [metric["name"] for metric in metrics(run)][:SERIES_MOST]
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
                axis=query.get("x", "step"),
                first=_number(query.get("from"), "from"),
                last=_number(query.get("to"), "to"),
                points=_whole(query.get("points"), "points", 1000, POINTS_MOST),
                until=_whole_or_none(query.get("until"), "until"),
            )
            for name in names
        ]
    if BINARY in request.headers.get("accept", ""):
        return Response(curves_as_binary(curves, head), media_type=BINARY)
    return Response(curves_as_json(curves, head), media_type="application/json")


def _events(followed: Followed, request: Request) -> Any:
    query, run = request.query_params, followed.run
    after = Cursor.parse(query["after"]) if "after" in query else START
    generation = query.get("generation")
    if generation is not None and generation != after.generation:
        if generation not in run.ends:
            raise UnknownRun("this generation of the file is not at hand")
        after = Cursor(generation, 0)
    wanted = Wanted(
        types=_set(query.getlist("type")),
        severities=_set(query.getlist("severity")),
        text=query.get("q", ""),
        limit=_whole(query.get("limit"), "limit", PAGE_LINES, PAGE_LINES_MOST),
    )
    page = read_page(run, after, wanted)
    return {
        "events": page.items,
        "after": str(page.after),
        "cursor": str(page.cursor),
        "end": page.end,
        "reset": page.reset,
    }


def _dashboard(followed: Followed, request: Request) -> Any:
    return dashboard(followed.run, _whole_or_none(request.query_params.get("at"), "at"))


def _timeline(followed: Followed, request: Request) -> Any:
    return timeline(followed.run, _whole(request.query_params.get("bins"), "bins", 200, BINS_MOST))


def _faults(followed: Followed, request: Request) -> Any:
    limit = _whole(request.query_params.get("limit"), "limit", PAGE_LINES, PAGE_LINES_MOST)
    with followed.run.lock:
        store = followed.run.current.store
        return {
            "faults": [{"offset": row.offset, "reason": row.text} for row in store.faults[:limit]],
            "count": store.fault_count,
        }


def _set(values: list[str]) -> frozenset[str]:
    return frozenset(part for value in values for part in value.split(",") if part)


def _number(text: str | None, name: str) -> float | None:
    if text is None or text == "":
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise KarnViewError(f"{name} is a number, not {text[:40]!r}")
    return value


def _whole_or_none(text: str | None, name: str) -> int | None:
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise KarnViewError(f"{name} is a whole number from 0, not {text[:40]!r}")
    return int(text)


def _whole(text: str | None, name: str, default: int, most: int) -> int:
    value = _whole_or_none(text, name)
    if value is None:
        return default
    if not 1 <= value <= most:
        raise KarnViewError(f"{name} is from 1 to {most}, not {value}")
    return value


routes: list[BaseRoute] = [
    Route("/api/health", health),
    Route("/api/runs", runs),
    Route("/api/runs/{id}", _about_run(_run)),
    Route("/api/runs/{id}/metrics", _about_run(_metrics)),
    Route("/api/runs/{id}/series", _about_run(_series)),
    Route("/api/runs/{id}/events", _about_run(_events, reads=True)),
    Route("/api/runs/{id}/dashboard", _about_run(_dashboard, reads=True)),
    Route("/api/runs/{id}/timeline", _about_run(_timeline)),
    Route("/api/runs/{id}/faults", _about_run(_faults)),
]
