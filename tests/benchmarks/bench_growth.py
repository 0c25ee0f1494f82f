"""What a page that stays open gathers: `python tests/benchmarks/bench_growth.py`.

In a headless Chromium, round by round: the file is replaced, grows in bursts, the viewer ends on
SIGTERM and another stands up at its port, dialogs and the log are opened and closed. Each round
leaves the page as the one before did, so whatever grows from one to the next is kept by mistake:
but for code, which the browser compiles for some twenty rounds, and for what it notes of a page
that is watched by tools. Both count as used heap, so objects are counted by themselves too.
"""

import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench_page import chromium
from browser.chromium import NoChromiumError
from history import keep
from viewing import own_cache, start_viewer

ROUNDS = 12
WARM = 3
"""Rounds after which everything has been made that is made once."""
LINES = 3_000
BURSTS = 10
METRICS = 30
TOKEN = "the-same"
DIALOGS = ("a", "d", "?", "Control+k")
NOT_OURS = {"code", "native", "synthetic"}
COUNTED = ("JSHeapUsedSize", "Nodes", "JSEventListeners", "LayoutObjects")


def burst(first: int, count: int) -> str:
    """Lines as a training writes them; the last step tells the page has all before it."""
    rows = (
        {"step": step, "told": step, **{f"metric{n}": random.random() for n in range(METRICS - 1)}}
        for step in range(first, first + count)
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def await_step(page: Any, step: int) -> None:
    """Waits until the page shows the value of this step."""
    told = page.locator(f'[data-chart="told"] .legend b[title^="{step}"]')
    told.wait_for(timeout=20_000)


def grow(page: Any, path: Path) -> None:
    """Another file in the place of the old one, and what a training adds to it."""
    size = LINES // BURSTS
    other = path.with_suffix(".new")
    other.write_text(burst(0, size))
    other.rename(path)
    for first in range(size, LINES, size):
        with path.open("a") as file:
            file.write(burst(first, size))
        page.wait_for_timeout(100)
    await_step(page, LINES - 1)


def open_and_close(page: Any) -> None:
    """All that somebody can open."""
    for key in DIALOGS:
        page.keyboard.press(key)
        page.locator("dialog[open]").wait_for()
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
        # Until the next frame a field of the closed dialog has the focus, and so the next key.
        page.locator("dialog :focus").wait_for(state="detached")
    page.keyboard.press("e")
    page.locator("#log .line").first.wait_for()
    page.keyboard.press("e")
    page.keyboard.press("v")
    page.locator("#table").wait_for()
    page.keyboard.press("v")
    for key in ("s", "s", "s", "s"):
        page.keyboard.press(key)
        page.wait_for_timeout(100)
    page.locator("#main").evaluate("main => main.scrollTop = main.scrollHeight")
    page.wait_for_timeout(200)
    page.locator("#main").evaluate("main => main.scrollTop = 0")


def counts(session: Any) -> dict[str, float]:
    """What the page holds once what nobody needs is gone."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    metrics = {
        each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]
    }
    return {name: metrics[name] for name in COUNTED}


def objects(session: Any) -> float:
    """Bytes of what the page's own script made: objects, arrays, functions, texts."""
    chunks: list[str] = []
    session.on("HeapProfiler.addHeapSnapshotChunk", lambda told: chunks.append(told["chunk"]))
    session.send("HeapProfiler.takeHeapSnapshot")
    snapshot = json.loads("".join(chunks))
    meta = snapshot["snapshot"]["meta"]
    fields, (types, *_) = meta["node_fields"], meta["node_types"]
    columns = (
        snapshot["nodes"][fields.index(name) :: len(fields)] for name in ("type", "self_size")
    )
    held = (size for type, size in zip(*columns, strict=True) if types[type] not in NOT_OURS)
    return float(sum(held))


def measure(browser: Any, folder: Path) -> dict[str, float]:
    """Counts after each round, as they come, and what a round adds to them."""
    path = folder / "run.jsonl"
    path.write_text(burst(0, 10))
    viewer = start_viewer(path, "--token", TOKEN)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    session = page.context.new_cdp_session(page)
    for domain in ("Performance", "HeapProfiler"):
        session.send(f"{domain}.enable")
    seen: list[dict[str, float]] = []
    ends_s: list[float] = []
    try:
        page.goto(viewer.url)
        await_step(page, 9)
        for round in range(ROUNDS):
            grow(page, path)
            open_and_close(page)
            began = time.perf_counter()
            viewer.stop()
            ends_s.append(time.perf_counter() - began)
            viewer.close()
            viewer = start_viewer(path, "--token", TOKEN, "--port", str(viewer.port))
            page.locator('#header .link[data-link="open"]').wait_for(timeout=20_000)
            page.wait_for_timeout(500)
            seen.append(counts(session))
            if round in (WARM, ROUNDS - 1):
                seen[-1]["bytes of objects"] = objects(session)
            print(f"round {round}:", *(f"{name} {value:,.0f}" for name, value in seen[-1].items()))
    finally:
        page.close()
        viewer.close()
    first, last = seen[WARM], seen[-1]
    grown = {
        f"{name}: a round adds": (last[name] - first[name]) / (ROUNDS - 1 - WARM) for name in first
    }
    return {**grown, "viewer's end on SIGTERM, longest s": max(ends_s)}


def main() -> None:
    try:
        with own_cache(), chromium() as browser, tempfile.TemporaryDirectory() as folder:
            keep("growth", measure(browser, Path(folder)))
    except (ImportError, NoChromiumError) as reason:
        print(f"growth: not measured: {reason}")


if __name__ == "__main__":
    main()
