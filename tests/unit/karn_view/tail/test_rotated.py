import os
from pathlib import Path

import pytest
from karn_view.tail.rotated import LOOKED_AT_MOST, is_numbered, rotated


def test_names_that_go_on_are_found_the_youngest_first(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    names = ["run.jsonl.1", "run.jsonl-20240601", "run.jsonl.2.gz"]
    for age, name in enumerate(names):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000 - age, 1_000 - age))
    for other in ["run.jsonl", "run.json", "run.jsonline", "other.jsonl.1"]:
        (tmp_path / other).touch()
    (tmp_path / "run.jsonl.d").mkdir()
    assert [found.name for found in rotated(path)] == names


def test_not_more_than_a_few_are_looked_at(tmp_path: Path) -> None:
    for number in range(LOOKED_AT_MOST + 5):
        (tmp_path / f"run.jsonl.{number}").touch()
    assert len(rotated(tmp_path / "run.jsonl")) == LOOKED_AT_MOST


@pytest.mark.parametrize(
    ("name", "numbered"),
    [
        ("run.jsonl.1", True),
        ("run.jsonl-20240601", True),
        ("run.jsonl.2024-06-01T10:00.gz", True),
        ("run.jsonl.bak", False),
        ("run.jsonl.old2", False),
        ("run.jsonl.", False),
    ],
)
def test_rotation_gives_numbers_and_dates(name: str, numbered: bool) -> None:
    assert is_numbered(Path(name), Path("run.jsonl")) is numbered
