"""A run file opened as a viewer opens it, asked everything, and how much of it was read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from karn_view.alerting import Alerting
from karn_view.cache import Cache
from karn_view.formats.rows import Overrides
from karn_view.library import Library
from karn_view.run import Run
from karn_view.server.access import Access
from karn_view.server.app import make_app
from karn_view.server.hub import Hub
from karn_view.sources import File
from karn_view.tail import Tail
from starlette.testclient import TestClient

NAME = "testserver"
OF_NOW = ("reason", "revision", "cursor")
"""What two viewers may tell differently: how long ago things were, and what their pages have."""


class Counting(File):
    """A file that counts what is read of it."""

    read_bytes = 0

    def read(self, offset: int, length: int) -> bytes:
        found = super().read(offset, length)
        type(self).read_bytes += len(found)
        return found


def opened(path: Path, cache: Cache | None, **overrides: str) -> Run:
    """A run that was read to its end by a first pass."""
    Counting.read_bytes = 0
    tail = Tail(path, open_source=Counting.open)
    run = Run("id", "name", path, tail, overrides=Overrides(**overrides), cache=cache)
    alerting = Alerting()
    for _ in run.advance():
        alerting.look(run)
    return run


def keep(path: Path, cache: Cache, **overrides: str) -> None:
    """Opens a file, and closes it once everything is in the cache."""
    opened(path, cache, **overrides).close()
    settle(cache)


def settle(cache: Cache) -> None:
    """Waits until everything is written."""
    with cache._lock:
        written = cache._writer.submit(lambda: None)
    written.result(timeout=30)


def read_anew(path: Path, cache: Cache, **overrides: str) -> bool:
    """Whether a viewer reads a file from its beginning although there is a cache."""
    opened(path, cache, **overrides).close()
    return Counting.read_bytes > path.stat().st_size


@contextmanager
def served(path: Path, cache: Cache | None) -> Iterator[TestClient]:
    """The interface of a viewer of one file."""
    hub = Hub()
    hub.library = Library(
        [path],
        overrides=Overrides(),
        notice=hub.notice,
        listed=hub.listed,
        cache=cache,
    )
    try:
        with TestClient(make_app(hub, Access(None, 80, frozenset({NAME})))) as client:
            run = next(run for run in hub.library.runs if run.path == path)
            run.wait_until(run.is_read, 30.0)
            yield client
    finally:
        hub.library.close()


def answers(path: Path, cache: Cache | None) -> dict[str, Any]:
    """Everything that the interface says of a run, by question."""
    with served(path, cache) as client:
        runs = client.get("/api/runs").json()["runs"]
        run = next(run for run in runs if run["source"] == str(path))
        return {
            "events": events(client, run["id"]),
            **{question: ask(client, run["id"], question) for question in questions(run)},
        }


def events(client: TestClient, run: str) -> list[Any]:
    """Every line, page by page."""
    found, after = [], "0:0"
    while True:
        page = client.get(f"/api/runs/{run}/events?after={after}&limit=10000").json()
        found += page["events"]
        after = page["cursor"]
        if page["end"]:
            return found


def questions(run: dict[str, Any]) -> Iterator[str]:
    """Of a run, with every parameter that depends on what was read of it."""
    yield from ("", "metrics", "timeline", "faults", "dashboard", "lines?first=0&limit=1000")
    for axis in ("step", "wall", "relative"):
        yield from (f"series?x={axis}&points={points}" for points in (100, 1_000_000))
    for part in (1, 3, 7):
        yield f"dashboard?at={run['offset'] * part // 8}"
        yield f"series?until={run['offset'] * part // 8}"


def ask(client: TestClient, run: str, question: str) -> Any:
    """An answer, but for what is only of this viewer's own time."""
    found = client.get(f"/api/runs/{run}/{question}".removesuffix("/")).json()
    return {key: value for key, value in found.items() if key not in OF_NOW}
