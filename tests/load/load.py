"""Many clients, hostile ones, and viewers behind a proxy, side by side; prints a table.

Every line is written with its time, and its lag is what passed until a client had it: of all lines
and all clients of a case the median, the 95th percentile and the worst. The clients' own process
is on the same machine; what it computes is a column.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from load.crowd import Watchers, watching
from load.hostile import KINDS, bothering
from load.proxies import free_port, haproxy, missing
from load.scene import cpu_s, growing, memory_kb, stop_s
from viewing import Viewer, start_viewer

LINES_A_SECOND = 100
PAGE = "state,points,dashboard"
WARM_S = 3.0
HOSTILE_S = 15.0
COLUMNS = (
    ("lag ms", "lag_p50_ms"),
    ("p95", "lag_p95_ms"),
    ("worst", "lag_max_ms"),
    ("msg/s", "messages_s"),
    ("viewer CPU", "viewer_cpu"),
    ("clients' CPU", "cpu"),
    ("MB", "MB"),
    ("most MB", "most_MB"),
    ("kB/client", "kB_client"),
    ("dropped", "dropped"),
    ("borne s", "borne_s"),
    ("came back", "reconnects"),
    ("wrong", "wrong"),
    ("stop s", "stop_s"),
)


def say(case: str, told: dict[str, Any]) -> None:
    """One row of the table."""
    cells = []
    for title, key in COLUMNS:
        value = told.get(key)
        text = "" if value is None else f"{value:,.2f}" if 0 < value < 10 else f"{value:,.0f}"
        cells.append(text.rjust(max(len(title), 7)))
    print(case.ljust(44), *cells, flush=True)


@contextmanager
def scene(folder: Path) -> Iterator[tuple[Viewer, str, Path, Callable[[], None]]]:
    """A growing run and its viewer."""
    path = folder / "run.jsonl"
    with growing(path, LINES_A_SECOND) as end:
        viewer = start_viewer(path)
        try:
            yield viewer, viewer.run()["id"], path, end
        finally:
            viewer.close()


def watched(viewer: Viewer, crowd: Watchers, for_s: float) -> dict[str, Any]:
    """What a crowd saw for a while, and what that cost."""
    time.sleep(WARM_S)
    crowd.tell()
    begun, cpu, most = time.monotonic(), cpu_s(viewer), 0
    while time.monotonic() < begun + for_s:
        time.sleep(0.1)
        most = max(most, memory_kb(viewer))
    told = crowd.tell()
    passed_s = time.monotonic() - begun
    return {**told, "viewer_cpu": (cpu_s(viewer) - cpu) / passed_s, "most_MB": most / 1024}


def fan_out(folder: Path, count: int, wants: str, for_s: float) -> dict[str, Any]:
    """So many clients of one viewer."""
    with scene(folder) as (viewer, run, path, _):
        with watching(viewer.url, run, path, 5, wants) as few:
            watched(viewer, few, 1.0)
        before_kb = memory_kb(viewer)
        with watching(viewer.url, run, path, count, wants) as crowd:
            told = watched(viewer, crowd, for_s)
            more = {
                "MB": before_kb / 1024,
                "kB_client": (1024 * told["most_MB"] - before_kb) / count,
                "stop_s": stop_s(viewer),
            }
    return {**told, **more}


def bothered(folder: Path, kind: str, honest: int, hostile: int) -> dict[str, Any]:
    """Honest clients while hostile ones do their worst, and the viewer stopped meanwhile."""
    with scene(folder) as (viewer, run, path, _), ExitStack() as crowds:
        crowd = crowds.enter_context(watching(viewer.url, run, path, honest))
        before_kb = memory_kb(viewer)
        bad = crowds.enter_context(bothering(viewer.url, run, kind, hostile, HOSTILE_S + WARM_S))
        told = watched(viewer, crowd, HOSTILE_S)
        found = bad.wait()
        with bothering(viewer.url, run, kind, hostile, WARM_S):
            time.sleep(WARM_S / 2)
            ended_s = stop_s(viewer)
    return {**told, **found, "MB": before_kb / 1024, "stop_s": ended_s}


def three_viewers(folder: Path, count: int) -> dict[str, Any]:
    """Three viewers of one file behind HAProxy, one of them killed in the middle."""
    path, kept, port = folder / "run.jsonl", folder / "token", free_port()
    options = (path, "--token-file", kept, "--allow-host", f"127.0.0.1:{port}")
    with growing(path, LINES_A_SECOND) as end, ExitStack() as stack:
        viewers = [start_viewer(*options) for _ in range(3)]
        for viewer in viewers:
            stack.callback(viewer.close)
        stack.enter_context(haproxy(folder, port, [viewer.port for viewer in viewers]))
        url = f"http://127.0.0.1:{port}/?token={viewers[0].token}"
        run = viewers[0].run()["id"]
        crowd = stack.enter_context(watching(url, run, path, count))
        time.sleep(WARM_S)
        crowd.tell()
        time.sleep(WARM_S)
        viewers[0].kill()
        time.sleep(3 * WARM_S)
        end()
        deadline = time.monotonic() + 60
        told = crowd.tell()
        while told["complete"] < count and time.monotonic() < deadline:
            time.sleep(0.2)
            told = {**told, **{key: crowd.tell()[key] for key in ("complete", "wrong")}}
        return told


def main() -> None:
    """The table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=15.0)
    asked.add_argument("--clients", type=int, default=1_000)
    asked.add_argument("--hostile", type=int, default=200)
    given = asked.parse_args()
    print("case".ljust(44), *(title.rjust(max(len(title), 7)) for title, _ in COLUMNS))
    for count in (given.clients // 100, given.clients // 10, given.clients):
        for wants in ("events", PAGE):
            with tempfile.TemporaryDirectory() as folder:
                say(f"{count} clients, {wants}", fan_out(Path(folder), count, wants, given.seconds))
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            told = bothered(Path(folder), kind, 50, given.hostile)
            say(f"50 clients, and {given.hostile}: {kind}", told)
    if absent := missing("haproxy"):
        print(f"three viewers behind HAProxy: left out, as {absent} is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        count = 3 * given.clients // 10
        told = three_viewers(Path(folder), count)
        say(f"{count} clients, three viewers, one killed", told)
        print(f"complete: {told['complete']} of {count}, repeated or missed: {told['wrong']}")


if __name__ == "__main__":
    main()
