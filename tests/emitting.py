"""A real training that emits and says what was emitted, whatever is done to its file meanwhile."""

import json
import subprocess
import sys
from pathlib import Path

from writing import readable, said, steps, tell

TRAINING = """
import os, queue, shutil, sys, threading, time
from karn import FileOutput

path, acknowledged = sys.argv[1], os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
first, lines_per_s = int(sys.argv[3]), float(sys.argv[4])
kept = os.path.join(os.path.dirname(path), "kept", "")
os.makedirs(kept, exist_ok=True)
count = 0

def rename():
    run.close()
    os.rename(path, f"{path}.{count:05}")

def truncate():
    run.close()
    shutil.copy(path, f"{kept}run.jsonl.{count:05}")
    os.truncate(path, 0)

def copy_and_truncate():
    shutil.copy(path, f"{path}.{count:05}")
    os.truncate(path, 0)

def replace_by_copy():
    run.close()
    shutil.copy(path, path + "~")
    os.replace(path + "~", path)

def listen():
    for line in sys.stdin:
        asked.put(line.strip())

asked = queue.SimpleQueue()
threading.Thread(target=listen, daemon=True).start()
run = FileOutput(path)
print("writing", flush=True)
step, begun = first, time.monotonic()
while True:
    early_s = begun + (step - first) / lines_per_s - time.monotonic()
    if early_s > 0.001:
        time.sleep(early_s)
    while not asked.empty():
        word = asked.get()
        if word == "pause":
            print(step, flush=True)
            word = asked.get()
            begun = time.monotonic() - (step - first) / lines_per_s
        if word != "go on":
            globals()[word]()
            count += 1
            run = FileOutput(path) if word != "copy_and_truncate" else run
            print("done", flush=True)
    run.log({"loss": 1 / (step + 1)}, step=step)
    os.write(acknowledged, b"%d\\n" % step)
    step += 1
"""


class Training:
    """A process that writes `run.jsonl` in a folder; each emitted step is noted when it is."""

    def __init__(self, folder: Path, first: int = 0, lines_per_s: float = 1_000) -> None:
        self.path = folder / "run.jsonl"
        self.acknowledged = folder / "acknowledged"
        self.process = subprocess.Popen(
            [sys.executable, "-c", TRAINING]
            + [str(given) for given in (self.path, self.acknowledged, first, lines_per_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert said(self.process) == "writing\n"

    def pause(self) -> int:
        """Has it wait for the next word; returns how many steps it emitted."""
        tell(self.process, "pause")
        return int(said(self.process))

    def tell(self, word: str) -> None:
        """Has it go on, after doing something to its file: a function of the script, or none."""
        tell(self.process, word)
        if word != "go on":
            assert said(self.process) == "done\n"

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.communicate()


def emitted(folder: Path) -> int:
    """How many steps were acknowledged, which are the first ones without a gap."""
    noted = [int(line) for line in (folder / "acknowledged").read_text().split()]
    assert noted == sorted(set(noted))
    return len(noted)


def next_step(path: Path) -> int:
    """The step after the last one that is committed to a file."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8_192))
        lines = file.read().split(b"\n")[1:-1]
    last = next((line for line in reversed(lines) if b'"METRICS"' in line), b"")
    return int(json.loads(last)["data"]["step"]) + 1 if last else 0


def files(folder: Path) -> list[Path]:
    """Every file that was written, those that are gone from the path included, the oldest first."""
    older = [*folder.glob("run.jsonl.*"), *folder.glob("kept/run.jsonl.*")]
    return [*sorted(older, key=lambda path: path.name), folder / "run.jsonl"]


def committed(folder: Path) -> list[int]:
    """The steps in all files, in the order of writing; a line torn by a kill is none."""
    return [step for path in files(folder) for step in steps(readable(path)[0])]
