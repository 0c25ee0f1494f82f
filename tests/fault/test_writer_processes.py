"""Forked, spawned and rival processes: each has a file of its own, and none is mixed."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from writing import Record, python, records, run_python, said, steps, types

FORKED = """
import os, sys, threading
from karn import FileOutput
run = FileOutput(sys.argv[1], config={"lr": 0.1}, heartbeat_s=0.005, fsync_s=0.005)
for step in range(50):
    run.log({"loss": 1.0}, step=step)
child = os.fork()
for step in range(50, 100):
    run.log({"loss": 1.0}, step=step if child else -step)
if child:
    os.waitpid(child, 0)
"""

BUSY_FORKS = """
import os, sys, threading
from karn import FileOutput
run = FileOutput(sys.argv[1])
stop = threading.Event()
def emit():
    while not stop.is_set():
        run.log({"loss": 1.0}, step=0)
thread = threading.Thread(target=emit)
thread.start()
children = []
for number in range(20):
    child = os.fork()
    if not child:
        run.log({"loss": 1.0}, step=1)
        run.close()
        os._exit(0)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 20
stop.set()
thread.join()
"""

# A pool's workers inherit, or are sent, the output of the program that started them.
WORKER = """
import sys
def work(run, step):
    run.log({"loss": 1.0}, step=step)
    if step == 3:
        with run:
            raise ValueError("bad batch")
"""
POOL = """
import multiprocessing, sys
from karn import FileOutput
from worker import work
if __name__ == "__main__":
    path, method = sys.argv[1:]
    with FileOutput(path) as run:
        run.log({"loss": 1.0}, step=0)
        context = multiprocessing.get_context(method)
        workers = [context.Process(target=work, args=(run, step)) for step in (1, 2, 3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        run.log({"loss": 1.0}, step=4)
"""

RIVAL = """
import sys
from karn import FileOutput
with FileOutput(sys.argv[1]) as run:
    run.log({"loss": 1.0}, step=0)
    print("open", flush=True)
    input()
    run.log({"loss": 1.0}, step=1)
"""


def by_file(folder: Path) -> dict[str, list[Record]]:
    return {path.name: records(path) for path in sorted(folder.glob("*.jsonl"))}


def test_after_a_fork_both_sides_write_whole_files_of_their_own(tmp_path: Path) -> None:
    done = run_python(FORKED, tmp_path / "run.jsonl")
    assert done.returncode == 0, done.stderr
    parent = records(tmp_path / "run.jsonl")
    (beside,) = tmp_path.glob("run.*.jsonl")
    child = records(beside)
    assert steps(parent) == list(range(100))
    assert steps(child) == [-step for step in range(50, 100)]
    for found in (parent, child):
        assert [record["seq"] for record in found] == list(range(len(found)))
        assert types(found)[-1] == "RUN_CLOSED"
    assert child[0]["data"]["parent_run_id"] == parent[0]["data"]["run_id"]
    assert child[0]["data"]["run_id"] != parent[0]["data"]["run_id"]
    assert child[0]["data"]["config"] == {"lr": 0.1}


def test_a_fork_amid_another_threads_write_does_not_hang_the_child(tmp_path: Path) -> None:
    done = run_python(BUSY_FORKS, tmp_path / "run.jsonl")
    assert done.returncode == 0, done.stderr
    files = by_file(tmp_path)
    assert len(files) == 21
    assert set(steps(files.pop("run.jsonl"))) == {0}
    assert all(steps(found) == [1] for found in files.values())


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_every_start_method_write_and_close_their_own_files(
    method: str, tmp_path: Path
) -> None:
    (tmp_path / "worker.py").write_text(WORKER)
    (tmp_path / "main.py").write_text(POOL)
    runs = tmp_path / "runs"
    done = run_python(
        "import runpy, sys; sys.path.insert(0, sys.argv[1]); sys.argv.pop(0);"
        "sys.argv[0] += '/main.py'; runpy.run_path(sys.argv[0], run_name='__main__')",
        tmp_path,
        runs / "run.jsonl",
        method,
    )
    assert done.returncode == 0, done.stderr
    files = by_file(runs)
    parent = files.pop("run.jsonl")
    assert steps(parent) == [0, 4]
    assert sorted(steps(found)[0] for found in files.values()) == [1, 2, 3]
    ends = {steps(found)[0]: found[-1]["data"] for found in files.values()}
    assert {step: end["status"] for step, end in ends.items()} == {
        1: "finished",
        2: "finished",
        3: "failed",
    }
    assert ends[3]["error"]["message"] == "bad batch"
    assert {found[0]["data"]["parent_run_id"] for found in files.values()} == {
        parent[0]["data"]["run_id"]
    }


def test_rival_processes_on_one_path_never_share_a_file(tmp_path: Path) -> None:
    with ExitStack() as stack:
        rivals = [stack.enter_context(python(RIVAL, tmp_path / "run.jsonl")) for _ in range(4)]
        assert [said(rival) for rival in rivals] == ["open\n"] * 4
        for rival in rivals:
            rival.communicate("\n", timeout=60)
    files = by_file(tmp_path)
    assert len(files) == 4
    assert "run.jsonl" in files
    for found in files.values():
        assert types(found) == ["RUN_OPENED", "METRICS", "METRICS", "RUN_CLOSED"]


def test_a_killed_writer_leaves_the_path_to_the_next(tmp_path: Path) -> None:
    with python(RIVAL, tmp_path / "run.jsonl") as first:
        said(first)
        first.kill()
    with python(RIVAL, tmp_path / "run.jsonl") as second:
        second.communicate("\n", timeout=60)
    (found,) = by_file(tmp_path).values()
    assert steps(found) == [0, 0, 1]
    assert [r["data"]["resumed"] for r in found if r["event_type"] == "RUN_OPENED"] == [False, True]
