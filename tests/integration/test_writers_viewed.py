"""Runs of real writers as the viewer shows them: resumed, forked, and two on one path."""

from collections.abc import Callable
from pathlib import Path

from viewing import Viewer
from writing import python, run_python, said

from karn import FileOutput

Serve = Callable[..., Viewer]

FORKED = """
import os, sys
from karn import FileOutput
with FileOutput(sys.argv[1]) as run:
    run.log({"loss": 1.0}, step=0)
    child = os.fork()
    if not child:
        run.log({"loss": 2.0}, step=0)
        run.close()
        os._exit(0)
    os.waitpid(child, 0)
"""

RIVAL = """
import sys
from karn import FileOutput
with FileOutput(sys.argv[1]) as run:
    run.log({"loss": 3.0}, step=0)
    print("open", flush=True)
    input()
"""


def log(path: Path, steps: range, loss: float) -> None:
    with FileOutput(path) as run:
        for step in steps:
            run.log({"loss": loss}, step=step)


def test_a_resumed_run_shows_the_resume_and_the_branch_that_counts(
    serve: Serve, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    path = tmp_path / "run.jsonl"
    log(path, range(10), 1.0)
    viewer = serve(path)
    eventually(lambda: viewer.run()["state"] == "finished")
    log(path, range(6, 12), 2.0)
    eventually(lambda: viewer.run()["records"] == 20)
    run = viewer.run()
    (curve,) = viewer.get(f"api/runs/{run['id']}/series?name=loss")["series"]
    assert curve["x"] == list(range(12))
    assert curve["y"] == [1.0] * 6 + [2.0] * 6
    assert curve["superseded"] == {"x": [6, 7, 8, 9], "y": [1.0] * 4}
    marks = viewer.get(f"api/runs/{run['id']}/timeline")["marks"]
    assert [(mark["kind"], mark["x"]) for mark in marks] == [("resume", 6)]
    assert len(run["generations"]) == 1


def test_a_forked_worker_is_listed_as_a_part_of_its_run(
    serve: Serve, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    path = tmp_path / "run.jsonl"
    viewer = serve(path)
    done = run_python(FORKED, path)
    assert done.returncode == 0, done.stderr
    eventually(lambda: len(viewer.get("api/runs")["runs"]) == 2)
    eventually(lambda: all(r["state"] == "finished" for r in viewer.get("api/runs")["runs"]))
    whole, part = sorted(viewer.get("api/runs")["runs"], key=lambda run: run["name"] != "run")
    assert (whole["part_of"], part["part_of"]) == (None, whole["id"])
    assert part["parent_run_id"] == whole["run_id"]
    assert part["key_metric"]["last"] == 2.0


def test_two_writers_on_one_path_are_two_parts_of_one_run(
    serve: Serve, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    path = tmp_path / "run.jsonl"
    viewer = serve(tmp_path)
    with python(RIVAL, path) as one, python(RIVAL, path) as other:
        assert {said(one), said(other)} == {"open\n"}
        eventually(lambda: [r["state"] for r in viewer.get("api/runs")["runs"]] == ["live"] * 2)
        parts = {run["name"] == "run": run for run in viewer.get("api/runs")["runs"]}
        assert (parts[True]["part_of"], parts[False]["part_of"]) == (None, parts[True]["id"])
        one.communicate("\n", timeout=60)
        other.communicate("\n", timeout=60)
    eventually(lambda: {r["state"] for r in viewer.get("api/runs")["runs"]} == {"finished"})
