"""A training writes its run to NFS: others see it soon, and a loss is in the file."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from viewing import received_records
from writing import python, readable, said, seqs_said_lost, steps, tell, types

from .conftest import EXPORT, VERSIONS, Eventually, Measured, Serve, Share, mounted

SMALL_LEFT_BYTES = 8_192
PORTION = 20

TRAINING = """
import sys, time
from karn import FileOutput
run = FileOutput(sys.argv[1], heartbeat_s=0, fsync_s=float(sys.argv[2]) or None)
print(run.path.name, flush=True)
step = 0
for line in sys.stdin:
    for step in range(step, step + int(line)):
        run.log({"loss": 1.0, "pad": "x" * 100}, step=step)
        time.sleep(0.005)
    step += 1
    print("emitted", flush=True)
run.close()
print(run.dropped, flush=True)
"""
"""Emits as many steps as it is told; in the end it says how many were dropped."""


def emit(training: "subprocess.Popen[str]", count: int) -> None:
    tell(training, str(count))
    assert said(training) == "emitted\n"


def test_lines_are_seen_elsewhere_while_the_run_is_open(
    share: Share, serve: Serve, measured: Measured
) -> None:
    with python(TRAINING, share.there / "run.jsonl", 0) as training:
        assert said(training) == "run.jsonl\n"
        viewer = serve(share.here / "run.jsonl")
        with viewer.connected(wants=["events"]) as socket:
            emit(training, 5)
            emitted_at = time.monotonic()
            records = [item["record"] for item in received_records(socket, 6)]
            seen_s = time.monotonic() - emitted_at
            assert types(records)[0] == "RUN_OPENED"
            assert steps(records) == list(range(5))
        measured(f"v{share.version:3} lines of an open FileOutput: seen after {seen_s:.1f} s")


@pytest.fixture(params=VERSIONS, ids=lambda version: f"v{version}")
def small(request: pytest.FixtureRequest) -> Iterator[Share]:
    """A file system of 256 KiB, of which little is left."""
    served = EXPORT / "small"
    left = shutil.disk_usage(served).free - SMALL_LEFT_BYTES
    (served / "ballast").write_bytes(b"x" * left)
    version: str = request.param
    with (
        mounted(version, "here", folder="small") as here,
        mounted(version, "there", folder="small") as there,
    ):
        yield Share(version, served, here, there)
    for file in served.iterdir():
        file.unlink()


@pytest.mark.timeout(240)
def test_a_full_server_costs_what_the_file_says_it_cost(
    small: Share, serve: Serve, eventually: Eventually, measured: Measured
) -> None:
    viewer = serve(small.here / "run.jsonl")
    with python(TRAINING, small.there / "run.jsonl", 0.2) as training:
        assert said(training) == "run.jsonl\n"
        emit(training, 200)
        (small.served / "ballast").unlink()
        emit(training, 100)
        out, err = training.communicate(timeout=60)
    assert training.returncode == 0, err
    assert "No space left on device" in err
    found, broken = readable(small.served / "run.jsonl")
    there, lost = [record["seq"] for record in found], set(seqs_said_lost(found))
    assert there == sorted(set(there))
    assert len(steps(found)) < 300, "nothing was lost: the fault did not happen"
    assert set(range(there[-1] + 1)).difference(there) <= lost
    assert int(out) >= len(lost)
    assert types(found)[-1] == "RUN_CLOSED"
    measured(
        f"v{small.version:3} full server: of 300 steps {len(steps(found))} are in the file,"
        f" {len(lost)} lines are said to be lost, {len(broken)} are broken"
    )

    def shown() -> list[Any]:
        items = viewer.events(viewer.run()["id"])
        return [item["record"].get("seq", item) for item in items if "record" in item]

    try:
        eventually(lambda: shown() == there, within_s=100)
    except AssertionError:
        data = (small.here / "run.jsonl").read_bytes()
        zeroes = [hole.span() for hole in re.finditer(rb"\0+", data)]
        measured(f"as the viewer's client sees it: {len(data)} bytes, zeroes at {zeroes}")
        only_shown = [seq for seq in shown() if seq not in there]
        measured(f"as the viewer tells it: {only_shown} beside what is there, {viewer.run()}")
        raise


@pytest.mark.timeout(240)
def test_a_run_deleted_on_the_server_is_begun_anew(
    share: Share, eventually: Eventually, measured: Measured
) -> None:
    path = share.served / "run.jsonl"
    with python(TRAINING, share.there / "run.jsonl", 0.2) as training:
        assert said(training) == "run.jsonl\n"
        emit(training, 100)
        path.unlink()
        unlinked_at = time.monotonic()

        def is_back() -> bool:
            emit(training, PORTION)
            return path.exists()

        eventually(is_back, within_s=90)
        back_s = time.monotonic() - unlinked_at
        emit(training, PORTION)
        out, err = training.communicate(timeout=60)
    assert training.returncode == 0, err
    found, broken = readable(path)
    there, lost = [record["seq"] for record in found], set(seqs_said_lost(found))
    assert (types(found)[0], types(found)[-1], broken) == ("RUN_OPENED", "RUN_CLOSED", [])
    assert set(range(there[-1] + 1)).difference(there) <= lost
    assert int(out) == len(lost)
    measured(f"v{share.version:3} deleted on the server: begun anew after {back_s:.1f} s")


def test_two_clients_that_are_given_one_path_write_two_files(share: Share) -> None:
    with python(TRAINING, share.here / "run.jsonl", 0.2) as first:
        assert said(first) == "run.jsonl\n"
        with python(TRAINING, share.there / "run.jsonl", 0.2) as second:
            beside = said(second).strip()
            assert beside == f"run.{second.pid}.jsonl"
            for training in (first, second):
                emit(training, 100)
                training.communicate(timeout=60)
    for name in ("run.jsonl", beside):
        found, broken = readable(share.served / name)
        assert (steps(found), broken) == (list(range(100)), [])


def test_without_locks_nobody_can_tell_that_two_clients_write_one_file() -> None:
    """Documented in docs/training.md, under Limits."""
    with (
        mounted("3", "here", "nolock") as here,
        mounted("3", "there", "nolock") as there,
        python(TRAINING, here / "unlocked.jsonl", 0.2) as first,
        python(TRAINING, there / "unlocked.jsonl", 0.2) as second,
    ):
        assert said(first) == said(second) == "unlocked.jsonl\n"
