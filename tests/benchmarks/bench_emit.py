"""What one step of ten metrics costs the training, side by side in one run.

    python tests/benchmarks/bench_emit.py [--steps 2000]

Every row writes the same ten numbers for each step and is timed call by call, on the calling
thread, as a training would notice it. The ways take turns, so that a noisy machine is unfair to all
of them alike. What the others do later, in threads and processes of their own, is not counted.
"""

import argparse
import contextlib
import importlib
import io
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from history import keep

from karn import FileOutput, TelemetryEvent, TelemetryEventType
from karn.encode import encode
from karn.event import as_record

METRICS = {f"train/metric_{number}": 0.1234567 * (number + 1) for number in range(10)}
ROUND = 50

Step = Callable[[int], object]


class Cost(NamedTuple):
    """What one call took, in microseconds."""

    mean: float
    p50: float
    p99: float


def event(step: int) -> TelemetryEvent:
    """An event of ten metrics."""
    data = {"step": step, "metrics": METRICS}
    return TelemetryEvent(TelemetryEventType.METRICS, data=data)


@contextmanager
def bare_write(folder: Path) -> Iterator[Step]:
    """The floor: the bytes of one line, given to the system."""
    line = encode(as_record(event(1000)) | {"seq": 1000}) + b"\n"
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    yield lambda step: os.write(descriptor, line)
    os.close(descriptor)


@contextmanager
def encoding(folder: Path) -> Iterator[Step]:
    """An event that exists, as bytes."""
    ready = event(1000)
    yield lambda step: encode(as_record(ready))


@contextmanager
def emitting(folder: Path) -> Iterator[Step]:
    """An event that exists, into the file."""
    ready = event(1000)
    with FileOutput(folder / "emit.jsonl") as run:
        yield lambda step: run.emit(ready)


@contextmanager
def logging(folder: Path) -> Iterator[Step]:
    """Ten numbers, made an event with its id and time, into the file."""
    with FileOutput(folder / "log.jsonl") as run:
        yield lambda step: run.log(METRICS, step=step)


@contextmanager
def tensorboardx(folder: Path) -> Iterator[Step]:
    """tensorboardX: one add_scalar a number; a queue and a thread write."""
    writer = importlib.import_module("tensorboardX").SummaryWriter(str(folder / "tbx"))

    def log(step: int) -> None:
        for name, value in METRICS.items():
            writer.add_scalar(name, value, step)

    yield log
    writer.close()


@contextmanager
def wandb(folder: Path) -> Iterator[Step]:
    """W&B offline: a process of its own writes."""
    os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    run = importlib.import_module("wandb").init(project="bench", dir=str(folder))
    yield lambda step: run.log(METRICS, step=step)
    run.finish()


@contextmanager
def trackio(folder: Path) -> Iterator[Step]:
    """trackio, local: a thread writes to SQLite."""
    os.environ["TRACKIO_DIR"] = str(folder / "trackio")
    module = importlib.import_module("trackio")
    module.init(project="bench", embed=False)
    yield lambda step: module.log(METRICS, step=step)
    module.finish()


@contextmanager
def mlflow(folder: Path) -> Iterator[Step]:
    """MLflow into SQLite, on the calling thread."""
    module = importlib.import_module("mlflow")
    module.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    with module.start_run():
        yield lambda step: module.log_metrics(METRICS, step=step)


OURS = {
    "os.write of the same bytes": bare_write,
    "envelope and encode": encoding,
    "FileOutput.emit": emitting,
    "FileOutput.log": logging,
}
OTHERS = {"tensorboardX": tensorboardx, "wandb": wandb, "trackio": trackio, "mlflow": mlflow}


def timed(step: Step, numbers: range) -> list[float]:
    """The microseconds of each call."""
    took: list[float] = []
    for number in numbers:
        begun = time.perf_counter_ns()
        step(number)
        took.append((time.perf_counter_ns() - begun) / 1000)
    return took


def cost(took: list[float]) -> Cost:
    """Sum up the calls."""
    hundredths = statistics.quantiles(took, n=100)
    return Cost(statistics.fmean(took), hundredths[49], hundredths[98])


def measured(ways: dict[str, Any], steps: int) -> tuple[dict[str, Cost], dict[str, str]]:
    """Time the ways in turns.

    Returns:
        The costs, and for each way that could not be tried the reason.
    """
    open_steps: dict[str, Step] = {}
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        for name, way in ways.items():
            try:
                open_steps[name] = stack.enter_context(way(Path(folder)))
            except Exception as error:  # noqa: BLE001  # another library's own affair
                missing[name] = f"{type(error).__name__}: {error}".splitlines()[0]
        took: dict[str, list[float]] = {name: [] for name in open_steps}
        for begin in range(0, steps, ROUND):
            for name, step in open_steps.items():
                took[name] += timed(step, range(begin, begin + ROUND))
    return {name: cost(each) for name, each in took.items()}, missing


def main() -> None:
    """Measures, prints and appends to the history."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--steps", type=int, default=2000)
    warnings.simplefilter("ignore")
    costs, missing = measured(OURS | OTHERS, parser.parse_args().steps)
    figures = {
        f"{name}: {what} us": took
        for name, each in costs.items()
        for what, took in each._asdict().items()
    }
    floor = costs["os.write of the same bytes"].p50
    ratios = {f"{name}: times os.write": each.p50 / floor for name, each in costs.items()}
    bare = costs["envelope and encode"].p50 + floor
    ratios["FileOutput.emit: times encode + os.write"] = costs["FileOutput.emit"].p50 / bare
    keep("emit", figures, ratios)
    for name, reason in missing.items():
        print(f"{name}: not measured: {reason}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
