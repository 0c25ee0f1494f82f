"""The interface and its own description, asked well and badly."""

import json
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw import Reply, ask
from viewing import Viewer, start_viewer

NAMES = ("name", "x", "from", "to", "points", "until", "after", "generation", "limit", "type")
PATHS = ("", "/metrics", "/series", "/events", "/dashboard", "/timeline", "/faults", "/none")
VALUES = st.one_of(
    st.text(max_size=20),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["0:0", "9" * 5_000, "a:" + "9" * 5_000, "-1", "1e999", "\x00", "x" * 9_000]),
)


@pytest.fixture(scope="module")
def viewer(sample_runs: Path) -> Iterator[Viewer]:
    started = start_viewer(sample_runs / "finished.jsonl")
    yield started
    started.close()


def got(viewer: Viewer, path: str) -> Reply:
    host, bearer = f"Host: 127.0.0.1:{viewer.port}", f"Authorization: Bearer {viewer.token}"
    return ask(viewer.port, host, bearer, first=f"GET /{path} HTTP/1.1")


def is_one_clear_line(answer: Reply) -> bool:
    if answer.headers["content-type"] == "application/json":
        reason: str = json.loads(answer.body)["error"]
    else:
        reason = answer.body.decode().removesuffix("\n")
    return bool(reason) and "\n" not in reason and "Traceback" not in reason


def test_it_is_described_where_it_is_served(viewer: Viewer) -> None:
    described = viewer.get("api/openapi.json")
    assert described["openapi"] == "3.1.0"
    run = viewer.run()["id"]
    for path, question in described["paths"].items():
        answer = got(viewer, path.lstrip("/").replace("{id}", run))
        success = question["get"]["responses"]["200"]["content"]
        assert answer.status == 200
        assert answer.headers["content-type"] in success
        if answer.headers["content-type"] != "application/json":
            continue
        found: dict[str, Any] = json.loads(answer.body)
        assert set(success["application/json"]["schema"]["required"]) <= found.keys()


def test_every_answer_has_the_date_of_now(viewer: Viewer) -> None:
    first, seen = time.time(), set[float]()
    while len(seen) < 3:
        told = parsedate_to_datetime(got(viewer, "api/health").headers["date"])
        seen.add(told.timestamp())
        assert int(first) <= told.timestamp() <= time.time()


def test_every_path_of_the_documentation_is_described(viewer: Viewer) -> None:
    interface = (Path(__file__).parents[2] / "docs" / "interface.md").read_text()
    for path in viewer.get("api/openapi.json")["paths"]:
        assert f"`{path.lstrip('/')}" in interface


@settings(max_examples=150)
@given(st.sampled_from(PATHS), st.lists(st.tuples(st.sampled_from([*NAMES, "odd"]), VALUES)))
def test_no_question_is_an_error_of_the_server(
    viewer: Viewer, path: str, query: list[tuple[str, str]]
) -> None:
    run = viewer.run()["id"]
    asked = urlencode(query, errors="surrogatepass")[:15_000]
    answer = got(viewer, f"api/runs/{run}{path}?{asked}")
    assert answer.status in (200, 400, 404)
    assert answer.status == 200 or is_one_clear_line(answer)


@settings(max_examples=100)
@given(st.text(max_size=30))
def test_no_path_is_an_error_of_the_server(viewer: Viewer, path: str) -> None:
    for place in ("", "api/", "api/runs/", "js/"):
        answer = got(viewer, place + quote(path, errors="surrogatepass"))
        assert answer.status in (200, 303, 307, 404)
        assert answer.status == 200 or answer.status < 400 or is_one_clear_line(answer)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("series?points=0", "points is from 1 to 1000000, not 0"),
        ("series?points=many", "points is a whole number from 1 to 1000000, not 'many'"),
        ("series?points=1&points=2", "points is given once"),
        ("series?x=sideways", "x is one of step, wall, relative or by:METRIC, not 'sideways'"),
        ("series?from=nan", "from is a number, not 'nan'"),
        ("series?from=", "from is a number, not ''"),
        ("events?after=here", "after is not a cursor (generation:offset): 'here'"),
        ("events?limit=10001", "limit is from 1 to 10000, not 10001"),
        ("faults?size=1", "no such parameter: 'size'; this question takes limit"),
        ("metrics?size=1", "no such parameter: 'size'; this question takes name"),
        ("?size=1", "no such parameter: 'size'; this question takes none"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(viewer: Viewer, path: str, reason: str) -> None:
    answer = got(viewer, f"api/runs/{viewer.run()['id']}/{path}".replace("/?", "?"))
    assert (answer.status, json.loads(answer.body)) == (400, {"error": reason})


def test_what_is_not_there_is_not_found(viewer: Viewer) -> None:
    run = viewer.run()["id"]
    for path in ("api/runs/none", f"api/runs/{run}/none", f"api/runs/{run}/series?name=none", "no"):
        answer = got(viewer, path)
        assert answer.status == 404
        assert is_one_clear_line(answer)
