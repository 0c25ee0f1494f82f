"""What was guessed is told with its reason, and may be overruled in the question."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

import pytest
from viewing import Viewer

Serve = Callable[..., Viewer]


@pytest.fixture
def viewer(serve: Serve, tmp_path: Path, eventually: Callable[..., None]) -> Viewer:
    told = [{"step": n, "epoch": n / 4, "loss": 1.0, "time": 1.8e9 + n} for n in range(8)]
    lines = ["starting", "", *map(json.dumps, told), '{"step": 8, "lo', json.dumps({"acc": 0.5})]
    (tmp_path / "run.jsonl").write_text("".join(line + "\n" for line in lines))
    viewer = serve(tmp_path / "run.jsonl")
    eventually(lambda: viewer.run()["lines"] == len(lines))
    return viewer


def test_axis_clock_and_format_are_told_with_their_reasons(viewer: Viewer) -> None:
    run = viewer.run()
    assert run["axis"]["name"] == "step"
    assert "never falls" in run["axis"]["reason"]
    assert [candidate["name"] for candidate in run["axis"]["candidates"]] == ["epoch"]
    assert run["clock"] == {"keys": ["time"], "reason": "wall time is told by time"}
    assert run["format_reason"]


def test_lines_add_up(viewer: Viewer) -> None:
    run = viewer.run()
    kinds = {kind: run[kind] for kind in ("records", "faults", "text", "blank", "within")}
    assert kinds == {"records": 9, "faults": 1, "text": 1, "blank": 1, "within": 0}
    assert run["lines"] == sum(kinds.values())


def test_any_metric_may_be_x(viewer: Viewer) -> None:
    id = viewer.run()["id"]
    answer = viewer.get(f"api/runs/{id}/series?name=loss&name=acc&x={quote('by:epoch')}")
    loss, acc = answer["series"]
    assert loss["x"] == [n / 4 for n in range(8)]
    assert (acc["x"], acc["y"]) == ([1.75], [0.5])


@pytest.mark.parametrize(("x", "status"), [("by:nothing", 404), ("nonsense", 400)])
def test_an_x_that_is_not_there_is_refused(viewer: Viewer, x: str, status: int) -> None:
    with pytest.raises(HTTPError) as refused:
        viewer.get(f"api/runs/{viewer.run()['id']}/series?name=loss&x={x}")
    with refused.value:
        assert refused.value.code == status
