"""What is shown lies in what was asked for: no link, race or name leads out of it."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest
from karn_view.sources import open_source
from viewing import Viewer

Serve = Callable[..., Viewer]
Eventually = Callable[..., None]

SECRET = {"step": 1, "password": "do not show"}
SHOWN = {"step": 1, "loss": 0.5}


def line(record: Mapping[str, object]) -> str:
    return json.dumps(record) + "\n"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.jsonl").write_text(line(SECRET))
    return folder


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    folder = tmp_path / "shown"
    folder.mkdir()
    (folder / "run.jsonl").write_text(line(SHOWN))
    return folder


def everything(viewer: Viewer) -> str:
    """All that the viewer tells of all runs, lines included."""
    runs = viewer.get("api/runs")["runs"]
    return json.dumps([runs, *(viewer.events(run["id"]) for run in runs)])


def test_a_link_out_of_the_folder_is_refused_with_its_reason(
    serve: Serve, shown: Path, outside: Path, eventually: Eventually
) -> None:
    (shown / "link.jsonl").symlink_to(outside / "secret.jsonl")
    (shown / "other").symlink_to(outside / "secret.jsonl")
    (shown / "folder").symlink_to(outside)
    (shown / "environ.jsonl").symlink_to(f"/proc/{os.getpid()}/environ")
    viewer = serve(shown)
    eventually(lambda: "a link out of the folder" in json.dumps(viewer.get("api/runs")))
    told = everything(viewer)
    assert "do not show" not in told
    assert "password" not in told
    assert "PATH=" not in told
    names = {run["name"] for run in viewer.get("api/runs")["runs"]}
    assert names == {"run", "link", "environ"}


def test_a_link_within_the_folder_and_one_that_the_user_gave_are_followed(
    serve: Serve, shown: Path, outside: Path
) -> None:
    (shown / "latest.jsonl").symlink_to("run.jsonl")
    given = shown.parent / "given.jsonl"
    given.symlink_to(outside / "secret.jsonl")
    viewer = serve(shown, given)
    runs = {run["name"]: run["id"] for run in viewer.get("api/runs")["runs"]}
    assert viewer.events(runs["latest"])[0]["record"] == SHOWN
    assert viewer.events(runs["given"])[0]["record"] == SECRET


def test_a_run_that_becomes_a_link_out_of_the_folder_is_not_read_on(
    serve: Serve, shown: Path, outside: Path, eventually: Eventually
) -> None:
    viewer = serve(shown)
    eventually(lambda: viewer.run()["lines"] == 1)
    (shown / "new").symlink_to(outside / "secret.jsonl")
    (shown / "new").replace(shown / "run.jsonl")
    eventually(lambda: "a link out of the folder" in json.dumps(viewer.get("api/runs")))
    assert "do not show" not in everything(viewer)


@contextmanager
def swapping(path: Path, good: Path, bad: Path) -> Iterator[None]:
    """Makes a path mean one thing and the other in turn, as fast as it can."""
    ending = threading.Event()

    def swap() -> None:
        spare = path.with_name("spare")
        while not ending.is_set():
            for target in (bad, good):
                spare.symlink_to(target)
                spare.replace(path)

    thread = threading.Thread(target=swap)
    path.symlink_to(good)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@pytest.mark.parametrize("part", ["file", "folder"])
def test_no_race_leads_out_of_the_folder(shown: Path, outside: Path, part: str) -> None:
    inside = shown / "inside"
    inside.mkdir()
    (inside / "secret.jsonl").write_text(line(SHOWN))
    link = shown / "swapped"
    ends = (inside, outside)
    if part == "file":
        ends = (inside / "secret.jsonl", outside / "secret.jsonl")
    opened = refused = 0
    with swapping(link, *ends):
        for _ in range(4_000):
            try:
                path = link if part == "file" else link / "secret.jsonl"
                source = open_source(path, within=str(shown))
            except PermissionError:
                refused += 1
                continue
            opened += 1
            assert b"password" not in source.read(0, 1_000)
            source.close()
    assert opened > 10
    assert refused > 10


def test_special_files_are_no_runs_and_hold_nobody_up(
    serve: Serve, shown: Path, eventually: Eventually
) -> None:
    os.mkfifo(shown / "pipe.jsonl")
    (shown / "null.jsonl").symlink_to("/dev/zero")
    (shown / "folder.jsonl").mkdir()
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(shown / "socket.jsonl"))
        viewer = serve(shown)
        eventually(lambda: viewer.run()["lines"] == 1)
        assert [run["name"] for run in viewer.get("api/runs")["runs"]] == ["run"]


@pytest.mark.parametrize(
    "name",
    [
        "../outside/secret.jsonl",
        "..%2foutside%2fsecret.jsonl",
        "/etc/passwd",
        "%2e%2e",
        "%00",
        "run",
    ],
)
def test_a_path_is_no_name_of_a_run(serve: Serve, shown: Path, outside: Path, name: str) -> None:
    viewer = serve(shown)
    for place in (f"api/runs/{name}", f"api/runs/{name}/events", f"js/{name}", name):
        with pytest.raises(HTTPError) as refused:
            viewer.get(place)
        assert refused.value.code == 404
        refused.value.close()
