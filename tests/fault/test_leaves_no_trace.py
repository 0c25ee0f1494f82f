"""The viewer reads: it changes nothing beside a run, and needs no right to."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from viewing import ADDRESS, Viewer

Eventually = Callable[..., None]

CALLS = (
    *("open", "openat", "openat2", "creat", "truncate", "ftruncate", "rename", "renameat"),
    *("renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "link", "linkat", "symlink"),
    *("symlinkat", "chmod", "fchmodat", "utimensat", "mknod", "mknodat", "flock", "setxattr"),
)
READS = re.compile(r'open(at2?)?\((AT_FDCWD, )?"[^"]*", [^)]*O_RDONLY[^)]*\) *=')


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "run.jsonl").write_text('{"step": 1, "loss": 0.5}\n')
    (folder / "note.txt").write_text("not a run\n")
    return folder


def viewing(*before: str, folder: Path) -> Viewer:
    """A viewer that is started by another program, which becomes it or watches it."""
    command = [*before, sys.executable, "-m", "karn_view", "--port", "0", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    address = ADDRESS.match(process.stdout.readline())
    assert address
    return Viewer(process, address.group(1))


def use(viewer: Viewer, run: str, lines: int, eventually: Eventually) -> None:
    """Everything that a page asks for."""
    eventually(lambda: viewer.get(f"api/runs/{run}")["lines"] == lines)
    for path in ("", "/metrics", "/series", "/events", "/dashboard", "/timeline", "/faults"):
        viewer.get(f"api/runs/{run}{path}")


def test_no_call_to_the_system_changes_anything_beside_a_run(
    runs: Path, tmp_path: Path, eventually: Eventually
) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace is not installed; `./nox -s load` installs it, as root")
    traced = tmp_path / "traced"
    # -D: the tracer is the child, so that the process that was started is the viewer itself.
    strace = ("strace", "-D", "-f", "-qq", "-o", str(traced), "-e", f"trace={','.join(CALLS)}")
    viewer = viewing(*strace, folder=runs)
    try:
        run = viewer.run()["id"]
        use(viewer, run, 1, eventually)
        with (runs / "run.jsonl").open("a") as file:
            file.write('{"step": 2, "loss": 0.25}\n')
        use(viewer, run, 2, eventually)
        viewer.stop()
    finally:
        viewer.close()
    eventually(lambda: "run.jsonl" in traced.read_text())
    about_runs = [line for line in traced.read_text().splitlines() if str(runs) in line]
    assert len(about_runs) > 2
    assert [line for line in about_runs if not READS.search(line)] == []
    assert {path.name for path in runs.iterdir()} == {"run.jsonl", "note.txt"}


READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


def test_a_folder_that_can_only_be_read_is_enough(runs: Path, eventually: Eventually) -> None:
    alone = ("unshare", "--mount", "--", "sh", "-ec", READ_ONLY, "sh", str(runs))
    if not shutil.which("unshare"):
        pytest.skip("no unshare: a mount of its own cannot be made")
    probe = subprocess.run([*alone, "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"a read-only mount cannot be made: {probe.stderr.strip()}")
    refused = subprocess.run(
        [*alone, "touch", str(runs / "x")], capture_output=True, text=True, check=False
    )
    assert "Read-only file system" in refused.stderr
    viewer = viewing(*alone, folder=runs)
    try:
        run = viewer.run()["id"]
        use(viewer, run, 1, eventually)
        with (runs / "run.jsonl").open("a") as file:
            file.write('{"step": 2, "loss": 0.25}\n')
        use(viewer, run, 2, eventually)
    finally:
        viewer.close()
