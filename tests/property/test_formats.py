"""A file is understood alike whether it is opened finished or followed line by line."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from karn_view.cache import codec
from karn_view.formats import axis, origin, reader
from karn_view.formats.ahead import Block
from karn_view.formats.rows import Overrides
from karn_view.generation import Generation
from karn_view.lines import LF, Line, split
from karn_view.store import series, store
from karn_view.store.seen import see
from karn_view.store.store import AXES
from karn_view.store.thin import Stretch
from reading import (
    answer,
    committed,
    plain_numbers,
    read_ahead,
    read_portions,
    read_restored,
    restored,
)

NAMES = st.sampled_from(["loss", "train_loss", "eval/loss", "acc", "time", "time/step", "lr"])
KNOWN = ["step", "iter", "epoch", "num_updates", "valid_num_updates", "global_step/max_steps"]
STEPS = st.sampled_from(
    [*KNOWN, "total_steps", "kimg", "global_samples", "batch_step", "val/global_samples"]
)
NUMBERS = st.one_of(
    st.integers(0, 400),
    st.floats(),
    st.sampled_from(["12", "1e-3", "NaN", "5/400", "65.6%", "0:00:05", "null", "text", 1 << 70]),
    st.sampled_from([[0.5], [1, -2.5], [1, 10**400], [3] * 9, [3, True], [], [["auc", 0.5]]]),
)
WORDS = st.sampled_from(
    ["train", "val", "eval", "run_start", "checkpoint", "log", "hello there", "valid_1", "valid_2"]
)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    record: dict[str, Any] = {}
    if draw(st.booleans()):
        record[draw(st.sampled_from(["mode", "type", "event", "run_id", "dataset", "client"]))] = (
            draw(WORDS)
        )
    for _ in range(draw(st.integers(0, 2))):
        record[draw(STEPS)] = draw(NUMBERS)
    for _ in range(draw(st.integers(0, 3))):
        record[draw(NAMES)] = draw(NUMBERS)
    if draw(st.integers(0, 5)) == 0:
        record["data"] = {draw(NAMES): draw(NUMBERS), "deeper": {draw(STEPS): draw(NUMBERS)}}
    if draw(st.integers(0, 5)) == 0:
        record["timestamp"] = draw(
            st.sampled_from([1.7e9, 1_700_000_000_000, "2024-05-01 10:00:00"])
        )
    return record


@st.composite
def stretches(draw: st.DrawFn) -> list[str]:
    """Some lines in a row as a training would write them, or as an accident would."""
    kind = draw(st.integers(0, 6))
    if kind == 0:
        return ["Epoch 3", "", '{"step": 3, "lo', "{'a': 1}", "[1, 2]"]
    if kind == 1:
        return ['2024-05-01T10:00:00Z stdout P {"step": 7,', "2024-05-01T10:00:01Z stdout F 1}"]
    if kind == 2:
        return json.dumps({"log_history": draw(st.lists(records(), max_size=3))}, indent=1).split(
            "\n"
        )
    if kind == 3:
        return [json.dumps(draw(records()))]
    shape, begin = draw(records()), draw(st.integers(0, 300))
    name, label = draw(STEPS), draw(st.sampled_from(["train", "val"]))
    return [
        json.dumps({"mode": label, **shape, name: begin + index, "loss": index / 7})
        for index in range(draw(st.integers(1, 90)))
    ]


FILES = st.lists(stretches(), max_size=8).map(
    lambda parts: [line for part in parts for line in part]
)


def in_portions(lines: list[Line], sizes: list[int]) -> Iterator[list[Line]]:
    for size in sizes:
        yield lines[:size]
        lines = lines[size:]
    yield lines


@given(FILES, st.lists(st.integers(0, 60)))
def test_any_portions_give_the_same_rows(text: list[str], sizes: list[int]) -> None:
    lines = split("".join(line + "\n" for line in text).encode(), 0)
    whole = answer(read_portions([lines]))
    assert answer(read_portions(in_portions(lines, sizes))) == whole
    assert answer(read_portions([line] for line in lines)) == whole


@given(FILES, st.lists(st.integers(0, 60)))
def test_a_reader_that_is_restored_reads_on_as_if_nothing_had_been(
    text: list[str], sizes: list[int]
) -> None:
    lines = split("".join(line + "\n" for line in text).encode(), 0)
    assert answer(read_restored(in_portions(lines, sizes))) == answer(read_portions([lines]))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that settle after a few lines, so that short files are read in bulk too."""
    monkeypatch.setattr(axis, "LAST", 3)
    monkeypatch.setattr(origin, "_LOOKED_AT", 2)
    monkeypatch.setattr(reader, "_FEW", 2)
    monkeypatch.setattr(reader, "_SHORT", 1)


