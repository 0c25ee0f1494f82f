"""What an open page shows, how soon and at what cost: `python tests/benchmarks/bench_page.py`.

In a headless Chromium: the time from `write` to the frame that shows the line; frames a second, how
often a chart is drawn and what the page's process computes while fifty charts get points ten times
a second, in a usual window and all in sight, beside a page with nothing to do, which tells what the
machine allows; frames while somebody scrolls through all charts of a hundred runs laid over each
other; the memory of its JavaScript after the points of an hour, told live and found there.
"""

import itertools
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from browser.chromium import NoChromiumError, find
from history import keep
from viewing import own_cache, start_viewer

LINES = 200
GAP_S = (0.02, 0.2)
CHARTS = 50
RECORDS_A_SECOND = 10
FRAMES_S = 20.0
HOUR = 36_000
HURRY = 600
"""Records a second at which the hour is told."""
BEFORE = 2_000
WINDOW = {"width": 1920, "height": 1080}
ALL_IN_SIGHT = {"width": 1920, "height": 3200}
RUN = Path("run.jsonl")
RUNS = 100
METRICS = 500
STEPS = 40

PAINTED = """() => {
  // The legend is written in the frame that draws the curve; a message comes after its painting.
  window.shown = [];
  const legend = document.querySelector('[data-chart="loss"] .legend');
  const channel = new MessageChannel();
  const now = () => performance.timeOrigin + performance.now();
  channel.port2.onmessage = ({ data }) => shown.push([data, now()]);
  new MutationObserver(() => channel.port1.postMessage(legend.querySelector("b").textContent))
    .observe(legend, { subtree: true, childList: true, characterData: true });
}"""
FRAMES = """(ms) => new Promise((done) => {
  const times = [];
  const began = performance.now();
  requestAnimationFrame(function frame(now) {
    times.push(now);
    if (performance.now() - began < ms) requestAnimationFrame(frame);
    else done(times);
  });
})"""
COUNT_CHANGES = """() => {
  // The value of a legend is written when its chart is drawn.
  window.changes = 0;
  const values = (changed) => changed.filter(({ target }) => target.nodeName === "B");
  new MutationObserver((changed) => (changes += values(changed).length))
    .observe(document.getElementById("charts"), { subtree: true, childList: true });
}"""

SCROLL = """() => new Promise((done) => {
  const main = document.getElementById("main");
  const times = [];
  requestAnimationFrame(function frame(now) {
    times.push(now);
    const before = main.scrollTop;
    main.scrollTop += 60;
    if (main.scrollTop !== before) requestAnimationFrame(frame);
    else done(times);
  });
})"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser as the tests have it."""
    from browser.conftest import QUIET_AND_SMALL
    from playwright.sync_api import sync_playwright

    path = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*QUIET_AND_SMALL])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Any, path: Path, **viewport: int) -> Iterator[Any]:
    """A page that looks at a run, its first chart drawn."""
    viewer = start_viewer(path)
    page = browser.new_page(viewport=viewport or {"width": 1280, "height": 800})
    try:
        page.goto(viewer.url)
        page.locator(".card .legend b").first.wait_for()
        page.wait_for_timeout(1_000)
        yield page
    finally:
        page.close()
        viewer.close()


def record(step: int) -> str:
    """Curves that fall and shake, as losses do."""
    level = math.exp(-step / BEFORE)
    values = {f"metric{n}": round(level + 0.05 * random.random(), 6) for n in range(CHARTS)}
    return json.dumps({"step": step, **values}) + "\n"


