"""Real files of real libraries, against what a plain script finds in each."""

import json
import math
from collections import Counter
from pathlib import Path

import pytest
from karn_view.formats import Batch, layout
from karn_view.store import Store
from reading import Reading, committed, plain_numbers, plain_records, read_file, same

MMENGINE = "mmengine/{}/vis_data/{}.json"


@pytest.fixture(scope="module")
def wild(shared_data: Path) -> Path:
    return shared_data / "wild"


def charts_of(reading: Reading) -> dict[str, str]:
    """The chart of each metric, laid out by what the rows say."""
    store = Store()
    store.append(Batch(reading.rows, reading.marks, None))
    placed = layout(store.summaries(), reading.reader.units, reading.reader.summaries)
    return {chart.name: "" if chart.hidden else chart.chart for chart in placed}


def assert_every_number_is_a_point(reading: Reading, path: Path, but: set[str]) -> None:
    """Each number of the plain reading is a value of the series of its name, in order."""
    plain: dict[str, list[float]] = {}
    for record in plain_records(path):
        for name, value in plain_numbers(record):
            plain.setdefault(name, []).append(value)
    assert set(plain) - but <= reading.names
    for name in set(plain) - but:
        assert same(reading.values(name), plain[name]), name


def test_deit(wild: Path) -> None:
    path = wild / "deit/log.txt"
    reading, records = read_file(path), plain_records(path)
    assert reading.kinds == {"metric": 40}
    assert reading.reader.axis.name == "epoch"
    assert reading.own_x == [record["epoch"] for record in records] == list(range(40))
    assert reading.marks == []
    assert all(math.isnan(row.wall) for row in reading.rows)
    charts = charts_of(reading)
    assert charts["train_loss"] == charts["test_loss"] != ""
    assert charts["n_parameters"] == ""
    assert_every_number_is_a_point(reading, path, set())


def test_detectron2(wild: Path) -> None:
    path = wild / "detectron2/metrics.json"
    reading, records = read_file(path), plain_records(path)
    assert reading.kinds == {"metric": 175}
    assert reading.reader.axis.name == "iteration"
    assert reading.own_x == [record["iteration"] for record in records]
    assert (reading.x[0], reading.x[-1]) == (19, 2999)
    assert [(mark.kind, mark.x, mark.row) for mark in reading.marks] == [("resume", 1519, 100)]
    assert "1999" in reading.marks[0].label
    assert sum(math.isnan(value) for value in reading.values("bbox/AP50")) == 7
    assert_every_number_is_a_point(reading, path, set())


def test_docker(wild: Path) -> None:
    path = wild / "docker-json-file/abc123-json.log"
    reading = read_file(path)
    inner = [json.loads(record["log"]) for record in plain_records(path)[1:]]
    steps = [record["step"] for record in inner if "loss" in record or "accuracy" in record]
    assert reading.kinds == {"text": 1, "event": 7, "metric": 505}
    assert reading.rows[0].text == "Loading dataset..."
    assert reading.own_x == steps
    assert (min(steps), max(steps)) == (0, 499)
    assert reading.marks == []
    assert {round(row.wall % 1, 3) != 0 for row in reading.rows[1:]} == {True}
    assert reading.values("loss") == [record["loss"] for record in inner if "loss" in record]


def test_fairseq(wild: Path) -> None:
    path = wild / "fairseq/train.log"
    reading, records = read_file(path), plain_records(path)
    keys = ("num_updates", "train_num_updates", "valid_num_updates")
    steps = [float(record[key]) for record in records for key in keys if key in record]
    assert reading.kinds == {"metric": 110, "text": 19}
    assert reading.reader.axis.name == "num_updates"
    assert reading.own_x == steps
    assert (steps[0], steps[-1]) == (10, 1000)
    assert reading.marks == []
    spelled = [v for record in records for v in record.values() if isinstance(v, str)]
    assert len(spelled) == 1575
    loss = [float(record["loss"]) for record in records if "loss" in record]
    assert reading.values("loss") == loss
    points = sum(len(row.points) for row in reading.rows)
    assert points == sum(len(record) for record in records)
    charts = charts_of(reading)
    assert charts["loss"] == charts["train_loss"] == charts["valid_loss"]


def test_hand_rolled(wild: Path) -> None:
    path = wild / "hand-rolled/train.jsonl"
    reading, records = read_file(path), plain_records(path)[:618]
    measured = [r for r in records if r.get("type") in ("train", "eval")]
    assert not path.read_bytes().endswith(b"\n")
    assert len(committed(path)) == 618
    assert reading.kinds == {"metric": 612, "event": 6}
    assert Counter(row.type for row in reading.measured) == {"train": 600, "eval": 12}
    assert reading.own_x == [record["step"] for record in measured]
    assert [(mark.kind, mark.x) for mark in reading.marks] == [("run", 0)]
    percents = [float(r["eval/acc"].rstrip("%")) for r in records if "eval/acc" in r]
    assert reading.values("eval/acc") == percents
    assert percents[0] == 37.5
    assert reading.reader.units["eval/acc"] == "%"
    for index in range(3):
        column = [r["per_class"][index] for r in records if "per_class" in r]
        assert reading.values(f"per_class/{index}") == column
    assert [row.wall for row in reading.measured] == [record["time"] for record in measured]
    assert reading.reader.config["lr"] == 0.3


