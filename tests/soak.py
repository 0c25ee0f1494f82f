"""A training of 1,000 lines a second whose file is rotated, cut and copied; viewers and pages.

    PYTHONPATH=tests python -m soak [--seconds N]

At the end every step was delivered to every page once and in order, and the viewer that ran all
along has not grown: neither descriptors nor threads, nor memory beyond a bound.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from emitting import Training, files
from page import Page
from viewing import Viewer, start_viewer
from writing import records, steps

LINES_PER_S = 1_000
PAUSE_S = (0.5, 3.0)
WHEN_ALL_IS_DELIVERED = ("truncate", "copy_and_truncate")
"""What nobody saw before it was cut off is owed to nobody, and nothing leads from there on."""
AT_ANY_MOMENT = ("rename", "replace_by_copy", "restart")
CHANGES_BEHIND = 3
"""A page that is further behind is waited for: the viewer keeps four replaced files at hand."""
FILES_KEPT = 6

DESCRIPTORS_MORE = 8
"""Replaced files are held for 5 s each, and pages read through descriptors of their own."""
THREADS_MORE = 2
SPOOL_MIB = 8.0
"""The newest lines of a file are kept in memory, so that one that stays long costs this once."""
MIB_A_MINUTE = 4.0
"""A line of one metric costs 45 bytes in columns: 2.6 MiB a minute while a file stays."""


class Sample(NamedTuple):
    """What a viewer uses at a moment, and how far everything is."""

    at_s: float
    emitted: int
    generations: int
    rss_mib: float
    descriptors: int
    threads: int


class Soak:
    """One training, a viewer that stays, one that is started again and again, three pages."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.samples: list[Sample] = []
        self.changes: dict[str, int] = dict.fromkeys((*WHEN_ALL_IS_DELIVERED, *AT_ANY_MOMENT), 0)
        self.committed = 0
        self._folder = folder
        self._marks = deque([0], maxlen=CHANGES_BEHIND)
        self._draw = random.Random(seed)
        self._open = ExitStack()
        self._training = Training(folder, lines_per_s=LINES_PER_S)
        self._open.callback(self._training.kill)
        self._staying, self._restarted = (self._start(), self._start())
        self._open.callback(lambda: self._restarted.close())
        self._open.callback(self._staying.close)
        viewers = (self._staying, self._staying, self._restarted)
        self.pages = [Page(viewer.socket_url) for viewer in viewers]
        for page in self.pages:
            self._open.callback(page.close)
        self._begun = time.monotonic()

    def run(self, seconds: float) -> None:
        """Goes on for some seconds, and until everything was delivered."""
        with self._open:
            while self._now_s() < seconds:
                self._rest(self._draw.uniform(*PAUSE_S))
                self._change(self._draw.choice(list(self.changes)))
                self._count(files(self._folder)[:-FILES_KEPT], remove=True)
            emitted = self._training.pause()
            self._until_delivered(emitted)
        self._count(files(self._folder))
        assert self.committed == emitted, f"{self.committed} committed of {emitted} emitted"

    def _change(self, what: str) -> None:
        self.changes[what] += 1
        if what == "restart":
            self._draw.choice((self._restarted.kill, self._restarted.stop))()
            self._restarted.close()
            self._restarted = self._start(self._restarted.port)
            return
        emitted = self._training.pause()
        self._marks.append(emitted)
        self._until_delivered(emitted if what in WHEN_ALL_IS_DELIVERED else self._marks[0])
        self._training.tell(what)
        if what in WHEN_ALL_IS_DELIVERED:
            self._until_delivered(emitted + 1)

    def _start(self, port: int = 0) -> Viewer:
        return start_viewer(self._training.path, "--port", str(port), "--token", "of-both")

    def _until_delivered(self, emitted: int) -> None:
        for page in self.pages:
            page.await_steps(emitted)

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
            self.samples.append(self._sample())

    def _sample(self) -> Sample:
        proc = Path("/proc", str(self._staying.process.pid))
        status = dict(
            line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line
        )
        return Sample(
            at_s=self._now_s(),
            emitted=len(self.pages[0].steps),
            generations=sum(self.changes[name] for name in ("rename", *WHEN_ALL_IS_DELIVERED)) + 1,
            rss_mib=int(status["VmRSS"].split()[0]) / 1024,
            descriptors=len(os.listdir(proc / "fd")),
            threads=int(status["Threads"]),
        )

    def _now_s(self) -> float:
        return time.monotonic() - self._begun

    def _count(self, written: list[Path], *, remove: bool = False) -> None:
        """Counts the steps of files; that they follow each other is what a file promises."""
        for path in written:
            for step in steps(records(path)):
                assert step == self.committed, f"{path.name}: {step} after {self.committed - 1}"
                self.committed += 1
            if remove:
                path.unlink()


def check_delivery(soak: Soak) -> None:
    """Every page has every step once, in order, and nothing else."""
    for page in soak.pages:
        assert page.steps == bytes([1]) * soak.committed
        assert (page.out_of_order, page.faults) == (0, [])


def check_growth(samples: list[Sample]) -> None:
    """Compares the viewer's second and last third; the first one is its warm-up."""
    third = len(samples) // 3
    warm_up, middle, last = samples[:third], samples[third : 2 * third], samples[2 * third :]
    for name, more in (("descriptors", DESCRIPTORS_MORE), ("threads", THREADS_MORE)):
        before, after = (max(getattr(s, name) for s in part) for part in (warm_up, middle + last))
        assert after <= before + more, f"{name}: {before} in the warm-up, then {after}"
    grown = _median(last, lambda s: s.rss_mib) - _median(middle, lambda s: s.rss_mib)
    minutes = (_median(last, lambda s: s.at_s) - _median(middle, lambda s: s.at_s)) / 60
    print(f"memory grew by {grown:.1f} MiB in {minutes:.1f} minutes after the warm-up")
    assert grown < SPOOL_MIB + MIB_A_MINUTE * minutes


def _median(samples: list[Sample], value: Callable[[Sample], float]) -> float:
    return statistics.median(map(value, samples))


def table(samples: list[Sample]) -> Iterator[str]:
    """A dozen of the samples as lines of text."""
    yield "   time     lines  generations  memory  descriptors  threads"
    for sample in samples[:: max(1, len(samples) // 12)]:
        at_s, emitted, generations, rss_mib, descriptors, threads = sample
        yield (
            f"{at_s:5.0f} s {emitted:>9} {generations:>12} {rss_mib:>5.1f} M"
            f" {descriptors:>11} {threads:>8}"
        )


def main() -> int:
    """Soaks, prints what was seen and judges it."""
    parser = argparse.ArgumentParser(prog="soak", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="for how long (default: 60)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(Path(folder))
        soak.run(given.seconds)
    print(*table(soak.samples), sep="\n")
    print(", ".join(f"{count} × {name}" for name, count in soak.changes.items()))
    print(f"{soak.committed} committed", *(page.account for page in soak.pages), sep="\n")
    check_delivery(soak)
    check_growth(soak.samples)
    return 0


if __name__ == "__main__":
    sys.exit(main())
