"""The recorded runs: as their names say, within the laws, and free of the machine they ran on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

RECORDED = ("finished", "killed", "diverged")
OWN = {"RUN_OPENED", "HEARTBEAT", "EVENTS_DROPPED", "RUN_CLOSED"}

Record = dict[str, Any]


def refuse(token: str) -> float:
    raise ValueError(token)


def records(path: Path) -> list[Record]:
    return [json.loads(line, parse_constant=refuse) for line in path.read_bytes().splitlines()]


def non_finite(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(non_finite, value.values()))
    return value in ("NaN", "Infinity", "-Infinity")


@pytest.fixture(params=RECORDED)
def path(request: pytest.FixtureRequest, sample_runs: Path) -> Path:
    return sample_runs / f"{request.param}.jsonl"


def test_every_line_is_committed_strict_and_counted(path: Path) -> None:
    found = records(path)
    assert path.read_bytes().endswith(b"\n")
    assert [record["seq"] for record in found] == list(range(len(found)))
    assert len({record["event_id"] for record in found}) == len(found)


def test_no_path_and_no_name_of_a_machine_is_in_it(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r'"/|/(home|root|tmp|work|usr|opt|mnt)/', text)
    assert records(path)[0]["data"]["host"] == "trainer"
    assert records(path)[0]["data"]["argv0"] == "sample_runs/morphogenesis.py"


def test_it_is_small(path: Path) -> None:
    assert path.stat().st_size < 500_000


def test_the_finished_run_has_something_for_every_panel(sample_runs: Path) -> None:
    found = records(sample_runs / "finished.jsonl")
    assert found[-1]["event_type"] == "RUN_CLOSED"
    assert found[-1]["data"]["status"] == "finished"
    assert found[-1]["data"]["events"] == sum(r["event_type"] not in OWN for r in found)
    kinds = {record["data"].get("kind") or record["event_type"] for record in found}
    assert kinds >= {
        "TRAINING_STARTED",
        "EPOCH_COMPLETED",
        "SEED_GERMINATED",
        "SEED_STAGE_CHANGED",
        "SEED_GATE_EVALUATED",
        "SEED_FOSSILIZED",
        "SEED_PRUNED",
        "COUNTERFACTUAL_MATRIX_COMPUTED",
        "PPO_UPDATE_COMPLETED",
        "BATCH_EPOCH_COMPLETED",
        "EPISODE_OUTCOME",
        "last_action",
        "shapley_computed",
        "batch_stats",
        "action_distribution",
    }


def test_the_killed_run_ends_on_an_ordinary_event(sample_runs: Path) -> None:
    found = records(sample_runs / "killed.jsonl")
    assert found[0]["event_type"] == "RUN_OPENED"
    assert all(record["event_type"] not in OWN for record in found[1:])


def test_the_diverged_run_goes_into_nan_and_fails(sample_runs: Path) -> None:
    found = records(sample_runs / "diverged.jsonl")
    losses = [r["data"]["val_loss"] for r in found if r["event_type"] == "EPOCH_COMPLETED"]
    assert losses[0] == pytest.approx(2.0, abs=0.5)
    assert losses[-1] == "NaN"
    assert any(r["event_type"] == "NUMERICAL_INSTABILITY_DETECTED" for r in found)
    assert found[-1]["data"]["status"] == "failed"
    assert found[-1]["data"]["error"]["type"] == "Diverged"
    assert any(non_finite(record["data"]) for record in found)
