"""How long the event loop of a viewer is held: `python tests/benchmarks/bench_loop.py [SCENE ...]`.

Each scene starts a viewer of its own whose loop is timed (`probed.py`), does what is heaviest for
one part of it, and tells the longest stretch in which the loop did not wait, how much of that it
computed itself, and how late a timer was at worst. Whoever has the interpreter may be waiting for a
processor, so it is told too how much of each was at most what the viewer's threads computed: the
rest goes to whoever else wants the processors. An idle scene tells what the machine adds.
"""

import json
import math
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from history import keep
from viewing import Viewer, own_cache, start_viewer
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

HERE = Path(__file__).parent
PAGE_WANTS = ["state", "points", "dashboard", "alerts"]
FILE_BYTES = 500_000_000
RUNS = 10_000
CLIENTS = 100
QUESTIONS = 100
LIMIT_MS = 10.0
NOTED_S = 0.05
"""What is noted so soon began before."""


class Scene:
    """A folder, and a viewer whose loop is timed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "runs" / "run.jsonl"
        self.path.parent.mkdir()
        self.log = folder / "probe.jsonl"
        self._ended = ExitStack()
        self.viewer: Viewer
        self.since = 0.0

    def start(self, path: Path | None = None) -> None:
        prefix = (sys.executable, str(HERE / "probed.py"), str(self.log))
        self.viewer = start_viewer(path or self.path, prefix=prefix)
        self._ended.callback(self.viewer.close)
        self.begin()

    def begin(self) -> None:
        """What was before does not count."""
        self.since = time.time() + NOTED_S

    def page(self) -> ClientConnection:
        """What an open page is to the viewer: a client that takes everything."""
        run = self.viewer.run()["id"]
        socket = self._ended.enter_context(self.viewer.connected(runs=[run], wants=PAGE_WANTS))
        threading.Thread(target=drain, args=(socket,), daemon=True).start()
        return socket

    def ask(self, path: str, accept: str = "application/json") -> None:
        with urlopen(self.viewer.request(path, Accept=accept), timeout=60) as answer:
            answer.read()

    def close(self) -> None:
        self._ended.close()


def drain(socket: ClientConnection) -> None:
    try:
        for _ in socket:
            pass
    except ConnectionClosed:
        pass


def write(path: Path, *, metrics: int, size: float = math.inf, rows: float = math.inf) -> None:
    """A finished run, the step ascending."""
    names = [f"group{n % 50}/metric{n}" for n in range(metrics)]
    tail = "".join(f', "{name}": {7 * n % 997 / 991:.4f}' for n, name in enumerate(names))
    step = 0
    with path.open("w", buffering=1 << 22) as file:
        while file.tell() < size and step < rows:
            file.write("".join(f'{{"step": {step + n}{tail}}}\n' for n in range(100)))
            step += 100


def idle(scene: Scene) -> None:
    """Nothing to do: what the machine adds."""
    write(scene.path, metrics=10, rows=1_000)
    scene.start()
    scene.page()
    time.sleep(10)


def opening(scene: Scene) -> None:
    """A page looks on while a large file is read."""
    write(scene.path, metrics=10, size=FILE_BYTES)
    scene.start()
    scene.page()
    run = scene.viewer.run()["id"]
    while scene.viewer.get(f"api/runs/{run}")["progress"]["read_bytes"] < scene.path.stat().st_size:
        time.sleep(0.1)


def live(rate: int) -> Callable[[Scene], None]:
    def scene_of(scene: Scene) -> None:
        """Lines come fast while a page looks on."""
        scene.path.write_text(f'{{"step": -1, "loss": 0.5, "time": {time.time()}}}\n')
        scene.start()
        scene.page()
        subprocess.run(
            [sys.executable, str(HERE / "writer.py"), str(scene.path), str(rate), "10"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        time.sleep(2)

    return scene_of


def curves(accept: str) -> Callable[[Scene], None]:
    def scene_of(scene: Scene) -> None:
        """Fifty curves of a long run are asked for again and again."""
        write(scene.path, metrics=50, rows=100_000)
        scene.start()
        run = scene.viewer.run()["id"]
        while scene.viewer.run()["progress"]["read_bytes"] < scene.path.stat().st_size:
            time.sleep(0.1)
        scene.begin()
        for _ in range(QUESTIONS):
            scene.ask(f"api/runs/{run}/series?points=1000", accept)

    return scene_of


def folder(scene: Scene) -> None:
    """Ten thousand runs are listed, and a page looks on."""
    for n in range(RUNS):
        (scene.path.parent / f"run{n}.jsonl").write_text('{"step": 1, "loss": 0.5}\n' * 3)
    scene.start(scene.path.parent)
    scene.page()
    for _ in range(QUESTIONS):
        scene.ask("api/runs")
    time.sleep(10)


def metrics(scene: Scene) -> None:
    """A run of five thousand metrics: what a page gets first, and is asked again."""
    write(scene.path, metrics=5_000, rows=200)
    scene.start()
    run = scene.viewer.run()["id"]
    scene.page()
    for _ in range(QUESTIONS):
        scene.ask(f"api/runs/{run}/metrics")
    with scene.path.open("a") as file:
        for step in range(1_000, 1_005):
            file.write(json.dumps({"step": step, f"new{step}": 1.5}) + "\n")
            file.flush()
            time.sleep(0.3)


def dashboard(scene: Scene) -> None:
    """A long Karn run that goes on: its dashboard now and then, its state."""
    sample = (HERE.parents[1] / "sample_runs" / "finished.jsonl").read_text().splitlines()
    lines = [line for line in sample if "RUN_CLOSED" not in line]
    with scene.path.open("w") as file:
        for _ in range(200_000 // len(lines)):
            file.write("\n".join(lines) + "\n")
    scene.start()
    run = scene.viewer.run()["id"]
    scene.page()
    size = scene.path.stat().st_size
    while scene.viewer.get(f"api/runs/{run}")["progress"]["read_bytes"] < size:
        time.sleep(0.1)
    with scene.path.open("a") as file:
        for n in range(QUESTIONS):
            file.write(lines[n] + "\n")
            file.flush()
            scene.ask(f"api/runs/{run}/dashboard")
            scene.ask(f"api/runs/{run}/dashboard?at={size * n // QUESTIONS}")
            scene.ask(f"api/runs/{run}")
            scene.ask(f"api/runs/{run}/timeline?bins=1000")


def clients(scene: Scene) -> None:
    """A hundred pages come at once to a run that grows."""
    write(scene.path, metrics=20, rows=10_000)
    scene.start()
    writer = subprocess.Popen(
        [sys.executable, str(HERE / "writer.py"), str(scene.path), "100", "10"],
        stdout=subprocess.DEVNULL,
    )
    for _ in range(CLIENTS):
        scene.page()
    writer.wait(timeout=60)


SCENES: dict[str, Callable[[Scene], None]] = {
    "idle": idle,
    "opening": opening,
    "live 10000": live(10_000),
    "live 50000": live(50_000),
    "curves as JSON": curves("application/json"),
    "curves as binary": curves("application/octet-stream"),
    "folder": folder,
    "metrics": metrics,
    "dashboard": dashboard,
    "clients": clients,
}


def measure(name: str) -> dict[str, float]:
    """The worst that was noted in a scene."""
    with tempfile.TemporaryDirectory() as folder:
        scene = Scene(Path(folder))
        try:
            SCENES[name](scene)
        finally:
            scene.close()
        notes = [json.loads(line) for line in scene.log.open()]
    notes = [note for note in notes if note["at"] > scene.since]
    held = [(note["held_ms"], note["cpu_ms"]) for note in notes if "held_ms" in note]
    late = [note["late_ms"] for note in notes if "late_ms" in note]
    longest = max(held, default=(0.0, 0.0))
    own = [min(note["held_ms"], note["process_ms"]) for note in notes if "held_ms" in note]
    own_late = [min(note["late_ms"], note["process_ms"]) for note in notes if "late_ms" in note]
    return {
        f"{name}: longest held ms": longest[0],
        f"{name}: of that computed ms": longest[1],
        f"{name}: times held over {LIMIT_MS:g} ms": sum(each > LIMIT_MS for each, _ in held),
        f"{name}: longest held by the viewer's threads ms": max(own, default=0.0),
        f"{name}: times over {LIMIT_MS:g} ms": sum(each > LIMIT_MS for each in own),
        f"{name}: timer late p50 ms": median(late),
        f"{name}: timer late p99 ms": quantiles(late, n=100)[-1],
        f"{name}: timer late at worst ms": max(late),
        f"{name}: late by the viewer's threads at worst ms": max(own_late),
        f"{name}: machine: queued at worst ms": max(note["queued_ms"] for note in notes),
    }


def main() -> None:
    figures: dict[str, float] = {}
    with own_cache():
        for name in sys.argv[1:] or SCENES:
            figures |= measure(name)
    keep("loop", figures)


if __name__ == "__main__":
    main()
