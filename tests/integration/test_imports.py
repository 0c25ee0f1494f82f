import sys
from pathlib import Path

from viewing import received, start_viewer

WATCHED = """
import runpy, sys
told = open(sys.argv[1], "a", buffering=1)
sys.addaudithook(lambda event, of: event == "import" and told.write(f"{of[0]}\\n"))
sys.argv = sys.argv[4:]
runpy.run_module("karn_view", run_name="__main__", alter_sys=True)
"""
LINES = "".join(
    f'{{"step": {n}, "loss": {1 / (n + 1)}}}\n{{"step": {n}, "phase": "val", "accuracy": 0.5}}\n'
    for n in range(1_000)
)


def test_what_is_needed_is_imported_before_it_listens(tmp_path: Path) -> None:
    path, told = tmp_path / "run.jsonl", tmp_path / "imports"
    path.write_text(LINES)
    viewer = start_viewer(path, prefix=(sys.executable, "-c", WATCHED, str(told)))
    try:
        before = told.read_text()
        run = viewer.run()["id"]
        wants = ["state", "points", "events", "dashboard", "alerts"]
        with viewer.connected(runs=[run], wants=wants) as socket:
            received(socket, "snapshot")
            with path.open("a") as file:
                file.write(LINES)
            while viewer.run()["records"] < 4_000:
                received(socket, "append")
        for question in ("metrics", "series", "dashboard", "timeline", "events?type=metric&q=val"):
            viewer.get(f"api/runs/{run}/{question}")
    finally:
        viewer.close()
    assert told.read_text().removeprefix(before) == ""
