"""The rules built in, on every real file there is: silent on healthy runs, loud on broken ones."""

from pathlib import Path

import pytest
from karn_view.formats.rows import Overrides
from karn_view.generation import Generation
from karn_view.lines import split

BROKEN = {"train_log_nan.jsonl"}


def alerts_of(path: Path) -> dict[str, str]:
    """What the rules found in a file: type and the text of the newest."""
    data = path.read_bytes()
    data = data[: data.rfind(b"\n") + 1]
    generation = Generation("g", "", Overrides())
    generation.absorb(split(data, 0), len(data))
    generation.look(path.name)
    found = generation.watch.alerts(generation.store).dashboard()["alerts"]
    return {one["type"]: one["text"] for one in found}


@pytest.mark.parametrize("name", ["finished", "killed"])
def test_a_healthy_sample_run_raises_no_alarm(sample_runs: Path, name: str) -> None:
    assert alerts_of(sample_runs / f"{name}.jsonl") == {}


def test_a_diverged_sample_run_raises_alarms(sample_runs: Path) -> None:
    found = alerts_of(sample_runs / "diverged.jsonl")
    assert found.keys() == {"DIVERGENCE", "NON_FINITE"}
    assert found["DIVERGENCE"].startswith("train_loss is ")


def test_no_healthy_file_of_another_library_raises_an_alarm(shared_data: Path) -> None:
    files = [path for path in (shared_data / "wild").rglob("*") if path.is_file()]
    assert len(files) > 20
    loud = {path.name: found for path in files if (found := alerts_of(path))}
    assert loud.keys() == BROKEN
    assert loud["train_log_nan.jsonl"].keys() == {"NON_FINITE_LOSS", "NON_FINITE"}


def test_real_trainings_of_networks_that_grow_raise_no_false_alarm(shared_data: Path) -> None:
    assert alerts_of(shared_data / "esper" / "heuristic_easy.jsonl") == {}
    assert alerts_of(shared_data / "esper" / "ppo_killed.jsonl") == {}
