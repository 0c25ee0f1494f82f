"""How late a line is on a WebSocket, at what cost, and what idling costs: `bench_live.py`.

A writer, a viewer and a client are processes of their own on one machine with one clock. The first
line, which comes after a silence, is told apart: nobody looks as often while nothing comes. Beyond
20,000 lines a second the client is told fewer points and is given snapshots, and what counts is how
long after the last line it has everything.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from history import keep
from load.scene import cpu_s
from viewing import own_cache, start_viewer
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

RATES = {1: 15.0, 100: 5.0, 1_000: 5.0, 10_000: 10.0, 50_000: 30.0}
"""Lines a second, and for how long."""
WRITER = Path(__file__).with_name("writer.py")
PAGE_WANTS = ["state", "points", "dashboard", "alerts"]
IDLE_RUNS = 100
IDLE_PAGES = 10
SETTLE_S = 20.0
IDLE_S = 60.0


def lateness(socket: ClientConnection, lines: int) -> tuple[list[tuple[float, float]], float]:
    """When each point was written and milliseconds to its receipt; when the client had the last."""
    late: list[tuple[float, float]] = []
    while True:
        message = json.loads(socket.recv(timeout=60))
        now = time.time()
        for points in message.get("points", {}).values():
            late += [(wall, 1_000 * (now - wall)) for wall in points["wall"]]
        known = message.get("info", {}).get("rows", message.get("lines", 0))
        if known >= lines:
            return late, now


def measure(rate: int, seconds: float) -> dict[str, float]:
    """One rate: how late, how costly."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ended:
        path = Path(folder, "run.jsonl")
        path.write_text(f'{{"step": -1, "loss": 0.5, "time": {time.time()}}}\n')
        viewer = start_viewer(path)
        ended.callback(viewer.close)
        socket = ended.enter_context(viewer.connected(wants=["points"]))
        while json.loads(socket.recv(timeout=20))["type"] != "snapshot":
            pass
        used, began = cpu_s(viewer), time.monotonic()
        writer = subprocess.Popen(
            [sys.executable, str(WRITER), str(path), str(rate), str(seconds)],
            stdout=subprocess.PIPE,
        )
        points, last = lateness(socket, 1 + int(rate * seconds))
        spent = (cpu_s(viewer) - used) / (time.monotonic() - began)
        told, _ = writer.communicate(timeout=60)
        figures = {
            f"{rate} lines/s: really written": float(told),
            f"{rate} lines/s: cpu %": 100 * spent,
        }
        written = float(json.loads(path.read_bytes().splitlines()[-1])["time"])
        figures[f"{rate} lines/s: all there after ms"] = 1_000 * (last - written)
        late = [ms for wall, ms in points if wall != points[0][0]]
        if len(late) > 1:
            figures[f"{rate} lines/s: the first line ms"] = points[0][1]
            figures[f"{rate} lines/s: p50 ms"] = median(late)
            figures[f"{rate} lines/s: p99 ms"] = quantiles(late, n=100)[-1]
            figures[f"{rate} lines/s: points told a line"] = len(points) / (rate * seconds)
        return figures


def idle() -> dict[str, float]:
    """What runs without new lines cost, and what their pages are sent."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ended:
        lines = "".join(f'{{"step": {n}, "loss": {1 / (n + 1)}}}\n' for n in range(300))
        for n in range(IDLE_RUNS):
            Path(folder, f"run{n}.jsonl").write_text(lines)
        viewer = start_viewer(Path(folder))
        ended.callback(viewer.close)
        received = [0] * IDLE_PAGES
        for page, run in enumerate(viewer.get("api/runs")["runs"][:IDLE_PAGES]):
            socket = ended.enter_context(viewer.connected(runs=[run["id"]], wants=PAGE_WANTS))
            threading.Thread(target=count, args=(socket, received, page), daemon=True).start()
        time.sleep(SETTLE_S)
        used, before = cpu_s(viewer), sum(received)
        time.sleep(IDLE_S)
        return {
            f"idle, {IDLE_RUNS} runs, {IDLE_PAGES} pages: cpu %": 100
            * (cpu_s(viewer) - used)
            / IDLE_S,
            "idle: bytes/s a page": (sum(received) - before) / IDLE_S / IDLE_PAGES,
        }


def count(socket: ClientConnection, received: list[int], page: int) -> None:
    try:
        for message in socket:
            received[page] += len(message)
    except ConnectionClosed:
        pass


def main() -> None:
    figures: dict[str, float] = {}
    with own_cache():
        for rate, seconds in RATES.items():
            figures |= measure(rate, seconds)
        figures |= idle()
    keep("live", figures)


if __name__ == "__main__":
    main()