def test_hugging_face(wild: Path) -> None:
    path = wild / "hf-trainer/train_log.jsonl"
    reading, records = read_file(path), plain_records(path)
    assert reading.kinds == {"metric": 88, "summary": 1}
    assert Counter(row.type for row in reading.rows) == {"metric": 80, "eval": 8, "summary": 1}
    assert reading.own_x == [record["step"] for record in records]
    assert (reading.x[0], reading.x[-1]) == (5, 400)
    assert "epoch" in [candidate.name for candidate in reading.reader.axis.candidates]
    assert {"train_runtime", "total_flos"} <= reading.reader.summaries
    charts = charts_of(reading)
    assert charts["train_runtime"] == "" == charts["epoch"]
    assert charts["loss"] == charts["eval_loss"] == "loss"
    assert_every_number_is_a_point(reading, path, set())


def test_hugging_face_with_nan(wild: Path) -> None:
    path = wild / "hf-trainer/train_log_nan.jsonl"
    reading = read_file(path)
    assert len(reading.measured) == 64
    assert reading.own_x[0] == 1
    assert reading.own_x[-1] == 60
    assert sum("NaN" in line for line in path.read_text().splitlines()) == 63
    assert_every_number_is_a_point(reading, path, set())


def test_a_document_with_a_log_history(wild: Path) -> None:
    path = wild / "hf-trainer/trainer_state.json"
    reading, document = read_file(path), json.loads(path.read_text())
    history = document["log_history"]
    assert len(history) == 88
    assert reading.own_x == [entry["step"] for entry in history]
    assert reading.kinds.get("fault", 0) == 0
    assert reading.kinds["config"] == 1
    assert "document" in reading.reader.format
    losses = [entry["loss"] for entry in history if "loss" in entry]
    assert reading.values("loss") == losses


def test_lingua(wild: Path) -> None:
    path = wild / "lingua/metrics.jsonl"
    reading, records = read_file(path), plain_records(path)
    assert reading.kinds == {"metric": 310}
    assert reading.reader.axis.name == "global_step"
    assert reading.own_x == [record["global_step"] for record in records]
    assert [(mark.kind, mark.x) for mark in reading.marks] == [("resume", 1500)]
    assert reading.marks[0].label == "resume: 1990 → 1500"
    assert all(math.isfinite(row.wall) for row in reading.rows)
    assert_every_number_is_a_point(reading, path, set())


def test_llama_factory(wild: Path) -> None:
    path = wild / "llamafactory/trainer_log.jsonl"
    reading, records = read_file(path), plain_records(path)
    assert reading.kinds == {"metric": 134}
    assert reading.own_x == [record["current_steps"] for record in records]
    assert [(mark.kind, mark.x) for mark in reading.marks] == [("resume", 305)]
    assert "400" in reading.marks[0].label
    assert len(reading.values("eval_loss")) == 12
    progress = reading.reader.progress
    assert progress is not None
    assert (progress.position, progress.total) == (500, 500)
    assert reading.values("elapsed_time")[-1] == 5
    assert_every_number_is_a_point(reading, path, {"total_steps", "percentage"})


@pytest.mark.parametrize(
    ("run", "lines", "own", "first", "last"),
    [("20261123_230937", 60, 48, 8, 384), ("20261123_230941", 20, 16, 392, 512)],
)
def test_mmengine_by_epoch(
    wild: Path, run: str, lines: int, own: int, first: int, last: int
) -> None:
    for name in ("scalars", run):
        path = wild / MMENGINE.format(f"epoch/{run}", name)
        reading, records = read_file(path), plain_records(path)
        assert reading.kinds == {"metric": lines}
        assert reading.reader.axis.name == "iter"
        assert reading.own_x == [record["iter"] for record in records if "iter" in record]
        assert (len(reading.own_x), reading.own_x[0], reading.own_x[-1]) == (own, first, last)
        assert reading.marks == []
        carried, x = [], math.nan
        for record in records:
            x = record.get("iter", x)
            if "iter" not in record:
                carried.append((x, record["accuracy/top1"]))
        assert reading.series("accuracy/top1") == carried
        assert_every_number_is_a_point(reading, path, set())


def test_mmengine_validates_at_the_ends_of_epochs(wild: Path) -> None:
    reading = read_file(wild / MMENGINE.format("epoch/20261123_230937", "scalars"))
    assert [x for x, _ in reading.series("accuracy/top1")] == list(range(32, 385, 32))


