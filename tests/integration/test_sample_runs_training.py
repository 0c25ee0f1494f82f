"""The training as a user starts it: a command, from any folder."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SMALL = ("--envs", "2", "--epochs", "6", "--quiet")


def command(sample_runs: Path, *options: object) -> list[str]:
    return [sys.executable, str(sample_runs / "morphogenesis.py"), *map(str, options)]


def train(sample_runs: Path, folder: Path, *options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(sample_runs, *options),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_it_runs_from_any_folder_and_ends_as_finished(sample_runs: Path, tmp_path: Path) -> None:
    done = train(sample_runs, tmp_path, "--episodes", 3, "--out", "new/run.jsonl", *SMALL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = records(tmp_path / "new" / "run.jsonl")
    assert found[0]["data"]["config"]["episodes"] == 3
    assert found[-1]["data"]["status"] == "finished"
    assert sum(record["event_type"] == "EPISODE_OUTCOME" for record in found) == 3


def test_it_tells_a_line_a_batch_and_where_it_writes(sample_runs: Path, tmp_path: Path) -> None:
    done = train(sample_runs, tmp_path, "--episodes", 4, "--envs", 2, "--epochs", 4)
    first, *batches = done.stdout.splitlines()
    (written,) = (tmp_path / "runs").iterdir()
    assert first == f"writing runs/{written.name}"
    assert [line.split()[1] for line in batches] == ["1/2", "2/2"]


def test_it_can_diverge_for_real(sample_runs: Path, tmp_path: Path) -> None:
    hot = ("--lr", 1.0, "--lr-growth", 5, "--episodes", 60, "--out", "run.jsonl")
    done = train(sample_runs, tmp_path, *hot, *SMALL)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("diverged: val_loss was")
    closed = records(tmp_path / "run.jsonl")[-1]["data"]
    assert closed["status"] == "failed"
    assert closed["error"]["type"] == "Diverged"
    assert str(sample_runs) not in closed["error"]["traceback"]


def test_killed_in_mid_run_it_leaves_whole_lines(
    sample_runs: Path, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    path = tmp_path / "run.jsonl"
    options = ("--episodes", 10_000, "--out", path, "--quiet")
    with subprocess.Popen(command(sample_runs, *options), cwd=tmp_path) as process:
        try:
            eventually(lambda: path.exists() and path.stat().st_size > 100_000, within_s=60)
        finally:
            process.kill()
    found = records(path)
    assert path.read_bytes().endswith(b"\n")
    assert [record["seq"] for record in found] == list(range(len(found)))
    assert found[-1]["event_type"] != "RUN_CLOSED"


def test_a_wrong_option_is_one_line_and_a_usage(sample_runs: Path, tmp_path: Path) -> None:
    done = train(sample_runs, tmp_path, "--episodes", "many")
    assert done.returncode == 2
    assert "invalid count value: 'many'" in done.stderr


def test_a_count_below_one_is_refused(sample_runs: Path, tmp_path: Path) -> None:
    done = train(sample_runs, tmp_path, "--envs", "0")
    assert done.returncode == 2
    assert "must be at least 1, not 0" in done.stderr


def test_ctrl_c_ends_it_without_a_traceback_and_the_file_says_so(
    sample_runs: Path, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    path = tmp_path / "run.jsonl"
    options = ("--episodes", 10_000, "--out", path, "--quiet")
    with subprocess.Popen(
        command(sample_runs, *options), cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        eventually(lambda: path.exists() and path.stat().st_size > 10_000, within_s=60)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "")
    closed = records(path)[-1]["data"]
    assert closed["status"] == "failed"
    assert closed["error"]["type"] == "KeyboardInterrupt"