@st.composite
def rounds(draw: st.DrawFn) -> list[str]:
    """Records of a few shapes in turns, as trainings write them, and some accidents."""
    shapes = draw(st.lists(records(), min_size=1, max_size=3))
    step, lines, is_journal = draw(st.integers(0, 9)), [], not draw(st.integers(0, 5))
    for number in range(draw(st.integers(1, 40))):
        shape = dict(shapes[number % len(shapes)])
        for name, value in shape.items():
            if type(value) is int and value < 1 << 62:
                shape[name] = value + draw(st.integers(0, 2)) if draw(st.booleans()) else value
            elif type(value) is float:
                shape[name] = value + number if draw(st.booleans()) else None
        if draw(st.integers(0, 8)):
            shape["step"] = step + number
        line = json.dumps(shape)
        if is_journal:
            line = json.dumps(
                {"MESSAGE": line, "__REALTIME_TIMESTAMP": f"{1_700_000_000 + number}000000"}
            )
        lines.append(line)
        if not draw(st.integers(0, 12)):
            lines += draw(stretches())
    return lines


TEXTS = st.lists(st.one_of(rounds(), stretches()), max_size=5).map(
    lambda parts: list(chain.from_iterable(parts))
)


@pytest.mark.usefixtures("hurried")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    TEXTS,
    st.lists(st.integers(0, 60)),
)
def test_lines_read_in_bulk_are_read_as_one_by_one(text: list[str], sizes: list[int]) -> None:
    lines = split("".join(line + "\n" for line in text).encode(), 0)
    one_by_one = answer(read_portions([line] for line in lines))
    assert answer(read_portions([lines])) == one_by_one
    assert answer(read_portions(in_portions(lines, sizes))) == one_by_one


TYPES = [
    *("EPOCH_COMPLETED", "METRICS", "SEED_CULLED", "RUN_OPENED"),
    *("TRAINING_STARTED", "PPO_UPDATE_COMPLETED", "OF_OUR_OWN"),
]
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, 1, 2.0, 1.5, "3", "", "NaN", True, [], {}, -1, 1 << 60, "é" * 200]
)


@st.composite
def events(draw: st.DrawFn, types: list[str]) -> str:
    """A Karn event, usually as it ought to be, else with a field that holds anything."""
    epoch = draw(st.integers(0, 20))
    event: dict[str, Any] = {
        "event_id": "0",
        "event_type": draw(st.sampled_from(types)),
        "timestamp": f"2026-11-23T22:57:{epoch:02}.859028+00:00",
        "seed_id": None,
        "slot_id": "r0c0",
        "epoch": epoch,
        "message": "",
        "data": {"env_id": draw(st.integers(0, 1)), "inner_epoch": epoch, "step": epoch},
        "severity": draw(st.sampled_from(["info", "warn", "loud"])),
    }
    if draw(st.booleans()):
        event["data"] |= {"val_loss": draw(st.floats()), "metrics": {"loss": 0.5}}
    if not draw(st.integers(0, 3)):
        where = draw(st.sampled_from([event, event["data"]]))
        where[draw(st.sampled_from([*where, "other"]))] = draw(ODD)
    return json.dumps(event)


def logged(step: int) -> str:
    return json.dumps({"event_type": "METRICS", "data": {"step": step, "metrics": {"loss": 0.5}}})


def trained(epoch: int) -> str:
    data = {"env_id": 0, "inner_epoch": 100 + epoch, "val_loss": 0.5}
    return json.dumps({"event_type": "EPOCH_COMPLETED", "data": data})


def foreign(step: int) -> str:
    return json.dumps({"step": step, "loss": 0.5})


OPENED = json.dumps({"event_type": "RUN_OPENED", "data": {}})

EVENTS = st.lists(st.sampled_from(TYPES), min_size=1, max_size=4).flatmap(
    lambda types: st.lists(events(types), max_size=20)
)
TELEMETRY = st.lists(st.one_of(EVENTS, EVENTS, EVENTS, stretches()), max_size=5).map(
    lambda parts: list(chain.from_iterable(parts))
)


@pytest.mark.usefixtures("hurried")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TELEMETRY, st.lists(st.integers(0, 60)), st.sampled_from([None, "epoch", "wall", "line"]))
@example([*map(logged, range(9)), *map(trained, range(9))], [], None)
@example([OPENED, *map(foreign, range(4)), *map(trained, range(4))], [], None)
def test_events_read_together_are_read_as_one_by_one(
    text: list[str], sizes: list[int], x: str | None
) -> None:
    lines = split("".join(line + "\n" for line in text).encode(), 0)
    alone, together = (
        read_portions(portions, Overrides(x))
        for portions in (([line] for line in lines), in_portions(lines, sizes))
    )
    assert answer(together) == answer(alone)
    assert repr([row.event for row in together.rows]) == repr([row.event for row in alone.rows])


def in_blocks(lines: list[Line], sizes: list[int]) -> list[Block]:
    portions = [portion for portion in in_portions(lines, sizes) if portion]
    return [
        Block(portion[0].offset, b"".join(line.data + LF for line in portion))
        for portion in portions
    ]


@pytest.mark.usefixtures("hurried")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    TEXTS,
    st.lists(st.integers(0, 60)),
    st.none() | st.integers(0, 3),
)
def test_blocks_read_ahead_are_read_as_one_by_one(
    text: list[str], sizes: list[int], lag: int | None
) -> None:
    lines = split("".join(line + "\n" for line in text).encode(), 0)
    one_by_one = answer(read_portions([line] for line in lines))
    assert answer(read_ahead(in_blocks(lines, sizes), lag)) == one_by_one