def test_mmengine_by_iteration(wild: Path) -> None:
    for name in ("scalars", "20261123_230942"):
        path = wild / MMENGINE.format("iter/20261123_230942", name)
        reading, records = read_file(path), plain_records(path)
        assert reading.kinds == {"metric": 66}
        assert reading.reader.axis.name == "step"
        assert reading.own_x == [record["step"] for record in records]
        assert (reading.x[0], reading.x[-1], reading.marks) == (10, 600, [])
        assert len(reading.values("accuracy/top1")) == 6


@pytest.mark.parametrize("trial", ["trial_0", "trial_1"])
def test_ray_tune(wild: Path, trial: str) -> None:
    path = wild / f"ray-tune/{trial}/result.json"
    reading, records = read_file(path), plain_records(path)
    assert reading.kinds == {"metric": 150}
    assert reading.reader.axis.name == "timesteps_total"
    assert reading.own_x == [record["timesteps_total"] for record in records]
    assert (reading.x[0], reading.x[-1], reading.marks) == (640, 96000, [])
    assert [row.wall for row in reading.rows] == [record["timestamp"] for record in records]
    stats = "info/learner/default_policy/learner_stats/"
    kls = [r["info"]["learner"]["default_policy"]["learner_stats"]["kl"] for r in records]
    assert same(reading.values(stats + "kl"), kls)
    entropies = [
        r["info"]["learner"]["default_policy"]["learner_stats"]["entropy"] for r in records
    ]
    assert reading.values(stats + "entropy") == [e for e in entropies if e != "null"]
    assert len(reading.values(stats + "entropy")) < 150
    assert reading.reader.config == records[0]["config"]


def test_stable_baselines3(wild: Path) -> None:
    path = wild / "stable-baselines3/ppo_cartpole/progress.json"
    reading, records = read_file(path), plain_records(path)
    assert reading.kinds == {"metric": 333}
    assert reading.reader.axis.name == "time/total_timesteps"
    assert reading.own_x == [record["time/total_timesteps"] for record in records]
    assert (reading.x[0], reading.x[-1], len(set(reading.x))) == (64, 20032, 331)
    assert reading.marks == []
    assert reading.reader.format == "Stable-Baselines3"
    assert_every_number_is_a_point(reading, path, set())


def test_structlog(wild: Path) -> None:
    path = wild / "structlog/train.log"
    reading, records = read_file(path), plain_records(path)
    measured = [r for r in records if "loss" in r or "accuracy" in r]
    assert reading.kinds == {"metric": 505, "event": 7}
    assert reading.own_x == [record["step"] for record in measured]
    assert (reading.x[0], reading.x[-1], reading.marks) == (0, 499, [])
    assert all(math.isfinite(row.wall) for row in reading.rows)
    events = {row.type: row.severity for row in reading.rows if row.kind == "event"}
    assert events == {"starting": "info", "checkpoint saved": "warning", "crash": "error"}
    assert reading.values("loss") == [r["loss"] for r in records if "loss" in r]


def test_stylegan3(wild: Path) -> None:
    path = wild / "stylegan3/stats.jsonl"
    reading, records = read_file(path), plain_records(path)
    assert reading.kinds == {"metric": 150}
    assert reading.reader.axis.name == "Progress/kimg"
    assert reading.own_x == [record["Progress/kimg"]["mean"] for record in records]
    assert reading.own_x[0] == 0
    assert reading.own_x[-1] == pytest.approx(95.36)
    assert [row.wall for row in reading.rows] == [record["timestamp"] for record in records]
    assert reading.names == set(records[0]) - {"timestamp"}
    for name in reading.names:
        assert reading.values(name) == [record[name]["mean"] for record in records]
        bands = [row.points.bands[name] for row in reading.rows if name in row.points.bands]
        told = [record[name] for record in records if "std" in record[name]]
        assert bands == [(one["mean"] - one["std"], one["mean"] + one["std"]) for one in told]


def test_torchtitan(wild: Path) -> None:
    (path,) = (wild / "torchtitan/structured_logs").glob("*.jsonl")
    reading, records = read_file(path), plain_records(path)
    metrics = [record for record in records if record["log_type_name"] == "metric_value"]
    assert reading.kinds == {"metric": 600, "event": 400}
    assert reading.names == {"loss", "grad_norm", "lr"}
    for name in reading.names:
        plain = [(r["step"], r["value"]) for r in metrics if r["event_name"] == name]
        assert reading.series(name) == plain
        assert [x for x, _ in plain] == list(range(1, 201))
    assert [row.wall for row in reading.rows] == [r["time_us"] / 1e6 for r in records]
    assert reading.marks == []


def test_every_line_of_every_file_is_a_row(wild: Path) -> None:
    for path in sorted(wild.rglob("*")):
        if path.is_file() and path.name not in ("params.json", "trainer_state.json"):
            lines = [line for line in committed(path) if line.data.strip()]
            assert [row.offset for row in read_file(path).rows] == [line.offset for line in lines]
