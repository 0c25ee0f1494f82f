"""The path that gives a run to take away."""

import re
import tempfile
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from karn_view.export.csv import as_csv
from karn_view.export.page import as_page
from karn_view.export.parquet import write_parquet
from karn_view.export.table import Table
from karn_view.run import Run
from karn_view.server.hub import Hub
from karn_view.server.openapi import Question
from karn_view.server.query import number, one_of, read, text
from karn_view.store.store import AXES

CHUNK_BYTES = 1 << 18
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "html": "text/html; charset=utf-8",
}
QUESTION = Question(
    "/api/runs/{id}/export",
    "the run as a file: its numbers complete, or a page that replays it",
    (),
    (
        one_of("format", "of the file", tuple(TYPES)),
        text("name", "a metric; all of them without one", repeated=True),
        one_of("x", "what the window is of", AXES),
        number("from", "where the window begins"),
        number("to", "where it ends"),
    ),
    media=tuple(TYPES.values()),
)


async def export(request: Request) -> Response:
    """A run, or some metrics over a window, as a file. CSV is made while it is sent."""
    hub: Hub = request.app.state.hub
    asked = read(QUESTION.parameters, request.query_params.multi_items())
    followed, kind = hub.library[request.path_params["id"]], asked["format"]
    with followed.wanted():
        content = await run_in_threadpool(_content, followed.run, asked)
    headers = {"Content-Disposition": f"attachment; {_filename(followed.run.name, kind)}"}
    if isinstance(content, bytes):
        return Response(content, headers=headers, media_type=TYPES[kind])
    return StreamingResponse(content, headers=headers, media_type=TYPES[kind])


def _content(run: Run, asked: dict[str, Any]) -> bytes | Iterator[bytes]:
    run.wait_for_first_pass()
    if asked["format"] == "html":
        return as_page(run)
    window = {"axis": asked["x"], "first": asked["from"], "last": asked["to"]}
    table = Table(run, asked["name"], **window)
    return as_csv(table) if asked["format"] == "csv" else _parquet(table)


def _parquet(table: Table) -> Iterator[bytes]:
    """Written whole first: the end of the format says where everything is."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by the iterator
    try:
        write_parquet(table, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _chunks(file)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _filename(name: str, kind: str) -> str:
    """Both forms of RFC 6266: plain for old programs, exact for others."""
    plain = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.")[:100] or "run"
    return f"filename=\"{plain}.{kind}\"; filename*=UTF-8''{quote(name[:200], safe='')}.{kind}"
