"""Folders of runs, asked from outside: all are listed, and whichever is asked for is complete."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from viewing import Viewer, received, received_records

Serve = Callable[..., Viewer]
Eventually = Callable[..., None]

RUNS = 1_000
LINES = 120


def write(path: Path, lines: int = LINES, start: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        for step in range(start, start + lines):
            file.write(json.dumps({"step": step, "loss": 1 / (step + 1)}) + "\n")
    return path


def names(viewer: Viewer) -> set[str]:
    return {run["name"] for run in viewer.get("api/runs")["runs"]}


def descriptors(viewer: Viewer) -> int:
    return len(os.listdir(f"/proc/{viewer.process.pid}/fd"))


def test_thousands_of_runs_are_listed_and_each_is_complete_once_it_is_asked_for(
    serve: Serve, tmp_path: Path, eventually: Eventually
) -> None:
    for n in range(RUNS):
        write(tmp_path / f"group{n % 20}" / f"run{n:04}.jsonl")
        os.utime(tmp_path / f"group{n % 20}" / f"run{n:04}.jsonl", (1.7e9 + n,) * 2)
    viewer = serve(tmp_path)
    eventually(lambda: len(names(viewer)) == RUNS)
    eventually(lambda: "not read yet" not in str(viewer.get("api/runs")), within_s=60)
    listed = {run["name"]: run for run in viewer.get("api/runs")["runs"]}
    oldest = listed["group0/run0000"]
    assert (oldest["partial"], oldest["lines"]) == (True, None)
    assert oldest["key_metric"] == {"name": "loss", "last": 1 / LINES}
    assert listed[f"group{(RUNS - 1) % 20}/run{RUNS - 1:04}"]["lines"] == LINES
    assert descriptors(viewer) < 200
    items = viewer.events(oldest["id"])
    assert [item["record"]["step"] for item in items] == list(range(LINES))
    assert viewer.get(f"api/runs/{oldest['id']}")["lines"] == LINES

    fresh = write(tmp_path / "group3/fresh.jsonl", 5)
    eventually(lambda: "group3/fresh" in names(viewer))
    fresh.rename(tmp_path / "group3/renamed.jsonl")
    eventually(lambda: "group3/renamed" in names(viewer) and "group3/fresh" not in names(viewer))
    (tmp_path / "group3/renamed.jsonl").unlink()
    eventually(lambda: len(names(viewer)) == RUNS)


def glancing(serve: Serve, folder: Path, eventually: Eventually) -> Viewer:
    """A viewer of 200 runs, that of the name 0 among those that it only glanced at."""
    for n in range(200):
        os.utime(write(folder / f"{n}.jsonl"), (1.7e9 + n,) * 2)
    viewer = serve(folder)
    eventually(lambda: "not read yet" not in str(viewer.get("api/runs")))
    return viewer


def test_a_page_can_follow_a_run_that_nobody_had_read(
    serve: Serve, tmp_path: Path, eventually: Eventually
) -> None:
    viewer = glancing(serve, tmp_path, eventually)
    (id,) = [run["id"] for run in viewer.get("api/runs")["runs"] if run["name"] == "0"]
    with viewer.connected(runs=[id], wants=["events"]) as socket:
        assert received(socket, "connected")
        assert len(received_records(socket, LINES)) == LINES
        write(tmp_path / "0.jsonl", 3, start=LINES)
        assert [item["record"]["step"] for item in received_records(socket, 3)] == [120, 121, 122]


def test_a_run_that_wakes_up_is_followed_though_nobody_asked(
    serve: Serve, tmp_path: Path, eventually: Eventually
) -> None:
    viewer = glancing(serve, tmp_path, eventually)
    write(tmp_path / "0.jsonl", 1, start=LINES)

    def state() -> object:
        (run,) = [run for run in viewer.get("api/runs")["runs"] if run["name"] == "0"]
        return run["state"], run["lines"]

    eventually(lambda: state() == ("live", LINES + 1))


LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96))
sys.argv[0] = "karn-view"
runpy.run_module("karn_view", run_name="__main__")
"""


