"""Asks a real viewer everything that its own description allows, and much that it does not.

Schemathesis makes the questions; the description gets the ids of real runs, or all would be 404.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from viewing import start_viewer

RUNS = Path(__file__).parents[2] / "sample_runs"


def main() -> int:
    """Returns what Schemathesis found, as an exit code."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "empty.jsonl").touch()
        viewer = start_viewer(RUNS / "finished.jsonl", RUNS / "diverged.jsonl", folder)
        try:
            described = viewer.get("api/openapi.json")
            ids = [run["id"] for run in viewer.get("api/runs")["runs"]]
            for path in described["paths"].values():
                for parameter in path["get"]["parameters"]:
                    if parameter["name"] == "id":
                        parameter["schema"]["enum"] = [*ids, "none"]
            schema = Path(folder) / "openapi.json"
            schema.write_text(json.dumps(described))
            command = [
                *("schemathesis", "run", str(schema)),
                *("--url", f"http://127.0.0.1:{viewer.port}"),
                *("--header", f"Authorization: Bearer {viewer.token}"),
                *("--phases", "coverage,fuzzing", "--mode", "all", "--no-color"),
                *sys.argv[1:],
            ]
            return subprocess.run(command, cwd=folder, check=False).returncode
        finally:
            viewer.close()


if __name__ == "__main__":
    sys.exit(main())
