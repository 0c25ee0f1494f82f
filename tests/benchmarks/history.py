"""What the benchmarks measured, each time they did: `python tests/benchmarks/history.py`.

Prints the last figures of each benchmark beside those of the time before. The history is one JSON
line a measurement, so `karn-view artefacts/bench/history.jsonl` draws it.
"""

import json
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

HISTORY = Path("artefacts", "bench", "history.jsonl")

Entry = dict[str, Any]


def keep(bench: str, figures: dict[str, float], ratios: dict[str, float] | None = None) -> None:
    """Prints a benchmark's figures and adds them to the history.

    Args:
        bench: Its name.
        figures: Measured values by name; the name ends in the unit.
        ratios: How many times as much one figure is as another of the same run, by name.
    """
    entry = {
        "time": time.time(),
        "commit": commit(),
        "machine": f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}",
        "bench": bench,
        "figures": {what: float(f"{value:.4g}") for what, value in figures.items()},
        "ratios": {what: float(f"{value:.4g}") for what, value in (ratios or {}).items()},
    }
    HISTORY.parent.mkdir(parents=True, exist_ok=True)
    with HISTORY.open("a") as file:
        file.write(json.dumps(entry) + "\n")
    print(table([entry]))


def commit() -> str:
    """The commit that is checked out, with a + when files were changed since."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def table(entries: list[Entry]) -> str:
    """The last figures of each benchmark, and how many times those of the time before they are."""
    now: dict[str, Entry] = {}
    before: dict[str, Entry] = {}
    for entry in entries:
        if entry["bench"] in now:
            before[entry["bench"]] = now[entry["bench"]]
        now[entry["bench"]] = entry
    rows = [f"{'':50} {'now':>10} {'before':>10} {'times':>7}"]
    for bench, entry in now.items():
        at = time.strftime("%F %R", time.gmtime(entry["time"]))
        rows.append(f"{bench}  {at}  at {entry['commit']}")
        for kind in ("figures", "ratios"):
            old = before.get(bench, {}).get(kind, {})
            rows += [row(what, value, old.get(what)) for what, value in entry[kind].items()]
    return "\n".join(rows)


def row(what: str, value: float, old: float | None) -> str:
    if not old:
        return f"  {what:48} {value:10.4g}"
    return f"  {what:48} {value:10.4g} {old:10.4g} {value / old:7.2f}"


def main() -> None:
    entries = [json.loads(line) for line in HISTORY.open()] if HISTORY.exists() else []
    print(table(entries))


if __name__ == "__main__":
    main()
