"""A large run file opened again, by another process."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from viewing import Viewer

Serve = Callable[..., Viewer]
Eventually = Callable[..., None]
LINES = 400_000
QUESTIONS = ("", "/metrics", "/series", "/series?points=20000&name=loss", "/dashboard", "/faults")
OF_NOW = ("reason", "revision", "cursor", "arrived_at")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "run.jsonl"
    with path.open("w") as file:
        for n in range(LINES):
            file.write(f'{{"step": {n}, "loss": {(7 * n) % 997 / 991:.6f}, "time": {1.7e9 + n}}}\n')
    return path


def answers(viewer: Viewer, path: Path, eventually: Eventually) -> dict[str, Any]:
    """What a viewer says of a file once it knows all of it."""
    run = viewer.run()["id"]
    eventually(
        lambda: viewer.get(f"api/runs/{run}")["progress"]["read_bytes"] == path.stat().st_size
    )
    found = {question: viewer.get(f"api/runs/{run}{question}") for question in QUESTIONS}
    return {
        question: {key: value for key, value in answer.items() if key not in OF_NOW}
        for question, answer in found.items()
    }


def kept(path: Path) -> list[Path]:
    """The finished files of the cache."""
    folder = path.parent / "cache/karn-view/runs"
    return [file for file in folder.glob("*") if not file.suffix]


def test_another_process_answers_alike_from_the_cache(
    serve: Serve, path: Path, eventually: Eventually
) -> None:
    first = serve(path)
    expected = answers(first, path, eventually)
    eventually(lambda: kept(path))
    first.stop()
    with path.open("a") as file:
        file.write("".join(json.dumps({"step": LINES + n, "loss": n}) + "\n" for n in range(9)))
    expected_then = answers(serve("--no-cache", path), path, eventually)
    before = kept(path)[0].stat()
    second = serve("--log-level", "info", path)
    assert answers(second, path, eventually) == expected_then
    assert expected_then["/metrics"] != expected["/metrics"]
    assert kept(path)[0].stat().st_ino == before.st_ino
    assert kept(path)[0].stat().st_mtime_ns > before.st_mtime_ns, "it was not used"


def test_nothing_is_kept_where_that_is_not_wanted(
    serve: Serve, path: Path, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = serve("--no-cache", path)
    answers(viewer, path, eventually)
    viewer.stop()
    monkeypatch.setenv("KARN_VIEW_NO_CACHE", "1")
    viewer = serve(path)
    answers(viewer, path, eventually)
    viewer.stop()
    assert not (path.parent / "cache").exists()


def test_a_cache_without_room_for_a_run_is_said_and_the_run_is_shown(
    serve: Serve, path: Path, tmp_path: Path, eventually: Eventually
) -> None:
    said = tmp_path / "said"
    with said.open("w") as log:
        viewer = serve("--cache-size", "1M", path, log=log.fileno())
        answers(viewer, path, eventually)
        eventually(lambda: "no cache in" in said.read_text())
    assert kept(path) == []


def test_a_viewer_of_another_user_does_not_use_it(
    serve: Serve, path: Path, eventually: Eventually
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    viewer = serve(path)
    expected = answers(viewer, path, eventually)
    eventually(lambda: kept(path))
    viewer.stop()
    subprocess.run(["chown", "-R", "65534", path.parent / "cache"], check=True)
    assert answers(serve(path), path, eventually) == expected