def write_at(path: Path, rate: float, first: int, count: int) -> None:
    """Writes records when they are due; called in a process of its own."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND)
    began = time.perf_counter()
    for n in range(count):
        time.sleep(max(0.0, began + n / rate - time.perf_counter()))
        os.write(fd, record(first + n).encode())
    os.close(fd)


@contextmanager
def writing(path: Path, rate: float, first: int, count: int) -> Iterator[subprocess.Popen[bytes]]:
    asked = [str(each) for each in (path, rate, first, count)]
    writer = subprocess.Popen([sys.executable, __file__, "write", *asked])
    try:
        yield writer
    finally:
        writer.kill()
        writer.wait()


def painted(browser: Any, folder: Path) -> dict[str, float]:
    """From `write` to the painted frame, for single lines."""
    path = folder / RUN
    path.write_text('{"step": 0, "loss": 0.5}\n')
    with opened(browser, path) as page, path.open("ab", 0) as file:
        page.evaluate(PAINTED)
        written = {}
        for step in range(100, 100 + LINES):
            written[str(step)] = 1e3 * time.time()
            file.write(b'{"step": %d, "loss": %d}\n' % (step, step))
            page.wait_for_timeout(1e3 * random.uniform(*GAP_S))
        page.wait_for_function(f"shown.at(-1)[0] === '{99 + LINES}'")
        shown = page.evaluate("shown")
    late = [at - written.pop(text) for text, at in shown if text in written]
    return {
        "write to pixels p50 ms": median(late),
        "write to pixels p99 ms": quantiles(late, n=100)[-1],
        f"shown by themselves, of {LINES} lines": len(late),
    }


def frames(browser: Any, folder: Path, name: str, viewport: dict[str, int]) -> dict[str, float]:
    """Frames a second, first with nothing to do, then with fifty live charts."""
    path = folder / RUN
    path.write_text("".join(map(record, range(BEFORE))))
    with opened(browser, path, **viewport) as page:
        in_sight = page.locator(".card canvas").count()
        idle = page.evaluate(FRAMES, 5_000)
        with writing(path, RECORDS_A_SECOND, BEFORE, 1_000):
            page.wait_for_timeout(2_000)
            used_s, began = renderer_s(browser), time.monotonic()
            page.evaluate(COUNT_CHANGES)
            live = page.evaluate(FRAMES, 1e3 * FRAMES_S)
            took_s = time.monotonic() - began
            changes = page.evaluate("changes")
            spent = (renderer_s(browser) - used_s) / took_s
    gaps = [after - before for before, after in itertools.pairwise(live)]
    return {
        f"{name}: charts in sight": in_sight,
        f"{name}: idle, frames/s": 1e3 * (len(idle) - 1) / (idle[-1] - idle[0]),
        f"{name}: frames/s": 1e3 * (len(live) - 1) / (live[-1] - live[0]),
        f"{name}: frame p50 ms": median(gaps),
        f"{name}: frame p99 ms": quantiles(gaps, n=100)[-1],
        f"{name}: redraws of a chart a second": changes / in_sight / took_s,
        f"{name}: renderer cpu %": 100 * spent,
    }


def scrolling(browser: Any, folder: Path) -> dict[str, float]:
    """Frames while charts of many runs are scrolled through, for the first time and again."""
    for run in range(RUNS):
        rows = (
            {"step": step, **{f"metric{n}": random.random() / (1 + step) for n in range(METRICS)}}
            for step in range(STEPS)
        )
        (folder / f"run{run:03}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    figures: dict[str, float] = {}
    with opened(browser, folder, width=1440, height=900) as page:
        page.get_by_role("button", name="compare all").click()
        page.locator(".card .legend li").nth(1).wait_for(timeout=60_000)
        page.wait_for_timeout(10_000)
        for name in ("first scroll", "second scroll"):
            used_s = renderer_s(browser)
            times = page.evaluate(SCROLL)
            spent_s = renderer_s(browser) - used_s
            gaps = [after - before for before, after in itertools.pairwise(times)]
            figures |= {
                f"{name}: frame p50 ms": median(gaps),
                f"{name}: frame p95 ms": quantiles(gaps, n=20)[-1],
                f"{name}: frame max ms": max(gaps),
                f"{name}: renderer cpu a frame ms": 1e3 * spent_s / len(gaps),
            }
            page.locator("#main").evaluate("main => main.scrollTop = 0")
            page.wait_for_timeout(2_000)
    return figures


def renderer_s(browser: Any) -> float:
    """Seconds of processor that pages have used."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return math.fsum(each["cpuTime"] for each in processes if each["type"] == "renderer")


def heap_mb(page: Any) -> float:
    """What the page's JavaScript holds once what nobody needs is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6


def memory(browser: Any, folder: Path) -> dict[str, float]:
    """The heap of a page that was told an hour live, and of one that found it there."""
    path = folder / RUN
    path.write_text("".join(map(record, range(10))))
    with opened(browser, path, **ALL_IN_SIGHT) as page:
        begun = heap_mb(page)
        with writing(path, HURRY, 10, HOUR) as writer:
            writer.wait(timeout=600)
        page.wait_for_timeout(5_000)
        live = heap_mb(page)
    with opened(browser, path, **ALL_IN_SIGHT) as page:
        page.wait_for_timeout(2_000)
        found = heap_mb(page)
    return {
        "new page: heap MB": begun,
        f"{HOUR} records of {CHARTS} metrics told: heap MB": live,
        f"{HOUR} records of {CHARTS} metrics found: heap MB": found,
    }


def main() -> None:
    figures: dict[str, float] = {}
    try:
        with own_cache(), chromium() as browser:
            for measure in (
                painted,
                partial(frames, name=f"{CHARTS} charts, a window", viewport=WINDOW),
                partial(frames, name=f"{CHARTS} charts, all seen", viewport=ALL_IN_SIGHT),
                scrolling,
                memory,
            ):
                with tempfile.TemporaryDirectory() as folder:
                    figures |= measure(browser, Path(folder))
    except (ImportError, NoChromiumError) as reason:
        print(f"page: not measured: {reason}")
    else:
        keep("page", figures)


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        path, rate, first, count = sys.argv[2:]
        write_at(Path(path), float(rate), int(first), int(count))
    else:
        main()
