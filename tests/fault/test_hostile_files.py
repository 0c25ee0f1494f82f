"""Files made to exhaust whoever reads them: they cost themselves only, and not without bound."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from load.scene import memory_kb
from viewing import ADDRESS, Viewer

Eventually = Callable[..., None]

MEMORY_BYTES = 2 << 30
GOOD = 20
NAMES_A_LINE = 500

BAD = {
    "deep arrays": '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep objects": '{"a": ' * 100_000 + "1" + "}" * 100_000,
    "half of a deep array": '{"a": ' + "[" * 100_000,
    "a long name": json.dumps({"x" * (1 << 20): 1}),
    "a long line": '{"text": "' + "y" * (17 << 20) + '"}',
    "many names": json.dumps({f"name {n}": n for n in range(50_000)}),
    "a huge integer": '{"n": ' + "9" * 100_000 + "}",
    "odd numbers": '{"a": NaN, "b": 1e999, "c": -Infinity, "d": -0, "e": 1e-999}',
    "one name twice": '{"loss": 1, "loss": 2}',
    "half a surrogate": '{"a\\ud800": "\\udfff"}',
    "zeroes": "\x00" * 1_000,
    "prototypes": '{"__proto__": {"x": 1}, "constructor": {"prototype": 2}}',
    "text direction": '{"\u202e\u2066": "\u202d", "\x1b[2J": 3}',
}


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Callable[[], Viewer]]:
    """Starts a viewer of the folder in a bounded address space."""
    viewers = []

    def start() -> Viewer:
        process = subprocess.Popen(
            [sys.executable, "-m", "karn_view", "--port", "0", str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES,) * 2),
        )
        assert process.stdout
        address = ADDRESS.match(process.stdout.readline())
        assert address
        viewers.append(Viewer(process, address.group(1)))
        return viewers[-1]

    yield start
    for viewer in viewers:
        viewer.close()


@pytest.mark.parametrize("kind", BAD)
def test_the_lines_around_a_hostile_one_arrive(
    limited: Callable[[], Viewer], tmp_path: Path, eventually: Eventually, kind: str
) -> None:
    good = [json.dumps({"step": step, "loss": 1.0}) for step in range(2 * GOOD)]
    lines = [*good[:GOOD], *[BAD[kind]] * 3, *good[GOOD:]]
    (tmp_path / "run.jsonl").write_text("".join(f"{line}\n" for line in lines))
    viewer = limited()
    eventually(lambda: viewer.run()["rows"] == len(lines), within_s=60)
    run = viewer.run()["id"]
    items = viewer.events(run)
    steps = [item["record"].get("step") for item in items if "record" in item]
    assert [step for step in steps if step is not None] == list(range(2 * GOOD))
    for path in ("", "/metrics", "/series", "/dashboard", "/timeline", "/faults"):
        viewer.get(f"api/runs/{run}{path}")
    assert viewer.process.poll() is None


def test_names_without_end_cost_no_memory_without_end(
    limited: Callable[[], Viewer], tmp_path: Path, eventually: Eventually
) -> None:
    lines = 100

    def write(first: int) -> None:
        with (tmp_path / "run.jsonl").open("a") as file:
            for step in range(first, first + lines):
                made_up = {f"{step} {n}": n for n in range(NAMES_A_LINE)}
                file.write(json.dumps({"step": step, **made_up}) + "\n")

    write(0)
    viewer = limited()
    eventually(lambda: viewer.run()["lines"] == lines, within_s=60)
    before = viewer.run()["metrics"]
    assert before < lines * NAMES_A_LINE
    before_kb = memory_kb(viewer)
    write(lines)
    eventually(lambda: viewer.run()["lines"] == 2 * lines, within_s=60)
    assert viewer.run()["metrics"] == before
    assert memory_kb(viewer) - before_kb < 64 << 10