def test_few_descriptors_are_enough_for_many_runs(tmp_path: Path, eventually: Eventually) -> None:
    for n in range(300):
        write(tmp_path / f"{n}.jsonl", 3)
    process = subprocess.Popen(
        [sys.executable, "-c", LIMITED, str(tmp_path), "--port", "0", "--no-token"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    viewer = Viewer(process, process.stdout.readline().split()[2])
    try:
        eventually(lambda: "not read yet" not in str(viewer.get("api/runs")))
        for run in viewer.get("api/runs")["runs"]:
            assert viewer.get(f"api/runs/{run['id']}")["trouble"] == ""
            assert len(viewer.events(run["id"])) == 3
        assert descriptors(viewer) < 90
        write(tmp_path / "new.jsonl", 2)
        eventually(lambda: "new" in names(viewer))
    finally:
        viewer.close()


NO_WATCHES = """
import runpy, sys
from pathlib import Path
Path("/proc/sys/user/max_inotify_watches").write_text("0")
sys.argv[0] = "karn-view"
runpy.run_module("karn_view", run_name="__main__")
"""


def test_without_inotify_watches_runs_are_polled_and_the_reason_is_said(
    tmp_path: Path, eventually: Eventually
) -> None:
    path = write(tmp_path / "run.jsonl", 3)
    arguments = ["-c", NO_WATCHES, str(path), "--port", "0", "--no-token"]
    process = subprocess.Popen(
        ["unshare", "--user", "--map-root-user", sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout and process.stderr
    line = process.stdout.readline()
    if not line:
        said = process.communicate()[1]
        if "unshare" in said or "max_inotify_watches" in said:
            pytest.skip(f"the limit of watches cannot be lowered here: {said.splitlines()[-1]}")
        raise AssertionError(said)
    viewer = Viewer(process, line.split()[2])
    try:
        eventually(lambda: viewer.run()["followed"]["by"] == "polling")
        assert "watching folders failed" in viewer.run()["followed"]["why"]
        began = time.monotonic()
        write(path, 3, start=3)
        eventually(lambda: viewer.run()["lines"] == 6)
        assert time.monotonic() - began < 10
    finally:
        viewer.close()
        assert "files are looked at from time to time instead" in process.stderr.read()
        process.stderr.close()


def test_a_name_that_is_no_utf_8_is_shown_as_far_as_it_is(serve: Serve, tmp_path: Path) -> None:
    write(tmp_path / os.fsdecode(b"caf\xe9") / os.fsdecode(b"\xe9t\xe9.jsonl"))
    write(tmp_path / "plain.jsonl")
    listed = {run["name"]: run for run in serve(tmp_path).get("api/runs")["runs"]}
    assert listed.keys() == {"caf\ufffd/\ufffdt\ufffd", "plain"}
    assert listed["caf\ufffd/\ufffdt\ufffd"]["source"].endswith("/caf\ufffd/\ufffdt\ufffd.jsonl")


def test_names_that_runs_share_are_told_once(serve: Serve, tmp_path: Path) -> None:
    for n in range(3):
        write(tmp_path / f"run{n}.jsonl")
    (tmp_path / "odd.jsonl").write_text('{"step": 1, "other": 2}\n')
    viewer = serve(tmp_path)
    ids = {run["name"]: run["id"] for run in viewer.get("api/runs")["runs"]}
    layouts, told = dict[str, Any](), dict[str, Any]()
    with viewer.connected(runs=list(ids.values()), wants=["points", "layout"]) as page:
        while len(told) < len(ids) or {own["layout"] for own in told.values()} - layouts.keys():
            message = json.loads(page.recv(timeout=15))
            if message["type"] == "layout":
                assert message["id"] not in layouts
                layouts[message["id"]] = message["metrics"]
            elif message["type"] == "snapshot":
                told[message["run"]] = message["metrics"]
        assert len(layouts) == 2
        assert told[ids["run1"]]["points"] == [LINES, LINES]
        with (tmp_path / "run1.jsonl").open("a") as file:
            file.write('{"step": 1000, "loss": 1, "new": 2}\n')
        names = [metric["name"] for metric in received(page, "layout")["metrics"]]
        assert names == ["step", "loss", "new"]
        assert received(page, "append")["metrics"]["points"] == [LINES + 1, LINES + 1, 1]
    metrics = viewer.get(f"api/runs/{ids['run1']}/metrics?name=new")["metrics"]
    assert [(metric["name"], metric["last"]) for metric in metrics] == [("new", 2)]