@pytest.mark.usefixtures("hurried")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    TEXTS,
    st.lists(st.integers(0, 60)),
)
def test_a_reader_that_is_restored_in_a_hurry_reads_on_alike(
    text: list[str], sizes: list[int]
) -> None:
    lines = split("".join(line + "\n" for line in text).encode(), 0)
    one_by_one = answer(read_portions([line] for line in lines))
    assert answer(read_restored(in_portions(lines, sizes))) == one_by_one


@pytest.fixture
def settled_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Points settle in small blocks, and short columns are kept as long ones are."""
    monkeypatch.setattr(series, "SETTLED", 16)
    monkeypatch.setattr(store, "SETTLED", 16)
    monkeypatch.setattr(codec, "WITHIN_BYTES", 64)


@pytest.mark.usefixtures("hurried", "settled_early")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    TEXTS,
    st.lists(st.integers(0, 60)),
)
def test_what_is_known_of_a_file_is_the_same_once_it_was_restored(
    text: list[str], sizes: list[int]
) -> None:
    lines = split("".join(line + "\n" for line in text).encode(), 0)
    whole, broken = (Generation("id", "", Overrides()) for _ in range(2))
    for portion in in_portions(lines, sizes):
        broken = restored(broken)
        for generation in (whole, broken):
            end = portion[-1].offset + len(portion[-1].data) + 1 if portion else generation.end
            generation.absorb(portion, end)
            generation.look("run")
    assert told(broken) == told(whole)


def told(generation: Generation) -> str:
    """All that is known, NaN being equal to itself."""
    kept = generation.store
    curves = [
        [column.tolist() for column in see(kept, name, axis, Stretch(points=points)).curve[:5]]
        for name in kept.series
        for axis in AXES
        for points in (8, 1_000)
    ]
    found = (curves, generation.summaries(), kept.marks, kept.faults, generation.end)
    alerts = generation.watch.alerts(kept).dashboard()
    return repr((found, generation.dashboard.dashboard(), alerts, generation.reader.counts))


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("lag", [None, 0, 2])
def test_real_files_read_ahead_are_read_as_line_by_line(shared_data: Path, lag: int | None) -> None:
    for path in sorted(shared_data.rglob("*")):
        if path.is_file() and path.stat().st_size < 600_000:
            lines = committed(path)
            blocks = in_blocks(lines, [40] * (len(lines) // 40))
            one_by_one = answer(read_portions([line] for line in lines))
            assert answer(read_ahead(blocks, lag)) == one_by_one, path


@pytest.mark.usefixtures("hurried")
def test_real_files_in_bulk_are_read_as_line_by_line(shared_data: Path) -> None:
    for path in sorted(shared_data.rglob("*")):
        if path.is_file() and path.stat().st_size < 600_000:
            lines = committed(path)
            assert answer(read_portions([lines])) == answer(read_portions([n] for n in lines)), path


@given(FILES)
def test_no_content_raises_and_offsets_ascend(text: list[str]) -> None:
    lines = split("".join(line + "\n" for line in text).encode(), 0)
    offsets = [row.offset for row in read_portions([lines]).rows]
    assert offsets == sorted(offsets)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_json_value_is_read_without_raising(value: Any) -> None:
    lines = split((json.dumps(value) + "\n").encode() * 3, 0)
    assert len(read_portions([lines]).rows) % 3 == 0


@given(
    st.lists(st.dictionaries(st.sampled_from("abcdefg"), st.floats() | st.integers()), min_size=1)
)
def test_no_number_of_a_record_is_lost(found: list[dict[str, float]]) -> None:
    lines = split("".join(json.dumps(record) + "\n" for record in found).encode(), 0)
    rows = read_portions([lines]).rows
    assert [repr(row.points) for row in rows] == [repr(list(plain_numbers(r))) for r in found]


def test_real_files_are_understood_alike_line_by_line(shared_data: Path) -> None:
    for path in sorted(shared_data.rglob("*")):
        if path.is_file() and path.stat().st_size < 600_000:
            lines = committed(path)
            whole = answer(read_portions([lines]))
            assert answer(read_portions([line] for line in lines)) == whole, path
            assert answer(read_portions(in_portions(lines, [7] * 40))) == whole, path


def test_readers_of_real_files_are_restored_alike(shared_data: Path) -> None:
    for path in sorted(shared_data.rglob("*")):
        if path.is_file() and path.stat().st_size < 600_000:
            lines = committed(path)
            portions = in_portions(lines, [1, 2, 20, len(lines) // 2, len(lines) // 4])
            assert answer(read_restored(portions)) == answer(read_portions([lines])), path


@pytest.mark.parametrize("ending", [b"\r\n", b" \n"])
def test_the_end_of_a_line_changes_nothing(ending: bytes) -> None:
    rows = read_portions([split(b'{"step": 1, "loss": 2.5}' + ending, 0)]).rows
    assert [(row.x, list(row.points)[-1]) for row in rows] == [(1, ("loss", 2.5))]
