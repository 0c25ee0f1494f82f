"""What the README says is true."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
LINKS = re.findall(r"\]\(([^)]+)\)", README)


@pytest.mark.parametrize("example", EXAMPLES, ids=["any training", "karn in the training"])
def test_an_example_writes_one_loss_a_step(example: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", example], cwd=tmp_path, check=True)

    (run,) = tmp_path.rglob("*.jsonl")
    lines = [line for line in run.read_text().splitlines() if '"loss"' in line]
    assert len(lines) == 100
    assert all(isinstance(json.loads(line), dict) for line in lines)


@pytest.mark.parametrize("link", LINKS)
def test_a_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
