"""What docs/training.md says is true."""

import re
import sys
from pathlib import Path
from subprocess import run

import pytest
from writing import records, types

from karn.encode import LINE_LIMIT_BYTES
from karn.plain import DEPTH_LIMIT

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "training.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
LINKS = re.findall(r"\]\(([^)]+)\)", TEXT)


@pytest.mark.parametrize("example", EXAMPLES, ids=["metrics", "events"])
def test_an_example_runs_and_closes_its_run(example: str, tmp_path: Path) -> None:
    run([sys.executable, "-W", "error", "-c", example], cwd=tmp_path, check=True)
    (path,) = tmp_path.rglob("*.jsonl")
    found = types(records(path))
    assert len(found) > 3
    assert found[-1] == "RUN_CLOSED"


@pytest.mark.parametrize("link", LINKS)
def test_a_link_leads_somewhere(link: str) -> None:
    assert (Path(__file__).resolve().parents[2] / "docs" / link).exists()


def test_the_limits_are_those_of_the_code() -> None:
    assert f"more than {DEPTH_LIMIT} levels" in TEXT
    assert f"more than {LINE_LIMIT_BYTES // 2**20} MiB" in TEXT
